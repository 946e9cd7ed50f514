import { shortName } from '../../../graph/graph.js';
import type { Padding, Size2 } from '../../../graph/ops.js';
import { samePadding } from '../../../graph/same-padding.js';
import { allocate, elementCount, plain, scaleOf, type Tensor, type TensorId } from '../../../graph/tensor.js';
import type { Site } from '../site.js';

/** Bound of a pool's window: unlike a filter's it costs no bytes, so that a damaged file could state any. */
const MAX_POOL_TAPS = 2 ** 20;

/** CONV_2D: x, filter OHWI, bias?. */
export function conv2d(site: Site): void {
  const window = readWindow(site);
  site.emit('CONV_2D', window, [site.input(0), filterOf(site), bias(site, 2)]);
}

/** DEPTHWISE_CONV_2D: x, filter 1HWC, bias?. The file's depth_multiplier is redundant and often 0 or wrong. */
export function depthwiseConv2d(site: Site): void {
  const window = readWindow(site);
  const channels = image(site, site.inputTensor(0))[3];
  const depthMultiplier = image(site, site.inputTensor(1))[3] / channels;
  site.emit('DEPTHWISE_CONV_2D', { ...window, depthMultiplier }, [
    site.input(0),
    filterOf(site),
    bias(site, 2),
  ]);
}

/** TRANSPOSE_CONV: output shape, filter OHWI, x, bias?. The output shape is that of the output tensor. */
export function transposeConv(site: Site): void {
  const stride = readStride(site);
  const filter = image(site, site.inputTensor(1));
  const output = image(site, site.outputTensor());
  const padding = pad(site, output, { height: filter[1], width: filter[2] }, stride, { height: 1, width: 1 });
  site.emit('TRANSPOSE_CONV', { stride, padding, clamp: site.clamp() }, [
    site.input(2),
    site.input(1),
    bias(site, 3),
  ]);
}

/** FULLY_CONNECTED: x, filter [N, K], bias?. TFLite flattens x to rows of K, whatever its shape. */
export function fullyConnected(site: Site): void {
  if (site.text('weights_format') !== 'DEFAULT') {
    site.fail('BL104', 'has shuffled weights', 'Convert the model without weight shuffling');
  }
  const x = site.inputTensor(0);
  const depth = site.inputTensor(1).shape[1] ?? site.fail('BL102', 'has a filter that is no matrix');
  const count = elementCount(x.shape);
  let input = site.input(0);
  if (x.shape.at(-1) !== depth && count % depth === 0) {
    input = site.reshape(input, [count / depth, depth]);
  }
  checkBiasScale(site);
  site.emit('FULLY_CONNECTED', { clamp: site.clamp() }, [input, filterOf(site), bias(site, 2)]);
}

/**
 * Filter 1. Of a layer of float32 with an int8 filter (quantized for size, in TFLite's dynamic range form) the real numbers that it stands
 * for: the layer computes in float32 here, as before it was quantized.
 */
function filterOf(site: Site): TensorId {
  const filter = site.inputTensor(1);
  const { data, format, shape } = filter;
  if (
    site.inputTensor(0).format.type !== 'float32' ||
    format.scales.length === 0 ||
    !(data instanceof Int8Array)
  )
    return site.input(1);
  site.note(
    'int8 weights are taken as float32; TensorFlow Lite rounds the activations too where it meets them',
  );
  const { scales, zeroPoints, axis } = format;
  const inner = axis === null ? 1 : elementCount(shape.slice(axis + 1));
  const reals = Float32Array.from(data, (code, i) => {
    const c = axis === null ? 0 : Math.floor(i / inner) % scales.length;
    return scales[c]! * (code - zeroPoints[c]!);
  });
  return site.add({ ...filter, format: plain('float32'), data: reals });
}

/** TFLite Micro's condition on per-tensor FULLY_CONNECTED: the bias counts in steps of input scale * filter scale. */
function checkBiasScale(site: Site): void {
  const filter = site.inputTensor(1);
  const isReal = site.inputTensor(0).format.type === 'float32';
  if (!site.has(2) || isReal || filter.format.scales.length !== 1) return;
  const [input = 0, output = 0] = [site.inputTensor(0), site.outputTensor()].map(
    ({ format }) => format.scales[0],
  );
  const [step = 0] = site.inputTensor(2).format.scales;
  if (Math.abs(input * scaleOf(filter) - step) / output > 0.02) {
    site.fail(
      'BL107',
      `has a bias of scale ${step} instead of ${input * scaleOf(filter)}`,
      'Quantize the model with a converter that follows the TFLite quantization specification',
    );
  }
}

/** BATCH_MATMUL: a, b. */
export function batchMatMul(site: Site): void {
  site.emit('BATCH_MATMUL', { adjX: site.bool('adj_x'), adjY: site.bool('adj_y') }, [
    site.input(0),
    site.input(1),
  ]);
}

/** AVERAGE_POOL_2D and MAX_POOL_2D: x. */
export function pool2d(kind: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D'): (site: Site) => void {
  return (site) => {
    const filter = { height: site.int('filter_height'), width: site.int('filter_width') };
    if (filter.height < 1 || filter.width < 1 || filter.height * filter.width > MAX_POOL_TAPS) {
      site.fail('BL102', `has a window of ${filter.height} x ${filter.width}`);
    }
    const input = image(site, site.inputTensor(0));
    const stride = readStride(site);
    const padding = pad(site, input, filter, stride, { height: 1, width: 1 });
    site.emit(kind, { filter, stride, padding, clamp: site.clamp() }, [site.input(0)]);
  };
}

function readWindow(site: Site) {
  const stride = readStride(site);
  const dilation = positive(site, 'dilation', 'dilation_h_factor', 'dilation_w_factor');
  const input = image(site, site.inputTensor(0));
  const filter = image(site, site.inputTensor(1));
  const padding = pad(site, input, { height: filter[1], width: filter[2] }, stride, dilation);
  return { stride, dilation, padding, clamp: site.clamp() };
}

function readStride(site: Site): Size2 {
  return positive(site, 'stride', 'stride_h', 'stride_w');
}

/** Two sizes from options; both at least 1. */
export function positive(site: Site, what: string, heightOption: string, widthOption: string): Size2 {
  const size = { height: site.int(heightOption), width: site.int(widthOption) };
  if (size.height < 1 || size.width < 1) {
    site.fail('BL102', `has the ${what} ${size.height} x ${size.width}`);
  }
  return size;
}

/** The four sizes of an image or filter. */
export function image(site: Site, tensor: Tensor): readonly [number, number, number, number] {
  const [n, h, w, c] = tensor.shape;
  if (tensor.shape.length !== 4 || !n || !h || !w || !c) {
    return site.fail(
      'BL104',
      `needs four dimensions, but '${shortName(tensor.name)}' has the shape [${tensor.shape}]`,
    );
  }
  return [n, h, w, c];
}

/** SAME: out = ceil(in / stride), the odd element at the end. VALID: none. */
export function pad(
  site: Site,
  input: readonly [number, number, number, number],
  filter: Size2,
  stride: Size2,
  dilation: Size2,
): Padding {
  if (site.text('padding') === 'VALID') return { top: 0, bottom: 0, left: 0, right: 0 };
  const reach = (taps: number, step: number) => (taps - 1) * step + 1;
  const vertical = samePadding(input[1], reach(filter.height, dilation.height), stride.height);
  const horizontal = samePadding(input[2], reach(filter.width, dilation.width), stride.width);
  return {
    top: Math.floor(vertical / 2),
    bottom: Math.ceil(vertical / 2),
    left: Math.floor(horizontal / 2),
    right: Math.ceil(horizontal / 2),
  };
}

/**
 * The bias, or null. An int16 operator without bias accumulates in 64 bits, unless quantized_bias_type says INT32:
 * then zeros of that type carry the choice into the graph.
 */
function bias(site: Site, i: number): TensorId | null {
  if (site.has(i)) return site.input(i);
  const narrow = site.name !== 'DEPTHWISE_CONV_2D' && site.text('quantized_bias_type') === 'INT32';
  if (!narrow || site.inputTensor(0).format.type !== 'int16') return null;
  const channels = site.inputTensor(1).shape[0] ?? 0;
  return site.add({
    name: `${site.outputTensor().name} bias`,
    shape: [channels],
    format: plain('int32'),
    data: allocate('int32', channels),
    state: false,
  });
}
