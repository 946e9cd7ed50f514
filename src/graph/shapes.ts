import { shortName } from './graph.js';
import type { OpKind, Padding, Size2 } from './ops.js';
import { elementCount, type Tensor } from './tensor.js';
import { demand, inputAt, type Rules, type Subject } from './violation.js';

type Shape = readonly number[];

/** Equal elements each add 2^19 to SOFTMAX's int32 sum of exponentials: as many as cannot overflow it. */
const MAX_SOFTMAX_DEPTH = 4095;
/** Rows and columns of a resized image; bounds the index tables that a hostile file can ask for. */
const MAX_RESIZED = 32768;

/** The output's shape by inputs and attributes; where those leave it open, the given one if it is possible. */
export const OUTPUT_SHAPES: Rules<Shape> = {
  CONV_2D: (s) => {
    const [n, h, w, c] = image(inputAt(s, 0));
    const [o, kh, kw, i] = image(inputAt(s, 1));
    demand(c % i === 0 && o % (c / i) === 0, 'shape', `${c} channels do not split into groups of ${i}`);
    checkBias(s.inputs[2], o);
    checkThresholds(s.inputs[3], o);
    return [n, ...windows({ h, w }, { height: kh, width: kw }, s.attributes), o];
  },
  DEPTHWISE_CONV_2D: (s) => {
    const [n, h, w, c] = image(inputAt(s, 0));
    const [one, kh, kw, o] = image(inputAt(s, 1));
    const { depthMultiplier } = s.attributes;
    demand(
      one === 1 && isCount(depthMultiplier) && o === c * depthMultiplier,
      'shape',
      `${c} channels with ${o} filters`,
    );
    checkBias(s.inputs[2], o);
    checkThresholds(s.inputs[3], o);
    return [n, ...windows({ h, w }, { height: kh, width: kw }, s.attributes), o];
  },
  FULLY_CONNECTED: (s) => {
    const { shape } = inputAt(s, 0);
    const filter = inputAt(s, 1).shape;
    const [n = 0, k = 0] = filter;
    demand(filter.length === 2, 'shape', `the filter has the shape [${filter}]`);
    const rows = elementCount(shape) / k;
    demand(shape.at(-1) === k || rows === 1, 'shape', `rows of [${shape}] do not have ${k} elements`);
    checkBias(s.inputs[2], n);
    checkThresholds(s.inputs[3], n);
    const { shape: out } = s.output;
    return out.at(-1) === n && elementCount(out) === rows * n ? out : [...shape.slice(0, -1), n];
  },
  TRANSPOSE_CONV: (s) => {
    const [n, h, w, c] = image(inputAt(s, 0));
    const [o, kh, kw, i] = image(inputAt(s, 1));
    const [, oh, ow] = image(s.output);
    demand(c === i, 'shape', `${c} channels with filters of ${i}`);
    checkBias(s.inputs[2], o);
    const forward = { ...s.attributes, dilation: { height: 1, width: 1 } };
    const [fh, fw] = windows({ h: oh, w: ow }, { height: kh, width: kw }, forward);
    demand(
      fh === h && fw === w,
      'shape',
      `its output [${s.output.shape}] would come from ${fh} x ${fw}, not ${h} x ${w}`,
    );
    return [n, oh, ow, o];
  },
  BATCH_MATMUL: (s) => {
    const a = inputAt(s, 0).shape;
    const b = inputAt(s, 1).shape;
    demand(a.length >= 2 && b.length >= 2, 'shape', `[${a}] and [${b}] are not both matrices`);
    const [m, k] = matrix(a, s.attributes.adjX);
    const [k2, n] = matrix(b, s.attributes.adjY);
    demand(k === k2, 'shape', `[${a}] and [${b}] do not match`);
    return [...broadcast(a.slice(0, -2), b.slice(0, -2)), m, n];
  },
  ADD: (s) => ((s.inputs[3] ?? null) === null ? broadcastInputs(s) : pairs(s)),
  SUB: broadcastInputs,
  MUL: broadcastInputs,
  MAXIMUM: broadcastInputs,
  MINIMUM: broadcastInputs,
  AVERAGE_POOL_2D: pool,
  MAX_POOL_2D: pool,
  MEAN: reduce,
  SUM: reduce,
  SOFTMAX: (s) => {
    const shape = sameRow(s);
    const depth = shape.at(-1)!;
    demand(
      depth <= MAX_SOFTMAX_DEPTH || s.output.format.type === 'float32',
      'shape',
      `${depth} elements, whose exponentials overflow a 32-bit sum`,
    );
    return shape;
  },
  LOGISTIC: same,
  TANH: same,
  HARD_SWISH: same,
  GELU: same,
  LEAKY_RELU: same,
  PRELU: (s) => {
    const { shape } = inputAt(s, 0);
    const alpha = inputAt(s, 1).shape;
    const both = broadcast(shape, alpha);
    demand(equal(both, shape), 'shape', `alpha [${alpha}] does not broadcast to [${shape}]`);
    return shape;
  },
  RELU: same,
  RELU6: same,
  RELU_N1_TO_1: same,
  TABLE: (s) => {
    demand(s.attributes.table.length === 256, 'shape', `a table of ${s.attributes.table.length} entries`);
    return same(s);
  },
  PAD: (s) => {
    const { shape } = inputAt(s, 0);
    const { before, after } = s.attributes;
    demand(
      before.length === shape.length && after.length === shape.length,
      'shape',
      'wrong count of paddings',
    );
    demand([...before, ...after].every(isCount), 'shape', `paddings [${before}], [${after}]`);
    return shape.map((size, d) => size + (before[d] ?? 0) + (after[d] ?? 0));
  },
  CONCATENATION: (s) => {
    const { axis } = s.attributes;
    const shapes = s.inputs.map((_, i) => inputAt(s, i).shape);
    const [first = []] = shapes;
    checkAxis(axis, first.length);
    const fits = shapes.every(
      (shape) => shape.length === first.length && shape.every((size, d) => d === axis || size === first[d]),
    );
    demand(fits, 'shape', `[${shapes.slice(0, 8).join('], [')}] differ beyond dimension ${axis}`);
    const total = shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
    return first.map((size, d) => (d === axis ? total : size));
  },
  RESHAPE: (s) => {
    const { shape } = inputAt(s, 0);
    const out = s.output.shape;
    demand(elementCount(shape) === elementCount(out), 'shape', `[${shape}] has not the elements of [${out}]`);
    return out;
  },
  TRANSPOSE: (s) => {
    const { shape } = inputAt(s, 0);
    const { perm } = s.attributes;
    const isPermutation = perm.length === shape.length && shape.every((_, d) => perm.includes(d));
    demand(isPermutation, 'shape', `[${perm}] is no permutation of ${shape.length} dimensions`);
    return perm.map((d) => shape[d] ?? 0);
  },
  STRIDED_SLICE: (s) => {
    const { shape } = inputAt(s, 0);
    const { begin, stride } = s.attributes;
    const out = s.output.shape;
    const lengths = [begin.length, stride.length, out.length];
    demand(
      lengths.every((length) => length === shape.length),
      'shape',
      `has begin [${begin}], stride [${stride}]`,
    );
    const inside = (index: number, d: number) =>
      Number.isInteger(index) && index >= 0 && index < (shape[d] ?? 0);
    for (const [d, size] of out.entries()) {
      const [first = -1, step = 0] = [begin[d], stride[d]];
      const last = first + (size - 1) * step;
      demand(
        step !== 0 && inside(first, d) && inside(last, d),
        'shape',
        `reads ${first} to ${last} of [${shape}]`,
      );
    }
    return out;
  },
  GATHER: (s) => {
    const { shape } = inputAt(s, 0);
    const indices = inputAt(s, 1);
    const { axis, batchDims } = s.attributes;
    checkAxis(axis, shape.length);
    const batch = shape.slice(0, batchDims);
    demand(
      isCount(batchDims) && batchDims <= axis,
      'shape',
      `${batchDims} batch dimensions before axis ${axis}`,
    );
    demand(
      equal(batch, indices.shape.slice(0, batchDims)),
      'shape',
      `indices [${indices.shape}] of [${shape}]`,
    );
    const size = shape[axis] ?? 0;
    for (const index of indices.data ?? []) {
      demand(index >= 0 && index < size, 'shape', `constant index ${index} of ${size}`);
    }
    return [...shape.slice(0, axis), ...indices.shape.slice(batchDims), ...shape.slice(axis + 1)];
  },
  RESIZE_NEAREST_NEIGHBOR: resize,
  RESIZE_BILINEAR: resize,
  ARG_MAX: (s) => {
    const { shape } = inputAt(s, 0);
    checkAxis(s.attributes.axis, shape.length);
    return shape.filter((_, d) => d !== s.attributes.axis);
  },
  L2_NORMALIZATION: sameRow,
  ABSMAX: (s) => [...sameRow(s).slice(0, -1), 1],
  ABSMAX_NORMALIZATION: sameRow,
  RESCALE: (s) => {
    const shape = sameRow(s);
    const [factors, scales] = [inputAt(s, 1).shape, inputAt(s, 2).shape];
    const channels = shape.at(-1)!;
    const oneARow = equal(factors, [...shape.slice(0, -1), 1]);
    demand(oneARow, 'shape', `factors [${factors}] for the rows of [${shape}]`);
    const fits = equal(scales, [1]) || equal(scales, [channels]);
    demand(fits, 'shape', `scales [${scales}] for ${channels} channels`);
    checkBias(s.inputs[3], channels);
    return shape;
  },
  SVDF: (s) => {
    const [x, feature, time, state] = [0, 1, 2, 4].map((i) => inputAt(s, i).shape) as [
      Shape,
      Shape,
      Shape,
      Shape,
    ];
    const { rank } = s.attributes;
    const [batch = 0, size] = x;
    const [filters = 0, memory = 0] = time;
    demand(isCount(rank) && rank > 0 && filters % rank === 0, 'shape', `rank ${rank} of ${filters} filters`);
    const fits = equal(x, [batch, size ?? 0]) && equal(feature, [filters, size ?? 0]) && time.length === 2;
    demand(
      fits && equal(state, [batch, filters * memory]),
      'shape',
      `[${x}], [${feature}], [${time}], [${state}]`,
    );
    checkBias(s.inputs[3], filters / rank);
    return [batch, filters / rank];
  },
  QUANTIZE: same,
  DYNAMIC_SCALE: () => [],
  DYNAMIC_ZERO_POINT: (s) => scalars(s, []),
  DYNAMIC_QUANTIZE: (s) => scalars(s, padded(inputAt(s, 0), s.attributes.padding)),
  DYNAMIC_DEQUANTIZE: (s) => {
    const shape = sameRow(s);
    const [channels] = shape.slice(-1);
    const [scale, zero, sums, scales] = [1, 2, 3, 4].map((i) => inputAt(s, i).shape) as [
      Shape,
      Shape,
      Shape,
      Shape,
    ];
    demand(scale.length + zero.length === 0, 'shape', `numbers of the shapes [${scale}] and [${zero}]`);
    const fits = equal(sums, [channels!]) && (equal(scales, [1]) || equal(scales, [channels!]));
    demand(fits, 'shape', `sums [${sums}] and scales [${scales}] for ${channels} channels`);
    checkBias(s.inputs[5], channels!);
    return shape;
  },
  DEQUANTIZE: (s) => {
    const { shape } = inputAt(s, 0);
    const scales = s.inputs[1]?.shape ?? null;
    const fits = scales === null || equal(scales, shape.slice(-1));
    demand(fits, 'shape', `scales of [${scales}] for [${shape}]`);
    return shape;
  },
};

/** `shape`, where all inputs but the first are single numbers. */
function scalars(s: Subject<OpKind>, shape: Shape): Shape {
  for (const i of s.inputs.keys()) {
    const { shape: own } = inputAt(s, i);
    demand(i === 0 || own.length === 0, 'shape', `a number of the shape [${own}]`);
  }
  return shape;
}

/** The shape of an image with rows and columns around it; of all else its own. */
function padded(x: Tensor, { top, bottom, left, right }: Padding): Shape {
  const sides = [top, bottom, left, right];
  demand(sides.every(isCount), 'shape', `the paddings [${sides}]`);
  if (sides.every((size) => size === 0)) return x.shape;
  const [n, h, w, c] = image(x);
  return [n, top + h + bottom, left + w + right, c];
}

function same(s: Subject<OpKind>): Shape {
  return inputAt(s, 0).shape;
}

/** As `same`, for operators along the last dimension, which must be there. */
function sameRow(s: Subject<OpKind>): Shape {
  const { shape } = inputAt(s, 0);
  demand(shape.length >= 1, 'shape', 'a scalar has no last dimension');
  return shape;
}

function broadcastInputs(s: Subject<OpKind>): Shape {
  return broadcast(inputAt(s, 0).shape, inputAt(s, 1).shape);
}

/** Two tensors of one shape, with weights and thresholds for all channels or for each. */
function pairs(s: Subject<'ADD'>): Shape {
  const [{ shape }, b, filter] = [inputAt(s, 0), inputAt(s, 1), inputAt(s, 2)];
  demand(equal(shape, b.shape), 'shape', `[${shape}] and [${b.shape}] differ`);
  const [rows = 0, count = 0] = filter.shape;
  const fits = filter.shape.length === 2 && count === 2 && (rows === 1 || rows === shape.at(-1));
  demand(fits, 'shape', `the filter has the shape [${filter.shape}]`);
  checkThresholds(s.inputs[3], rows);
  return shape;
}

function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, d) => {
    const [x, y] = [a.at(d - rank) ?? 1, b.at(d - rank) ?? 1];
    demand(x === y || x === 1 || y === 1, 'shape', `[${a}] and [${b}] do not broadcast`);
    return Math.max(x, y);
  });
}

function matrix(shape: Shape, adjoint: boolean): readonly [number, number] {
  const [rows, columns] = [shape.at(-2) ?? 0, shape.at(-1) ?? 0];
  return adjoint ? [columns, rows] : [rows, columns];
}

/** Each window must meet the image: an average over nothing has no value. */
function pool(s: Subject<'AVERAGE_POOL_2D' | 'MAX_POOL_2D'>): Shape {
  const [n, h, w, c] = image(inputAt(s, 0));
  const { filter, stride, padding } = s.attributes;
  demand(isSize(filter), 'shape', `a window of ${filter.height} x ${filter.width}`);
  const [oh, ow] = windows({ h, w }, filter, { stride, padding, dilation: { height: 1, width: 1 } });
  const meets =
    padding.top < filter.height &&
    padding.left < filter.width &&
    (oh - 1) * stride.height - padding.top < h &&
    (ow - 1) * stride.width - padding.left < w;
  demand(meets, 'shape', 'a window outside of the image');
  return [n, oh, ow, c];
}

function reduce(s: Subject<'MEAN' | 'SUM'>): Shape {
  const { shape } = inputAt(s, 0);
  const { axes } = s.attributes;
  const ordered = axes.every((axis, i) => i === 0 || axis > (axes[i - 1] ?? 0));
  demand(ordered, 'shape', `axes [${axes}] are not sorted`);
  for (const axis of axes) checkAxis(axis, shape.length);
  const kept = shape.map((size, d) => (axes.includes(d) ? 1 : size));
  return equal(s.output.shape, kept) ? kept : shape.filter((_, d) => !axes.includes(d));
}

function resize(s: Subject<'RESIZE_NEAREST_NEIGHBOR' | 'RESIZE_BILINEAR'>): Shape {
  const [n, , , c] = image(inputAt(s, 0));
  const [, oh, ow] = image(s.output);
  const { alignCorners, halfPixelCenters } = s.attributes;
  demand(!(alignCorners && halfPixelCenters), 'shape', 'both corners and half pixel centres');
  demand(Math.max(oh, ow) <= MAX_RESIZED, 'shape', `resizes to ${oh}x${ow}, more than ${MAX_RESIZED} a side`);
  return [n, oh, ow, c];
}

/** Numbers of window positions in each direction. */
function windows(
  image: { readonly h: number; readonly w: number },
  filter: Size2,
  { stride, dilation, padding }: { stride: Size2; dilation: Size2; padding: Padding },
): readonly [number, number] {
  const { top, bottom, left, right } = padding;
  demand(isSize(stride) && isSize(dilation), 'shape', 'stride and dilation must be positive');
  demand([top, bottom, left, right].every(isCount), 'shape', 'padding must not be negative');
  const positions = (size: number, taps: number, gap: number, step: number) =>
    Math.floor((size - (taps - 1) * gap - 1) / step) + 1;
  const rows = positions(image.h + top + bottom, filter.height, dilation.height, stride.height);
  const columns = positions(image.w + left + right, filter.width, dilation.width, stride.width);
  demand(rows > 0 && columns > 0, 'shape', `a filter of ${filter.height} x ${filter.width} does not fit`);
  return [rows, columns];
}

function image(tensor: Tensor): readonly [number, number, number, number] {
  const [n = 0, h = 0, w = 0, c = 0] = tensor.shape;
  demand(
    tensor.shape.length === 4,
    'shape',
    `'${shortName(tensor.name)}' has the shape [${tensor.shape}], not four sizes`,
  );
  return [n, h, w, c];
}

function checkBias(bias: Tensor | null | undefined, channels: number): void {
  if (!bias) return;
  demand(elementCount(bias.shape) === channels, 'shape', `a bias [${bias.shape}] for ${channels} channels`);
}

function checkThresholds(thresholds: Tensor | null | undefined, channels: number): void {
  if (!thresholds) return;
  const { shape } = thresholds;
  demand(
    shape.length === 2 && shape[0] === channels,
    'shape',
    `thresholds of [${shape}] for ${channels} channels`,
  );
}

function checkAxis(axis: number, rank: number): void {
  demand(isCount(axis) && axis < rank, 'shape', `axis ${axis} of ${rank} dimensions`);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

function isSize({ height, width }: Size2): boolean {
  return Number.isInteger(height) && Number.isInteger(width) && height >= 1 && width >= 1;
}

/** Whether two shapes are the same. */
export function equal(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, d) => size === b[d]);
}
