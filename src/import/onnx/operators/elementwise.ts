import { type Format, INTEGER_RANGE, perTensor, type TensorId } from '../../../graph/tensor.js';
import { permutedIndices, picked } from '../arrays.js';
import { numberOf } from '../attributes.js';
import { realsOf, uniform } from '../constants.js';
import { Layout } from '../layout.js';
import type { Site } from '../site.js';
import { clampOf, codeOf, realOf, type Target } from '../targets.js';
import {
  type Activation,
  type Bounds,
  isUnbounded,
  type Pending,
  type RealConstant,
  shapeOf,
  type Value,
} from '../values.js';
import type { Unary } from './functions.js';
import { bounded, mapped, rescaled } from './outputs.js';

/** A function of each element: a table of codes, composed with what was held back before it. */
export function unary(make: (site: Site) => Unary): (site: Site) => Value {
  return (site) => applied(site, site.value(0), 0, make(site));
}

/** `f` of each element of a value. */
function applied(site: Site, value: Value, i: number, f: Unary): Pending {
  const before = value.kind === 'pending' ? (value.unary ?? site.unquantized(i, value)) : null;
  const x = before ? before.x : site.activation(i);
  const bounds = value.kind === 'pending' ? value.bounds : null;
  const limit: Unary = bounds ? (real) => Math.min(Math.max(real, bounds.low), bounds.high) : (real) => real;
  const g: Unary = before ? (real) => f(limit(Math.fround(before.f(real)))) : f;
  return unaryPending(site, x, g, value.kind === 'pending' ? value.depth + 1 : 1);
}

function unaryPending(site: Site, x: Activation, f: Unary, depth: number): Pending {
  return site.pending({
    shape: shapeOf(x),
    depth,
    unary: { x, f },
    emit: (target, bounds) => mapped(site, x, f, target, bounds),
    emitFree: (bounds) => freely(site, x, f, bounds),
  });
}

/** Where no QuantizeLinear follows: in 8 bits that just hold the results of all codes. */
function freely(site: Site, x: Activation, f: Unary, bounds: Bounds): Activation {
  const { format } = site.lowering.tensor(x.id);
  const results = Array.from({ length: 256 }, (_, i) => f(realOf(format, i - 128)));
  return mapped(site, x, f, freeTarget(site, [Math.min(...results), Math.max(...results)], bounds), bounds);
}

/** A format of 8 bits that just holds the values of a range; the model gives none. */
function freeTarget(site: Site, [least, most]: readonly [number, number], { low, high }: Bounds): Target {
  const from = Math.min(0, Math.max(least, low));
  const to = Math.max(0, Math.min(most, high));
  const step = Math.fround((to - from) / 255) || 1;
  if (!Number.isFinite(step)) site.fail('BL107', 'computes in float without bound', 'Quantize its output');
  const { op, index } = site.node;
  site.lowering.note(
    `${op} #${index} is computed in 8 bits by the scale ${step}: no ${site.lowering.dialect.quantizer} follows`,
  );
  return site.targetFor('int8', step, Math.min(Math.max(Math.round(-128 - from / step), -128), 127));
}

/** Least and greatest value of an operand. */
function rangeOf(site: Site, x: Operand): readonly [number, number] {
  if (x.kind === 'real constant') {
    const reals = realsOf(x);
    return [reals.reduce((a, b) => Math.min(a, b)), reals.reduce((a, b) => Math.max(a, b))];
  }
  const { format } = site.lowering.tensor(x.id);
  const { min, max } = INTEGER_RANGE[format.type as 'int8' | 'int16'];
  return [realOf(format, min), realOf(format, max)];
}

/** Relu and Clip: bounds of the real value, which become bounds of codes. */
export function clip(boundsOf: (site: Site) => Bounds): (site: Site) => Value {
  return (site) => {
    const limits = boundsOf(site);
    const value = site.value(0);
    if (value.kind === 'pending') return narrowed(value, limits);
    const x = site.activation(0);
    const identity = site.pending({
      shape: shapeOf(x),
      unary: { x, f: (real) => real },
      emit: (target, bounds) => rescaled(site, x, target, bounds),
      emitFree: (bounds) => bounded(site, x, targetIn(site, x), bounds),
    });
    return narrowed(identity, limits);
  };
}

function narrowed(value: Pending, { low, high }: Bounds): Pending {
  const keep = (real: number) => Math.min(Math.max(real, low), high);
  return { ...value, bounds: { low: keep(value.bounds.low), high: keep(value.bounds.high) } };
}

/** The format that an activation has already. */
function targetIn(site: Site, x: Activation): Target {
  const { format } = site.lowering.tensor(x.id);
  return site.targetFor(format.type === 'int16' ? 'int16' : 'int8', format.scales[0]!, format.zeroPoints[0]!);
}

export const reluBounds = (): Bounds => ({ low: 0, high: Number.POSITIVE_INFINITY });

/** Clip's bounds: attributes in old versions, constant inputs since 11. */
export function clipBounds(site: Site): Bounds {
  const bound = (i: number, name: string, open: number) =>
    site.has(i) ? site.numbers(i, name)![0]! : numberOf(site.node, name, open);
  return { low: bound(1, 'min', Number.NEGATIVE_INFINITY), high: bound(2, 'max', Number.POSITIVE_INFINITY) };
}

type Arithmetic = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min';

const COMPUTE: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
};

/** Add, Sub, Mul, Div, Max, Min of QDQ form: a, b. */
export function arithmetic(op: Arithmetic): (site: Site) => Value {
  return (site) => {
    if (site.node.inputs.length !== 2) {
      site.fail('BL104', `has ${site.node.inputs.length} inputs`, 'Export it as operators of two inputs');
    }
    const [a, b] = [site.value(0), site.value(1)];
    if (isConstant(b)) return withConstant(site, op, 0, site.reals(1, 'operand'), false);
    if (isConstant(a)) return withConstant(site, op, 1, site.reals(0, 'operand'), true);
    return binary(site, op, site.activation(0), site.activation(1));
  };
}

function isConstant(value: Value): boolean {
  return value.kind === 'constant' || value.kind === 'real constant';
}

/** Of input `i` and a constant, which is folded into the layer before, put into a table, or an operand of its own. */
function withConstant(
  site: Site,
  op: Arithmetic,
  i: number,
  constant: RealConstant,
  first: boolean,
): Pending {
  const value = site.value(i);
  const compute = COMPUTE[op];
  const shape = shapeOf(value);
  const one = uniform(constant);
  const keepsShape = equal(broadcast(site, shape, constant.shape), shape);
  const f: Unary = first ? (x) => compute(one!, x) : (x) => compute(x, one!);
  if (value.kind === 'pending') {
    if (value.unary && one !== null && keepsShape) return applied(site, value, i, f);
    const folded = keepsShape && value.affine ? affineOf(op, value, constant, first) : null;
    if (folded && isUnbounded(value.bounds)) return value.affine!(...folded);
    return site.unquantized(i, value);
  }
  const x = site.activation(i);
  const narrow = site.lowering.tensor(x.id).format.type === 'int8';
  if (one !== null && keepsShape && narrow) return applied(site, value, i, f);
  return first ? binary(site, op, constant, x) : binary(site, op, x, constant);
}

/** Factors and offsets that an operator with a constant comes to, where it has one value a channel or one for all. */
function affineOf(
  op: Arithmetic,
  { channels, shape }: Pending,
  constant: RealConstant,
  first: boolean,
): readonly [readonly number[], readonly number[]] | null {
  if (!channels) return null;
  const one = uniform(constant);
  if (one === null && !alongChannels(shape, channels, constant.shape)) return null;
  const values = one === null ? Array.from(realsOf(constant)) : [one];
  const all = (value: number) => values.map(() => value);
  const negative = (list: readonly number[]) => list.map((value) => -value);
  switch (op) {
    case 'Add':
      return [all(1), values];
    case 'Sub':
      return first ? [all(-1), values] : [all(1), negative(values)];
    case 'Mul':
      return [values, all(0)];
    case 'Div':
      return first || values.includes(0) ? null : [values.map((value) => 1 / value), all(0)];
    default:
      return null;
  }
}

/** Whether an operand of the shape `of` has one number for all of `shape` or one for each of its channels. */
export function alongChannels(
  shape: readonly number[],
  channels: NonNullable<Pending['channels']>,
  of: readonly number[],
): boolean {
  const sizes = [...Array<number>(Math.max(shape.length - of.length, 0)).fill(1), ...of];
  return (
    sizes.length === shape.length &&
    sizes.every((size, d) => size === 1 || (d === channels.dim && size === channels.count))
  );
}

type Operand = Activation | RealConstant;

/** An operator of two operands, broadcast as NumPy does. */
export function binary(site: Site, op: Arithmetic, a: Operand, b: Operand): Pending {
  const shape = broadcast(site, shapeOf(a), shapeOf(b));
  if (op === 'Div')
    site.fail('BL104', 'divides by more than one number', 'Multiply by the reciprocal, quantized');
  const sum = {
    shape,
    emit: (target: Target, bounds: Bounds): Activation => {
      const operands = op === 'Max' || op === 'Min' ? [a, b].map((x) => inFormat(site, x, target)) : [a, b];
      const perm = commonOrder(site, operands, shape);
      const type = target.format.type as 'int8' | 'int16';
      const ids = operands.map((x) => operandView(site, x, perm, type));
      const output = { shape: perm.map((d) => shape[d]!), format: target.format };
      if (op === 'Max' || op === 'Min') {
        const id = site.emit(op === 'Max' ? 'MAXIMUM' : 'MINIMUM', {}, ids, output);
        return bounded(site, site.made(id, shape, perm), target, bounds);
      }
      const kind = op === 'Add' ? 'ADD' : op === 'Sub' ? 'SUB' : 'MUL';
      const id = site.emit(kind, { clamp: clampOf(target, bounds) }, ids, output);
      return site.made(id, shape, perm);
    },
  };
  return site.pending({
    ...sum,
    emitFree: (bounds) => {
      const [left, right] = [rangeOf(site, a), rangeOf(site, b)];
      const corners = left.flatMap((x) => right.map((y) => COMPUTE[op](x, y)));
      return sum.emit(freeTarget(site, [Math.min(...corners), Math.max(...corners)], bounds), bounds);
    },
  });
}

/** The order in which an activation of the whole shape lies, else the first's. */
export function commonOrder(
  site: Site,
  operands: readonly Operand[],
  shape: readonly number[],
): readonly number[] {
  const activations = operands.filter((x) => x.kind === 'activation').map((x) => ranked(x, shape.length));
  const main = activations.find((x) => equal(shapeOf(x), shape)) ?? activations[0]!;
  return site.lowering.whole(site.node, main).perm;
}

/** With leading dimensions of 1. */
export function ranked(x: Activation, rank: number): Activation {
  const missing = Array.from({ length: rank - x.layout.dims.length }, () => []);
  return { ...x, layout: new Layout([...missing, ...x.layout.dims], x.layout.order) };
}

function operandView(site: Site, x: Operand, perm: readonly number[], type: 'int8' | 'int16'): TensorId {
  if (x.kind === 'activation') return site.lowering.view(site.node, ranked(x, perm.length), perm);
  const shape = [...Array<number>(perm.length - x.shape.length).fill(1), ...x.shape];
  const { data, format } = coded(site, x, type);
  const indices = permutedIndices(shape, perm);
  const codes = picked(Int32Array.from(data), indices);
  return site.lowering.add({
    name: x.name,
    shape: perm.map((d) => shape[d]!),
    format,
    data: type === 'int8' ? Int8Array.from(codes) : Int16Array.from(codes),
  });
}

/** Codes and format of a constant operand: as the file quantizes it, where the type holds that; else symmetric. */
function coded(
  site: Site,
  { codes, scales }: RealConstant,
  type: 'int8' | 'int16',
): { data: ArrayLike<number>; format: Format } {
  const [scale = 0] = scales;
  let [min, max] = [0, 0];
  for (const code of codes) {
    min = Math.min(min, code);
    max = Math.max(max, code);
  }
  if (scale > 0 && scales.every((other) => other === scale) && codes.some((code) => Math.abs(code) > 1)) {
    const zero = type === 'int16' || (min >= -128 && max <= 127) ? 0 : max > 127 ? 127 - max : -128 - min;
    const most = type === 'int16' ? 32767 : 127;
    if (max + zero <= most && min + zero >= -most - 1) {
      return { data: codes.map((code) => code + zero), format: perTensor(type, scale, zero) };
    }
  }
  const most = type === 'int16' ? 32767 : 127;
  const greatest = codes.reduce((sum, code, i) => Math.max(sum, Math.abs(code * scales[i]!)), 0);
  const step = Math.fround(greatest / most) || 1;
  site.lowering.note(
    `${site.node.op} #${site.node.index}: its float constant is quantized to ${type} by the scale ${step}`,
  );
  return {
    data: codes.map((code, i) => Math.round((code * scales[i]!) / step)),
    format: perTensor(type, step, 0),
  };
}

/** An operand in the output's format, for operators that compare codes. */
function inFormat(site: Site, x: Operand, target: Target): Operand {
  if (x.kind === 'activation')
    return rescaled(site, x, target, { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
  const zero = target.format.zeroPoints[0]!;
  const codes = Int32Array.from(realsOf(x), (real) => codeOf(target, real) - zero);
  return { ...x, codes, scales: new Float32Array(codes.length).fill(target.format.scales[0]!) };
}

export function broadcast(site: Site, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, d) => {
    const [x, y] = [a.at(d - rank) ?? 1, b.at(d - rank) ?? 1];
    if (d - rank < -a.length) return y;
    if (d - rank < -b.length) return x;
    return x === y || x === 1 || y === 1 ? Math.max(x, y) : site.fail('BL102', `combines [${a}] and [${b}]`);
  });
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, d) => size === b[d]);
}
