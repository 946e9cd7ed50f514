import type { TensorId } from '../../../graph/tensor.js';
import type { Site } from '../site.js';

/** SLICE: x, begin, size (-1: to the end). */
export function slice(site: Site): void {
  const { shape } = site.inputTensor(0);
  const begin = site.constant(1, 'begin');
  const size = site.constant(2, 'size');
  const complete = begin.length === shape.length && size.length === shape.length;
  const inside = shape.every((whole, d) => {
    const [from = -1, count = -2] = [begin[d], size[d]];
    return from >= 0 && from < whole && (count === -1 || (count > 0 && from + count <= whole));
  });
  if (!complete || !inside)
    site.fail('BL102', `takes begin [${begin.slice(0, 8)}], size [${size.slice(0, 8)}] of shape [${shape}]`);
  site.emit('STRIDED_SLICE', { begin, stride: shape.map(() => 1) }, [site.input(0)]);
}

/** SPLIT: axis, x; equal parts. */
export function split(site: Site): void {
  const { shape } = site.inputTensor(1);
  const [axis = 0] = site.constant(0, 'axis');
  const along = site.axis(axis, shape.length);
  const part = (shape[along] ?? 0) / site.outputCount;
  for (let i = 0; i < site.outputCount; i++) {
    const begin = shape.map((_, d) => (d === along ? i * part : 0));
    site.emit('STRIDED_SLICE', { begin, stride: shape.map(() => 1) }, [site.input(1)], [site.output(i)]);
  }
}

/** UNPACK: x; parts of size 1 along an axis, which disappears. */
export function unpack(site: Site): void {
  const { shape } = site.inputTensor(0);
  const along = site.axis(site.int('axis'), shape.length);
  if (shape[along] !== site.outputCount) {
    site.fail('BL102', `has ${site.outputCount} outputs for dimension ${along} of [${shape}]`);
  }
  const size = shape.map((whole, d) => (d === along ? 1 : whole));
  for (let i = 0; i < site.outputCount; i++) {
    const begin = shape.map((_, d) => (d === along ? i : 0));
    sliceAndReshape(site, site.input(0), { begin, size, stride: shape.map(() => 1) }, site.output(i));
  }
}

interface Region {
  readonly begin: readonly number[];
  readonly stride: readonly number[];
  readonly size: readonly number[];
}

/**
 * STRIDED_SLICE: x, begin, end, strides, with TensorFlow's masks. The region keeps the input's dimensions; a
 * RESHAPE drops the shrunk ones and adds the new ones.
 */
export function stridedSlice(site: Site): void {
  const region = readRegion(site, site.inputTensor(0).shape);
  const { shape } = site.outputTensor();
  if (shape.length === region.size.length && shape.every((size, d) => size === region.size[d])) {
    site.emit('STRIDED_SLICE', { begin: region.begin, stride: region.stride }, [site.input(0)]);
  } else {
    sliceAndReshape(site, site.input(0), region, site.output());
  }
}

function sliceAndReshape(site: Site, x: TensorId, region: Region, output: TensorId): void {
  const { name, format } = site.tensor(output);
  const sliced = site.add({ name: `${name} sliced`, shape: region.size, format, data: null, state: false });
  site.emit('STRIDED_SLICE', { begin: region.begin, stride: region.stride }, [x], [sliced]);
  site.emit('RESHAPE', {}, [sliced], [output]);
}

/** The region that begin, end, strides and masks mean; dimensions without an entry are whole. */
function readRegion(site: Site, shape: readonly number[]): Region {
  const begins = site.constant(1, 'begin');
  const ends = site.constant(2, 'end');
  const strides = site.constant(3, 'strides');
  const entries = begins.length;
  if (ends.length !== entries || strides.length !== entries || entries > 32) {
    site.fail('BL102', `has ${entries} begins, ${ends.length} ends and ${strides.length} strides`);
  }
  const bit = (mask: string, i: number) => ((site.int(mask) >> i) & 1) === 1;
  const isNew = (i: number) => !bit('ellipsis_mask', i) && bit('new_axis_mask', i);
  const whole = { begin: 0, stride: 1 };
  const region: { begin: number; stride: number; size: number }[] = [];
  const taken = begins.filter((_, i) => !bit('ellipsis_mask', i) && !isNew(i)).length;

  for (let i = 0; i < entries; i++) {
    if (isNew(i)) continue;
    if (bit('ellipsis_mask', i)) {
      for (let n = taken; n < shape.length; n++) region.push({ ...whole, size: shape[region.length] ?? 0 });
      continue;
    }
    const size = shape[region.length] ?? site.fail('BL102', `slices more than ${shape.length} dimensions`);
    const [begin = 0, end = 0, stride = 0] = [begins[i], ends[i], strides[i]];
    if (stride === 0) site.fail('BL102', 'has the stride 0');
    const first = bit('begin_mask', i) ? (stride > 0 ? 0 : size - 1) : clampIndex(begin, size, stride);
    const last = bit('end_mask', i)
      ? stride > 0
        ? size
        : -1
      : clampIndex(site.bool('offset') ? first + end : end, size, stride);
    if (bit('shrink_axis_mask', i)) {
      if (first < 0 || first >= size) site.fail('BL102', `takes index ${begin} of ${size}`);
      region.push({ begin: first, stride: 1, size: 1 });
    } else {
      region.push({ begin: first, stride, size: Math.max(0, Math.ceil((last - first) / stride)) });
    }
  }
  while (region.length < shape.length) region.push({ ...whole, size: shape[region.length] ?? 0 });
  if (region.length > shape.length) site.fail('BL102', `slices more than ${shape.length} dimensions`);
  if (region.some(({ size }) => size < 1)) {
    site.fail('BL104', 'takes no element', 'Remove the empty slice from the model');
  }
  return {
    begin: region.map(({ begin }) => begin),
    stride: region.map(({ stride }) => stride),
    size: region.map(({ size }) => size),
  };
}

/** A Python-style index, clamped to where an iteration in the stride's direction may begin or end. */
function clampIndex(index: number, size: number, stride: number): number {
  const positive = index < 0 ? index + size : index;
  return stride > 0 ? Math.min(Math.max(positive, 0), size) : Math.min(Math.max(positive, -1), size - 1);
}
