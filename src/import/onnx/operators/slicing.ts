import { elementCount, type TensorId } from '../../../graph/tensor.js';
import { stridedIndices } from '../arrays.js';
import { numberOf, numbersOf, textOf } from '../attributes.js';
import { Layout } from '../layout.js';
import type { Site } from '../site.js';
import { codeOf } from '../targets.js';
import { type Activation, followsData, shapeOf, type Value } from '../values.js';
import { isConstant, moved, permuted, rearranged, reshaped } from './movement.js';

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
  if (followsData(value)) return site.unquantized(0, value);
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

/** Pad of codes, or of floats with 0. */
export const pad = (site: Site) => padded(site, padCode);

/**
 * Pad with a constant: x, pads, value?, axes?; attributes before version 11.
 * @param codeOf what an element holds that stands for a number
 */
export function padded(site: Site, codeOf: (site: Site, x: Activation, value: number) => number): Value {
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
        value: codeOf(site, x, value),
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
