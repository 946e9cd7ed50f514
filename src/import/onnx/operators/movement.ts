import { elementCount, sameFormat } from '../../../graph/tensor.js';
import { permutedIndices, picked } from '../arrays.js';
import { numberOf, numbersOf, textOf } from '../attributes.js';
import { Layout } from '../layout.js';
import type { OnnxTensor } from '../model.js';
import type { Site } from '../site.js';
import { targetOf } from '../targets.js';
import { type Activation, followsData, type RealConstant, type Value } from '../values.js';

/**
 * An operator that moves elements of input `i` and computes nothing: on codes as on what is held back, whose result it moves.
 * @param shape of the output in ONNX
 */
export function moved(
  site: Site,
  i: number,
  shape: readonly number[],
  move: (x: Activation) => Activation,
): Value {
  const value = site.value(i);
  if (value.kind === 'activation') return move(value);
  if (followsData(value)) return site.unquantized(i, value);
  if (value.kind !== 'pending')
    return site.fail('BL104', 'works on a constant', 'Fold constants before export');
  const { emitFree, movedBy } = value;
  if (movedBy) return movedBy(site.node, shape, move);
  return site.pending({
    shape,
    depth: value.depth + 1,
    bounds: value.bounds,
    emit: (target, bounds) => move(value.emit(target, bounds)),
    ...(emitFree && { emitFree: (bounds) => move(emitFree(bounds)) }),
  });
}

/** Identity. */
export function alias(site: Site): Value {
  return site.value(0);
}

/** Dropout, which does nothing but in training. */
export function dropout(site: Site): Value {
  const training = site.has(2) && site.constant(2, 'training mode').data[0] === 1;
  if (training || site.wants(1)) site.fail('BL104', 'is in training mode', 'Export the model for inference');
  return site.value(0);
}

/** TensorProto.DataType of floats. */
const FLOATS: ReadonlySet<number> = new Set([1, 10, 11, 16]);

/** Cast to float: of sums of integers, or of codes that stand for themselves. */
export function cast(site: Site): Value {
  const value = site.value(0);
  const to = numberOf(site.node, 'to');
  if (!FLOATS.has(to)) site.fail('BL104', `casts to the data type ${to}`, 'Cast to float');
  if (value.kind !== 'activation' || value.coded === null) return value;
  const { format } = site.lowering.tensor(value.id);
  const numbers = targetOf(value.coded, 1, 0)?.format;
  if (numbers && !sameFormat(format, numbers)) {
    site.fail('BL107', `reads codes of the scale ${format.scales[0]} as numbers`, 'Use DequantizeLinear');
  }
  return { ...value, coded: null };
}

/** Transpose: perm; without it the dimensions in reverse. */
export function transpose(site: Site): Value {
  const shape = site.shape(0);
  const perm = numbersOf(site.node, 'perm') ?? shape.map((_, d) => shape.length - 1 - d);
  const complete = perm.length === shape.length && shape.every((_, d) => perm.includes(d));
  if (!complete) site.fail('BL102', `permutes [${perm.slice(0, 8)}] of ${shape.length} dimensions`);
  const value = site.value(0);
  if (isConstant(value)) return rearranged(site, value, permutedIndices(shape, perm), permuted(shape, perm));
  return moved(site, 0, permuted(shape, perm), (x) => ({ ...x, layout: x.layout.transposed(perm) }));
}

/** Sizes or other lists by dimension, in the order `perm`. */
export const permuted = (shape: readonly number[], perm: readonly number[]) => perm.map((d) => shape[d]!);

/** Whether a value is a constant, behind DequantizeLinear or not. */
export function isConstant(value: Value): value is RealConstant | (Value & { readonly kind: 'constant' }) {
  return value.kind === 'constant' || value.kind === 'real constant';
}

/** A constant whose elements are those of `value` at `indices`. */
export function rearranged(site: Site, value: Value, indices: Int32Array, shape: readonly number[]): Value {
  site.lowering.spend(indices.length);
  if (value.kind === 'real constant') {
    return { ...value, shape, codes: picked(value.codes, indices), scales: picked(value.scales, indices) };
  }
  if (value.kind !== 'constant') throw new Error('no constant');
  const { tensor } = value;
  const data = tensor.data.slice(0, 0).constructor as new (length: number) => OnnxTensor['data'];
  const out = new data(indices.length);
  for (const [i, from] of indices.entries()) out[i] = tensor.data[from]!;
  return { kind: 'constant', tensor: { ...tensor, shape, data: out } };
}

/** The same elements in the same order in the shape that `of` gives. */
export function reshape(
  of: (site: Site, shape: readonly number[]) => readonly number[],
): (site: Site) => Value {
  return (site) => {
    const from = site.shape(0);
    const shape = of(site, from);
    const sizes = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
    if (shape.length > 8 || !sizes || elementCount(shape) !== elementCount(from)) {
      site.fail('BL102', `makes [${shape.slice(0, 9)}] of [${from}]`);
    }
    const value = site.value(0);
    if (value.kind === 'constant') return { kind: 'constant', tensor: { ...value.tensor, shape } };
    if (value.kind === 'real constant') return { ...value, shape };
    return moved(site, 0, shape, (x) => reshaped(site, x, shape));
  };
}

/** As `Layout.reshaped`; where that is not possible, elements are brought into row-major order first. */
export function reshaped(site: Site, x: Activation, shape: readonly number[]): Activation {
  const layout = x.layout.reshaped(shape);
  if (layout) return { ...x, layout };
  const rows = x.layout.dims.map((_, d) => d);
  return { ...site.lowering.rearranged(site.node, x, rows), layout: Layout.rowMajor(shape) };
}

/** Reshape: 0 keeps a size, -1 is what is left. */
export function reshapeTarget(site: Site, from: readonly number[]): readonly number[] {
  const wanted = site.has(1) ? site.numbers(1, 'shape')! : (numbersOf(site.node, 'shape') ?? []);
  const keep = numberOf(site.node, 'allowzero', 0) === 0;
  const sizes = wanted.map((size, d) => (size === 0 && keep ? (from[d] ?? 0) : size));
  const rest = elementCount(from) / elementCount(sizes.filter((size) => size !== -1));
  return sizes.map((size) => (size === -1 ? rest : size));
}

export function flattenTarget(site: Site, from: readonly number[]): readonly number[] {
  const axis = numberOf(site.node, 'axis', 1);
  const at = axis < 0 ? axis + from.length : axis;
  return [elementCount(from.slice(0, at)), elementCount(from.slice(at))];
}

/** Axes in an attribute or, since 13, a constant input. */
function axesOf(site: Site): readonly number[] | null {
  return site.numbers(1, 'axes') ?? numbersOf(site.node, 'axes');
}

export function squeezeTarget(site: Site, from: readonly number[]): readonly number[] {
  const axes = axesOf(site)?.map((axis) => site.axis(axis, from.length));
  return from.filter((size, d) => (axes ? !axes.includes(d) : size !== 1));
}

export function unsqueezeTarget(site: Site, from: readonly number[]): readonly number[] {
  const given = axesOf(site) ?? [];
  const rank = from.length + given.length;
  const axes = given.map((axis) => site.axis(axis, rank));
  const rest = [...from];
  return Array.from({ length: Math.min(rank, 16) }, (_, d) => (axes.includes(d) ? 1 : (rest.shift() ?? 0)));
}

/** DepthToSpace: blocks of channels become blocks of the image. Only dimensions are renamed; who needs them otherwise moves them. */
export function depthToSpace(site: Site): Value {
  const [n = 0, c = 0, h = 0, w = 0] = site.shape(0);
  const block = numberOf(site.node, 'blocksize');
  const depth = c / block ** 2;
  if (site.shape(0).length !== 4 || !Number.isInteger(depth) || depth < 1)
    site.fail('BL102', `takes blocks of ${block} from [${site.shape(0)}]`);
  const rowsFirst = textOf(site.node, 'mode', 'DCR') === 'DCR';
  const apart = rowsFirst ? [n, block, block, depth, h, w] : [n, depth, block, block, h, w];
  const perm = rowsFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  return regrouped(site, apart, perm, [n, depth, h * block, w * block]);
}

/** SpaceToDepth. */
export function spaceToDepth(site: Site): Value {
  const [n = 0, c = 0, h = 0, w = 0] = site.shape(0);
  const block = numberOf(site.node, 'blocksize');
  const [rows, columns] = [h / block, w / block];
  if (site.shape(0).length !== 4 || !Number.isInteger(rows) || !Number.isInteger(columns) || block < 1)
    site.fail('BL102', `takes blocks of ${block} from [${site.shape(0)}]`);
  return regrouped(
    site,
    [n, c, rows, block, columns, block],
    [0, 3, 5, 1, 2, 4],
    [n, c * block ** 2, rows, columns],
  );
}

function regrouped(
  site: Site,
  apart: readonly number[],
  perm: readonly number[],
  shape: readonly number[],
): Value {
  return moved(site, 0, shape, (x) => {
    const taken = reshaped(site, x, apart);
    return reshaped(site, { ...taken, layout: taken.layout.transposed(perm) }, shape);
  });
}
