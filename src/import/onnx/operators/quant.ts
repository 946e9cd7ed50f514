/** The quantizers of QONNX: Quant (IntQuant), BipolarQuant, Trunc. */
import { elementCount } from '../../../graph/tensor.js';
import { stridedIndices } from '../arrays.js';
import { numberOf, textOf } from '../attributes.js';
import { realsOf } from '../constants.js';
import { endsOf, type Grid, gridTarget, intGrid, ROUNDINGS, signTarget } from '../quantizers.js';
import { roundHalfEven } from '../rounding.js';
import type { Site } from '../site.js';
import type { Target } from '../targets.js';
import type { RealConstant, Value } from '../values.js';
import { rowQuant } from './absmax.js';
import { chainCodes, extremes } from './chain-endings.js';
import { type Link, linkOf } from './chained.js';
import { broadcast } from './elementwise.js';

/** Bound of the bits of constants, such as biases. */
const MAX_BITS = 32;

/** Quant and IntQuant: x, scale, zero point, bits. */
export function quant(site: Site): Value {
  const [bits, ...more] = site.parameter(3, 'bit width').data;
  if (bits === undefined || more.length > 0 || !(Number.isInteger(bits) && bits >= 1 && bits <= MAX_BITS)) {
    return site.fail(
      'BL107',
      `has ${more.length > 0 ? 'several bit widths' : `${bits} bits`}`,
      'Quantize to 8 bits or fewer',
    );
  }
  const signed = numberOf(site.node, 'signed', 1) !== 0;
  const narrow = numberOf(site.node, 'narrow', 0) !== 0;
  const mode = roundingOf(site, 'ROUND');
  const grid = (scale: number, zeroPoint: number) =>
    intGrid({ scale, zeroPoint }, bits, signed, narrow, mode);
  // One bit with a sign is -1 and +1, as in BipolarQuant.
  const signs = bits === 1 && signed;
  if (isConstant(site.value(0))) {
    return quantizedConstant(site, (real, scale, zero) =>
      signs
        ? (Math.fround(Math.fround(real / scale) + zero) >= 0 ? 1 : -1) - zero
        : grid(scale, zero).round(real) - zero,
    );
  }
  const rows = site.value(1);
  if (rows.kind === 'row scale') return rowQuant(site, rows, { bits, signed, mode });
  const { scale, zeroPoint } = activationGrid(site);
  if (signs) {
    if (zeroPoint !== 0) site.fail('BL107', `has the zero point ${zeroPoint} of one bit`, 'Leave it 0');
    return quantized(site, signTarget(scale));
  }
  return quantized(site, targetIn(site, grid(scale, zeroPoint)));
}

/** BipolarQuant: x, scale. */
export function bipolarQuant(site: Site): Value {
  if (isConstant(site.value(0))) return quantizedConstant(site, (real) => (real >= 0 ? 1 : -1));
  return quantized(site, signTarget(activationGrid(site).scale));
}

function isConstant({ kind }: Value): boolean {
  return kind === 'constant' || kind === 'real constant';
}

function roundingOf(site: Site, fallback: string): string {
  const mode = textOf(site.node, 'rounding_mode', fallback).toUpperCase();
  if (Object.hasOwn(ROUNDINGS, mode)) return mode;
  return site.fail(
    'BL104',
    `has the rounding mode ${mode.slice(0, 20)}`,
    `Use one of ${Object.keys(ROUNDINGS).join(', ')}`,
  );
}

/** Scale and zero point of an activation: one number each. */
function activationGrid(site: Site): Pick<Grid, 'scale' | 'zeroPoint'> {
  const scales = site.parameter(1, 'scale').data;
  const zeros = site.has(2) ? site.parameter(2, 'zero point').data : [0];
  const [scale = 0] = scales;
  const [zeroPoint = 0] = zeros;
  if (Array.from(scales).some((other) => other !== scale) || zeros.length !== 1) {
    return site.fail(
      'BL107',
      'quantizes an activation by more than one scale',
      'Quantize activations with one scale a tensor; filters may have one an output channel',
    );
  }
  if (!(Math.fround(scale) > 0 && Number.isFinite(Math.fround(scale))) || !Number.isInteger(zeroPoint)) {
    return site.fail(
      'BL107',
      `has the scale ${scale} and the zero point ${zeroPoint}`,
      'Quantize the model again',
    );
  }
  return { scale: Math.fround(scale), zeroPoint };
}

/** A constant as codes by a scale that its shape shares as NumPy does. */
function quantizedConstant(
  site: Site,
  codeOf: (real: number, scale: number, zeroPoint: number) => number,
): RealConstant {
  const constant = site.reals(0, 'input');
  const { shape } = constant;
  const scaleAt = shared(site, 1, 'scale', shape);
  const zeroAt = site.has(2) ? shared(site, 2, 'zero point', shape) : () => 0;
  site.lowering.spend(elementCount(shape));
  const scales = Float32Array.from(constant.codes, (_, i) => scaleAt(i));
  if (scales.some((scale) => !(scale > 0 && Number.isFinite(scale))))
    site.fail('BL107', 'has a scale that is no number above 0', 'Quantize the model again');
  const codes = Int32Array.from(realsOf(constant), (real, i) =>
    codeOf(Math.fround(real), scales[i]!, zeroAt(i)),
  );
  return { ...constant, codes, scales };
}

/** The element of a parameter that belongs to each element of a shape. */
function shared(site: Site, i: number, what: string, shape: readonly number[]): (at: number) => number {
  const { data, shape: own } = site.parameter(i, what);
  if (data.length === 1) return () => data[0]!;
  if (own.length > shape.length || broadcast(site, shape, own).join() !== shape.join())
    site.fail('BL102', `has a ${what} of [${own}] for [${shape}]`);
  const sizes = [...shape.map(() => 1), ...own].slice(-shape.length);
  const strides = sizes.map((size, d) => (size === 1 ? 0 : elementCount(sizes.slice(d + 1))));
  const indices = stridedIndices(shape, strides);
  return (at) => data[indices[at]!]!;
}

function targetIn(site: Site, grid: Grid): Target {
  const link = linkOf(site, 0);
  const target = gridTarget(grid, link?.chain.source.kind === 'float');
  return (
    target ??
    site.fail('BL105', `has ${grid.most - grid.least + 1} levels`, 'Quantize activations to 8 bits or fewer')
  );
}

/** The codes of input 0. */
function quantized(site: Site, target: Target): Value {
  const link = linkOf(site, 0);
  if (link) return codesOf(site, link, target);
  const value = site.value(0);
  if (value.kind === 'pending' && value.exact) return { ...value.emit(target, value.bounds), coded: null };
  if (value.kind === 'pending' && target.format.type === 'int8') {
    site.lowering.note(
      `${site.node.op} #${site.node.index} rounds as ${target.format.type} arithmetic does, not as float32: it follows ${value.node.op} #${value.node.index}`,
    );
    return { ...value.emit(target, value.bounds), coded: null };
  }
  return site.unquantized(0, value);
}

function codesOf(site: Site, { chain }: Link, target: Target): Value {
  return chainCodes(site, chain, target);
}

/**
 * Trunc: x, scale, zero point, bits, bits that are left; since version 2 the scale of what is left stands before its bits. The codes of
 * x are divided by a power of two and rounded.
 */
export function trunc(site: Site): Value {
  const { scale, zeroPoint } = activationGrid(site);
  const rounding = roundingOf(site, 'FLOOR');
  const nearest = ROUNDINGS[rounding]!;
  const second = site.has(5);
  const one = (i: number, what: string) => Number(site.parameter(i, what).data[0]);
  const outer = second ? Math.fround(one(4, 'output scale')) : scale;
  const divisor = second
    ? 2 ** roundHalfEven(Math.log2(outer / scale))
    : 2 ** (one(3, 'bit width') - one(4, 'output bit width'));
  const zero = second ? zeroPoint / divisor : zeroPoint;
  const link = linkOf(site, 0);
  if (!(divisor >= 1 && Number.isFinite(divisor)) || !Number.isInteger(zero) || !(outer > 0))
    site.fail(
      'BL107',
      `divides codes by ${divisor} with the zero point ${zeroPoint}`,
      'Quantize the model again',
    );
  if (!link) return site.unquantized(0, site.value(0));
  const divided = (real: number) =>
    roundHalfEven(Math.fround(Math.fround(real / scale) + zeroPoint)) / divisor;
  const limits = second
    ? endsOf(
        one(5, 'output bit width'),
        numberOf(site.node, 'signed', 1) !== 0,
        numberOf(site.node, 'narrow', 0) !== 0,
      )
    : rangeOf(site, link, (real) => nearest(divided(real)));
  const grid: Grid = {
    scale: outer,
    zeroPoint: zero,
    ...limits,
    round: (real) => nearest(Math.min(Math.max(divided(real), limits.least), limits.most)),
    rounding: `${rounding} of a quotient by ${divisor}`,
  };
  return codesOf(site, link, targetIn(site, grid));
}

/** Without limits of its own, as far as the values go. */
function rangeOf(site: Site, { chain }: Link, f: (real: number) => number) {
  const found = extremes(site, chain, f);
  if (!found) return site.fail('BL107', 'truncates a float input', 'Put a Quant before it');
  return { least: found.min, most: found.max };
}
