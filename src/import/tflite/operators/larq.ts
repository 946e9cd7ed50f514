/**
 * Operators of Larq Compute Engine, whose networks have binary weights and activations (Bannink et al., arXiv 2011.09398).
 * A set bit is -1. Sources: its `core/bconv2d/output_transform.h` and `tflite/kernels/*.cc`.
 */
import { shortName } from '../../../graph/graph.js';
import type { Window } from '../../../graph/ops.js';
import {
  INTEGER_RANGE,
  perTensor,
  scaleOf,
  type Tensor,
  type TensorId,
  zeroPointOf,
} from '../../../graph/tensor.js';
import { clamp } from '../../../numerics/fixed-point.js';
import { roundHalfAway } from '../../../numerics/requantize.js';
import { convMultipliers } from '../../../numerics/scales.js';
import type { Site } from '../site.js';
import { type Codes, nearestEnding } from './binary-ending.js';
import { image, pad, positive } from './convolution.js';

const WORD = 32;

/** LceQuantize: int8 codes below the zero point become -1, all others +1. */
export function quantize(site: Site): void {
  const { format, name } = site.inputTensor(0);
  if (format.type !== 'int8') {
    site.fail(
      'BL104',
      `takes the signs of '${shortName(name)}', which is ${format.type}`,
      'Convert with int8 activations around the binary layers',
    );
  }
  const zero = format.zeroPoints[0] ?? 0;
  const table = Int8Array.from({ length: 256 }, (_, i) => (i - 128 < zero ? -1 : 1));
  site.emit('TABLE', { table }, [site.input(0)]);
}

/** LceDequantize: to int8 codes of +-1, or to float32. */
export function dequantize(site: Site): void {
  const { type } = site.outputTensor().format;
  site.emit(type === 'float32' ? 'DEQUANTIZE' : 'QUANTIZE', {}, [site.input(0)]);
}

/** LceBMaxPool2d. */
export function maxPool(site: Site): void {
  const filter = positive(site, 'window', 'filter_height', 'filter_width');
  const stride = positive(site, 'stride', 'stride_height', 'stride_width');
  const padding = pad(site, image(site, site.inputTensor(0)), filter, stride, { height: 1, width: 1 });
  site.emit('MAX_POOL_2D', { filter, stride, padding, clamp: INTEGER_RANGE.binary }, [site.input(0)]);
}

/**
 * LceBconv2d: x, filter of words, multipliers, biases, thresholds. Signs come from thresholds; int8 codes from
 * `round(multiplier * activation(sum) + bias)`: `nearestEnding` says how.
 */
export function conv2d(site: Site): void {
  const filter = readFilter(site);
  const [, height, width] = filter.shape as [number, number, number, number];
  const stride = positive(site, 'stride', 'stride_height', 'stride_width');
  const dilation = positive(site, 'dilation', 'dilation_height_factor', 'dilation_width_factor');
  const padding = pad(site, image(site, site.inputTensor(0)), { height, width }, stride, dilation);
  const x = site.int('pad_values') === 1 ? padWithOnes(site, padding) : site.input(0);
  const explicit = site.int('pad_values') === 1 ? { top: 0, bottom: 0, left: 0, right: 0 } : padding;
  const window = { stride, dilation, padding: explicit };
  const output = site.outputTensor();
  if (output.format.type === 'binary') emitSigns(site, x, filter, window);
  else if (output.format.type === 'int8') emitCodes(site, x, filter, window, output);
  else {
    site.fail(
      'BL104',
      `computes ${output.format.type}, so that a float remains on the path`,
      'Convert with int8 activations around the binary layers',
    );
  }
}

interface Filter {
  /** OHWI. */
  readonly shape: readonly number[];
  readonly signs: Int8Array;
}

/** Filters are packed along their channels; those of groups are whole words. */
function readFilter(site: Site): Filter {
  const { shape, data } = site.inputTensor(1);
  const channels = site.int('channels_in');
  const [outputs, height, width, words] = image(site, site.inputTensor(1));
  const all = Math.ceil(channels / WORD);
  if (
    !(data instanceof Int32Array) ||
    channels < 1 ||
    all % words !== 0 ||
    (words < all && channels % WORD !== 0)
  ) {
    return site.fail('BL102', `has filters of [${shape}] words for ${channels} channels`);
  }
  const depth = words === all ? channels : words * WORD;
  const signs = new Int8Array(outputs * height * width * depth);
  for (let i = 0; i < signs.length; i++) {
    const channel = i % depth;
    const word = data[Math.floor(i / depth) * words + Math.floor(channel / WORD)]!;
    signs[i] = (word >>> (channel % WORD)) & 1 ? -1 : 1;
  }
  return { shape: [outputs, height, width, depth], signs };
}

function padWithOnes(site: Site, { top, bottom, left, right }: Window['padding']): TensorId {
  if (top + bottom + left + right === 0) return site.input(0);
  const x = site.inputTensor(0);
  const [n, h, w, c] = image(site, x);
  const shape = [n, h + top + bottom, w + left + right, c];
  const padded = site.add({ ...x, name: `${x.name} padded`, shape });
  site.emit(
    'PAD',
    { before: [0, top, left, 0], after: [0, bottom, right, 0], value: 1 },
    [site.input(0)],
    [padded],
  );
  return padded;
}

/** The file's threshold counts differing bits: more than it give -1. */
function emitSigns(site: Site, x: TensorId, filter: Filter, window: Omit<Window, 'clamp'>): void {
  const [outputs = 0] = filter.shape;
  const bits = filter.signs.length / outputs;
  const { data } = site.inputTensor(4);
  if (!(data instanceof Int32Array) || data.length !== outputs) {
    site.fail('BL102', `has no threshold for each of ${outputs} channels`);
  }
  const { min, max } = INTEGER_RANGE.int32;
  const thresholds = Int32Array.from(data as Int32Array, (count) => clamp(bits - 2 * count, min, max));
  const constants = [constant(site, filter, filter.signs, [1]), null, thresholdTensor(site, thresholds, 1)];
  site.emit('CONV_2D', { ...window, clamp: INTEGER_RANGE.binary }, [x, ...constants]);
}

function emitCodes(
  site: Site,
  x: TensorId,
  filter: Filter,
  window: Omit<Window, 'clamp'>,
  output: Tensor,
): void {
  const [outputs = 0] = filter.shape;
  const [multipliers, biases] = [2, 3].map((i) => realNumbers(site, i, outputs));
  const bits = filter.signs.length / outputs;
  const bounds = sumBounds(site, bits);
  const scale = scaleOf(output);
  const channels = Array.from({ length: outputs }, (_, c): Codes => {
    // As the reference does: in binary64, then float32 arithmetic on twice the count of differing bits.
    const factor = Math.fround(-multipliers![c]! / scale);
    const offset = Math.fround((biases![c]! + bits * multipliers![c]!) / scale + zeroPointOf(output));
    return {
      falls: multipliers![c]! < 0,
      multiplier: Math.abs(multipliers![c]!),
      offset: biases![c]! / Math.abs(multipliers![c]! || 1),
      code: (sum) => {
        const twice = bits - clamp(sum, bounds.min, bounds.max);
        const { min, max } = INTEGER_RANGE.int8;
        return clamp(roundHalfAway(Math.fround(Math.fround(twice * factor) + offset)), min, max);
      },
    };
  });
  const ending = nearestEnding(channels, bits, output, (scales) =>
    convMultipliers(1, scales, scale, outputs),
  );
  if (ending.off > 0) {
    const sums = outputs * (bits + 1);
    site.note(
      `codes of ${ending.off} of the ${sums} sums that its channels can have are one off from float arithmetic`,
    );
  }
  const signs = filter.signs.map((sign, i) => {
    const { falls } = channels[Math.floor(i / bits)]!;
    return (falls ? -sign : sign) * ending.step;
  });
  const weights = constant(site, filter, signs, ending.scales);
  const bias = ending.bias && vector(site, 'bias', ending.bias, [outputs]);
  const thresholds =
    ending.thresholds && thresholdTensor(site, ending.thresholds, ending.thresholds.length / outputs);
  const inputs = thresholds === null ? [x, weights, bias] : [x, weights, bias, thresholds];
  site.emit('CONV_2D', { ...window, clamp: ending.clamp }, inputs);
}

/** The fused activation bounds the sum itself, before multiplier and bias. */
function sumBounds(site: Site, bits: number): { readonly min: number; readonly max: number } {
  switch (site.text('fused_activation_function')) {
    case 'RELU':
      return { min: 0, max: bits };
    case 'RELU6':
      return { min: 0, max: Math.min(6, bits) };
    case 'RELU_N1_TO_1':
      return { min: -1, max: 1 };
    default:
      return { min: -bits, max: bits };
  }
}

function realNumbers(site: Site, i: number, count: number): Float32Array {
  const { data } = site.inputTensor(i);
  if (data instanceof Float32Array && data.length === count && data.every(Number.isFinite)) return data;
  return site.fail('BL102', `has no float32 constant of ${count} elements as input ${i}`);
}

function constant(site: Site, { shape }: Filter, data: Int8Array, scales: readonly number[]): TensorId {
  const format =
    scales.length === 1
      ? perTensor('int8', scales[0]!, 0)
      : { type: 'int8' as const, scales, zeroPoints: scales.map(() => 0), axis: 0 };
  const { name } = site.inputTensor(1);
  return site.add({ name, shape, format, data, state: false });
}

function thresholdTensor(site: Site, data: Int32Array, steps: number): TensorId {
  return vector(site, 'thresholds', data, [data.length / steps, steps]);
}

function vector(site: Site, what: string, data: Int32Array, shape: readonly number[]): TensorId {
  const format = { type: 'int32' as const, scales: [], zeroPoints: [], axis: null };
  return site.add({ name: `${site.outputTensor().name} ${what}`, shape, format, data, state: false });
}
