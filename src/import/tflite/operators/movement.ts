import { shortName } from '../../../graph/graph.js';
import { sameFormat, zeroPointOf } from '../../../graph/tensor.js';
import type { Site } from '../site.js';

/** RESHAPE, SQUEEZE, EXPAND_DIMS: x. The output's shape says it all. */
export function reshape(site: Site): void {
  site.emit('RESHAPE', {}, [site.input(0)]);
}

/**
 * DENSIFY and DEQUANTIZE: x. A constant of floats is the same one, as float16 is widened and sparse elements are expanded when it is read;
 * else codes become reals.
 */
export function widened(site: Site): void {
  const x = site.inputTensor(0);
  if (x.data && x.format.type === site.outputTensor().format.type) site.define(x);
  else site.emit('DEQUANTIZE', {}, [site.input(0)]);
}

/** DEPTH_TO_SPACE: x NHWC. Blocks of channels become blocks of the image, rows of a block first. */
export function depthToSpace(site: Site): void {
  const [n = 0, h = 0, w = 0, c = 0] = site.inputTensor(0).shape;
  const block = site.int('block_size');
  const depth = c / block ** 2;
  if (!Number.isInteger(depth) || depth < 1 || block < 1)
    site.fail('BL102', `takes blocks of ${block} from ${c} channels`);
  const apart = site.reshape(site.input(0), [n, h, w, block, block, depth]);
  const perm = [0, 1, 3, 2, 4, 5];
  const { name, format } = site.outputTensor();
  const moved = {
    name: `${name} by blocks`,
    shape: [n, h, block, w, block, depth],
    format,
    data: null,
    state: false,
  };
  const blocks = site.add(moved);
  site.emit('TRANSPOSE', { perm }, [apart], [blocks]);
  site.emit('RESHAPE', {}, [blocks]);
}

/** PAD and PADV2: x, paddings [rank, 2], value?. Without a value, int8's zero point; 0 for other types. */
export function pad(site: Site): void {
  const rank = site.inputTensor(0).shape.length;
  const paddings = site.constant(1, 'paddings');
  if (paddings.length !== 2 * rank) {
    site.fail('BL102', `has ${paddings.length} paddings for ${rank} dimensions`);
  }
  const before = paddings.filter((_, i) => i % 2 === 0);
  const after = paddings.filter((_, i) => i % 2 === 1);
  site.emit('PAD', { before, after, value: padValue(site) }, [site.input(0)]);
}

function padValue(site: Site): number {
  const output = site.outputTensor();
  if (!site.has(2)) return output.format.type === 'int8' ? zeroPointOf(output) : 0;
  const value = site.inputTensor(2);
  const code = value.data?.[0];
  if (code === undefined) {
    return site.fail('BL104', 'takes its value from another operator', 'Make the value a constant');
  }
  if (!sameFormat(value.format, output.format)) {
    site.fail(
      'BL107',
      `has a value '${shortName(value.name)}' of another scale or zero point than its output`,
    );
  }
  return Number(code);
}

/** CONCATENATION: any number of inputs. TFLite Micro rescales none, and neither does Bitloom. */
export function concatenation(site: Site): void {
  site.requireNoActivation();
  const output = site.outputTensor();
  const ids = Array.from({ length: site.inputCount }, (_, i) => site.input(i));
  for (let i = 0; i < site.inputCount; i++) {
    const input = site.inputTensor(i);
    if (!sameFormat(input.format, output.format)) {
      site.fail(
        'BL107',
        `has an input '${shortName(input.name)}' of another type, scale or zero point than its output`,
        'Convert the model with a converter that gives all inputs of CONCATENATION one scale',
      );
    }
  }
  site.emit('CONCATENATION', { axis: site.axis(site.int('axis'), output.shape.length) }, ids);
}

/** TRANSPOSE: x, perm. */
export function transpose(site: Site): void {
  const perm = site.constant(1, 'permutation');
  const { shape } = site.inputTensor(0);
  if (perm.length !== shape.length)
    site.fail('BL102', `permutes ${perm.length} of ${shape.length} dimensions`);
  site.emit('TRANSPOSE', { perm: perm.map((axis) => site.axis(axis, perm.length)) }, [site.input(0)]);
}

/** PACK: any number of inputs, joined along a new dimension. */
export function pack(site: Site): void {
  const { shape } = site.outputTensor();
  const axis = site.axis(site.int('axis'), shape.length);
  const slot = shape.map((size, d) => (d === axis ? 1 : size));
  const parts = Array.from({ length: site.inputCount }, (_, i) => site.reshape(site.input(i), slot));
  site.emit('CONCATENATION', { axis }, parts);
}

/** GATHER: x, indices. */
export function gather(site: Site): void {
  const batchRank = site.inputTensor(1).shape.length;
  const batch = site.int('batch_dims');
  const attributes = {
    axis: site.axis(site.int('axis'), site.inputTensor(0).shape.length),
    batchDims: batch < 0 ? batch + batchRank : batch,
  };
  site.emit('GATHER', attributes, [site.input(0), site.input(1)]);
}

/** RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR: x, size. The output's shape says the size. */
export function resize(kind: 'RESIZE_NEAREST_NEIGHBOR' | 'RESIZE_BILINEAR'): (site: Site) => void {
  return (site) => {
    const attributes = {
      alignCorners: site.bool('align_corners'),
      halfPixelCenters: site.bool('half_pixel_centers'),
    };
    if (attributes.alignCorners && attributes.halfPixelCenters) {
      site.fail('BL104', 'has both align_corners and half_pixel_centers', 'Set one of them');
    }
    site.emit(kind, attributes, [site.input(0)]);
  };
}
