import { elementCount, sameFormat, type TensorId } from '../../../graph/tensor.js';
import { permutedIndices, picked, stridedIndices } from '../arrays.js';
import { numberOf, numbersOf, textOf } from '../attributes.js';
import { Layout } from '../layout.js';
import type { OnnxTensor } from '../model.js';
import type { Site } from '../site.js';
import { codeOf, targetOf } from '../targets.js';
import { type Activation, type Pending, type RealConstant, shapeOf, type Value } from '../values.js';
import { rescaled } from './outputs.js';

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

const permuted = (shape: readonly number[], perm: readonly number[]) => perm.map((d) => shape[d]!);

function isConstant(value: Value): value is RealConstant | (Value & { readonly kind: 'constant' }) {
  return value.kind === 'constant' || value.kind === 'real constant';
}

/** A constant whose elements are those of `value` at `indices`. */
function rearranged(site: Site, value: Value, indices: Int32Array, shape: readonly number[]): Value {
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

/** What a movement along whole dimensions sees: the tensor in some order of them. */
interface Plane {
  readonly id: TensorId;
  readonly perm: readonly number[];
}

/** An operator that treats each dimension by itself, in whatever order they lie. */
function planar(
  site: Site,
  x: Activation,
  shape: readonly number[],
  emit: (plane: Plane) => TensorId,
): Activation {
  const { activation, perm } = site.lowering.whole(site.node, x);
  const id = emit({ id: site.lowering.view(site.node, activation, perm), perm });
  return { ...x, id, layout: Layout.permuted(shape, perm) };
}

interface Region {
  readonly begin: readonly number[];
  readonly stride: readonly number[];
  readonly size: readonly number[];
}

/** A region of input 0 as output `i` of the node, in the shape `shape`. */
function region(site: Site, { begin, stride, size }: Region, i = 0, shape = size): Value {
  const value = site.value(0);
  const from = site.shape(0);
  if (size.some((count) => count < 1))
    site.fail('BL104', 'takes no element', 'Remove the empty slice from the model');
  if (isConstant(value)) {
    const steps = from.map((_, d) => elementCount(from.slice(d + 1)));
    const offset = begin.reduce((sum, first, d) => sum + first * steps[d]!, 0);
    const indices = stridedIndices(
      size,
      stride.map((step, d) => step * steps[d]!),
      offset,
    );
    return rearranged(site, value, indices, shape);
  }
  const cut = (x: Activation) => {
    const whole = size.every((count, d) => count === from[d] && stride[d] === 1);
    const part = whole
      ? x
      : planar(site, x, size, ({ id, perm }) => {
          const attributes = { begin: permuted(begin, perm), stride: permuted(stride, perm) };
          const { format } = site.lowering.tensor(id);
          const name = site.node.outputs[i] ?? '';
          return site.emit('STRIDED_SLICE', attributes, [id], { shape: permuted(size, perm), format, name });
        });
    return shape === size ? part : reshaped(site, part, shape);
  };
  if (value.kind === 'activation') return cut(value);
  return site.pending({
    shape,
    depth: value.depth + 1,
    bounds: value.bounds,
    emit: (target, bounds) => cut(value.emit(target, bounds)),
  });
}

/** Slice: x, starts, ends, axes?, steps?; attributes before version 10. */
export function slice(site: Site): Value {
  const from = site.shape(0);
  const list = (i: number, name: string) => site.numbers(i, name) ?? numbersOf(site.node, name);
  const starts = list(1, 'starts') ?? site.fail('BL102', 'has no starts');
  const ends = list(2, 'ends') ?? site.fail('BL102', 'has no ends');
  const axes = (list(3, 'axes') ?? starts.map((_, d) => d)).map((axis) => site.axis(axis, from.length));
  const steps = list(4, 'steps') ?? starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    site.fail('BL102', `has ${starts.length} starts, ${ends.length} ends, ${axes.length} axes`);
  }
  const begin = from.map(() => 0);
  const stride = from.map(() => 1);
  const size = [...from];
  for (const [i, axis] of axes.entries()) {
    const [step, whole] = [steps[i]!, from[axis]!];
    if (!Number.isSafeInteger(step) || step === 0) site.fail('BL102', `has the step ${step}`);
    const index = (at: number, least: number, most: number) =>
      Math.min(Math.max(at < 0 ? at + whole : at, least), most);
    const first = step > 0 ? index(starts[i]!, 0, whole) : index(starts[i]!, 0, whole - 1);
    const last = step > 0 ? index(ends[i]!, 0, whole) : index(ends[i]!, -1, whole - 1);
    begin[axis] = first;
    stride[axis] = step;
    size[axis] = Math.max(0, Math.ceil((last - first) / step));
  }
  return region(site, { begin, stride, size });
}

/** Split along an axis: sizes in an attribute or, since 13, an input; else equal parts, the last smaller. */
export function split(site: Site): Value {
  const from = site.shape(0);
  const axis = site.axis(numberOf(site.node, 'axis', 0), from.length);
  const outputs = site.node.outputs.length;
  const whole = from[axis]!;
  const part = Math.ceil(whole / numberOf(site.node, 'num_outputs', outputs));
  const sizes =
    site.numbers(1, 'split') ??
    numbersOf(site.node, 'split') ??
    Array.from({ length: outputs }, (_, i) => Math.min(part, whole - i * part));
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sizes.length !== outputs || sum !== whole || !sizes.every((size) => size > 0)) {
    site.fail('BL102', `splits ${whole} into [${sizes.slice(0, 8)}]`);
  }
  let first = 0;
  const parts = sizes.map((count, i) => {
    const along = <T>(value: T, rest: readonly T[]) => rest.map((other, d) => (d === axis ? value : other));
    const part = region(
      site,
      {
        begin: along(
          first,
          from.map(() => 0),
        ),
        stride: from.map(() => 1),
        size: along(count, from),
      },
      i,
    );
    site.result(part, i);
    first += count;
    return part;
  });
  return parts[0]!;
}

/** Gather by constant indices along an axis. */
export function gather(site: Site): Value {
  const from = site.shape(0);
  const axis = site.axis(numberOf(site.node, 'axis', 0), from.length);
  const indices = site.constant(1, 'indices');
  const whole = from[axis]!;
  const list = Array.from(indices.data, (index) => (index < 0 ? index + whole : index));
  if (!list.every((index) => Number.isInteger(index) && index >= 0 && index < whole)) {
    site.fail('BL102', `takes indices [${list.slice(0, 8)}] of ${whole}`);
  }
  const shape = [...from.slice(0, axis), ...indices.shape, ...from.slice(axis + 1)];
  if (list.length === 1) {
    const along = (value: number, rest: readonly number[]) =>
      rest.map((other, d) => (d === axis ? value : other));
    return region(
      site,
      {
        begin: along(
          list[0]!,
          from.map(() => 0),
        ),
        stride: from.map(() => 1),
        size: along(1, from),
      },
      0,
      shape,
    );
  }
  const value = site.value(0);
  const flat = from.map((size, d) => (d === axis ? list.length : size));
  if (isConstant(value)) {
    const inner = elementCount(from.slice(axis + 1));
    site.lowering.spend(elementCount(flat));
    const picks = Int32Array.from({ length: elementCount(flat) }, (_, i) => {
      const outer = Math.floor(i / (inner * list.length));
      return (outer * whole + list[Math.floor(i / inner) % list.length]!) * inner + (i % inner);
    });
    return rearranged(site, value, picks, shape);
  }
  return moved(site, 0, shape, (x) => reshaped(site, gathered(site, x, axis, list), shape));
}

/** Elements of `x` along dimension `axis` in the order of `indices`. */
export function gathered(site: Site, x: Activation, axis: number, indices: readonly number[]): Activation {
  const shape = shapeOf(x).map((size, d) => (d === axis ? indices.length : size));
  return planar(site, x, shape, ({ id, perm }) => {
    const list = site.lowering.add({
      name: `${site.node.outputs[0] ?? ''} indices`,
      shape: [indices.length],
      format: { type: 'int32', scales: [], zeroPoints: [], axis: null },
      data: Int32Array.from(indices),
    });
    const { format } = site.lowering.tensor(id);
    const attributes = { axis: perm.indexOf(axis), batchDims: 0 };
    return site.emit('GATHER', attributes, [id, list], { shape: permuted(shape, perm), format });
  });
}

/** Pad with a constant: x, pads, value?, axes?; attributes before version 11. */
export function pad(site: Site): Value {
  const mode = textOf(site.node, 'mode', 'constant');
  if (mode !== 'constant') site.fail('BL104', `has the mode ${mode}`, 'Pad with a constant');
  const from = site.shape(0);
  const given = site.numbers(1, 'pads') ?? numbersOf(site.node, 'pads') ?? [];
  const axes = site.numbers(3, 'axes')?.map((axis) => site.axis(axis, from.length)) ?? from.map((_, d) => d);
  const fits = given.length === 2 * axes.length && given.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!fits) site.fail('BL104', `has pads [${given.slice(0, 16)}]`, 'Pads are not negative; cut by a Slice');
  const before = from.map(() => 0);
  const after = from.map(() => 0);
  for (const [i, axis] of axes.entries()) {
    before[axis] = given[i]!;
    after[axis] = given[i + axes.length]!;
  }
  const shape = from.map((size, d) => size + before[d]! + after[d]!);
  const real = site.has(2) ? site.reals(2, 'value') : null;
  const value = real ? real.codes[0]! * real.scales[0]! : numberOf(site.node, 'value', 0);
  return moved(site, 0, shape, (x) =>
    planar(site, x, shape, ({ id, perm }) => {
      const { format } = site.lowering.tensor(id);
      const attributes = {
        before: permuted(before, perm),
        after: permuted(after, perm),
        value: padCode(site, x, value),
      };
      return site.emit('PAD', attributes, [id], { shape: permuted(shape, perm), format });
    }),
  );
}

/** The code that stands for a padded element. */
function padCode(site: Site, x: Activation, value: number): number {
  const { type, scales, zeroPoints } = site.lowering.tensor(x.id).format;
  if (scales.length === 0)
    return value === 0 ? 0 : site.fail('BL104', `pads floats with ${value}`, 'Pad behind QuantizeLinear');
  if (x.coded !== null) return value + (x.coded === 'uint8' ? -128 : 0);
  return codeOf(site.targetFor(type === 'int16' ? 'int16' : 'int8', scales[0]!, zeroPoints[0]!), value);
}

/** Concat of QDQ form. Inputs of other formats than the output's are brought to it. */
export function concat(site: Site): Value {
  const parts = site.node.inputs.map((_, i) => site.value(i));
  if (parts.every((part) => part.kind === 'constant')) {
    return site.fail('BL104', 'joins constants', 'Fold constants before export');
  }
  const operands = parts.map((part, i) => {
    if (part.kind === 'activation') return part;
    return isConstant(part) ? site.reals(i, 'input') : part;
  });
  return joined(site, operands, numberOf(site.node, 'axis'));
}

/** The operands one after another along `axis`. */
export function joined(
  site: Site,
  parts: readonly (Activation | Pending | RealConstant)[],
  along: number,
): Value {
  const shapes = parts.map(shapeOf);
  const [first = []] = shapes;
  const axis = site.axis(along, first.length);
  const fits = shapes.every(
    (shape) => shape.length === first.length && shape.every((size, d) => d === axis || size === first[d]),
  );
  if (!fits) site.fail('BL102', `joins [${shapes.slice(0, 8).join('], [')}]`);
  const shape = first.map((size, d) =>
    d === axis ? shapes.reduce((sum, other) => sum + other[d]!, 0) : size,
  );
  const activations = parts.filter((part) => part.kind === 'activation');
  const [main] = activations;
  const join = (operands: readonly Activation[]): Activation => {
    const { activation, perm } = site.lowering.whole(
      site.node,
      operands.find((x) => x.layout.dimOrder()) ?? operands[0]!,
    );
    const ids = operands.map((x) => site.lowering.view(site.node, x, perm));
    const { format } = site.lowering.tensor(activation.id);
    const attributes = { axis: perm.indexOf(axis) };
    const id = site.emit('CONCATENATION', attributes, ids, { shape: permuted(shape, perm), format });
    return { ...site.made(id, shape, perm), coded: operands[0]!.coded };
  };
  if (main && activations.length === parts.length && activations.every((x) => site.lowering.alike(x, main))) {
    return join(activations);
  }
  return site.pending({
    shape,
    emit: (target, bounds) =>
      join(
        parts.map((part, i) => {
          if (part.kind === 'pending') return part.emit(target, narrower(part.bounds, bounds));
          if (part.kind === 'activation') {
            if (part.coded !== null || site.lowering.tensor(part.id).format.scales.length !== 1)
              return site.unquantized(i, part);
            return rescaled(site, part, target, bounds);
          }
          const codes = Array.from(part.codes, (code, k) => codeOf(target, code * part.scales[k]!));
          const data = target.format.type === 'int16' ? Int16Array.from(codes) : Int8Array.from(codes);
          const id = site.lowering.add({ name: part.name, shape: part.shape, format: target.format, data });
          return site.made(id, part.shape);
        }),
      ),
  });
}

function narrower(a: { low: number; high: number }, b: { low: number; high: number }) {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
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
