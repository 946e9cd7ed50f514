import { type Format, INTEGER_RANGE, perTensor } from '../../graph/tensor.js';
import { roundHalfEven } from './rounding.js';
import type { Target } from './targets.js';

type Rounding = (x: number) => number;

/** QONNX's rounding modes. */
export const ROUNDINGS: Readonly<Record<string, Rounding>> = {
  ROUND: roundHalfEven,
  HALF_EVEN: roundHalfEven,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  UP: (x) => Math.sign(x) * Math.ceil(Math.abs(x)),
  DOWN: Math.trunc,
  HALF_UP: (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5),
  HALF_DOWN: (x) => Math.sign(x) * Math.ceil(Math.abs(x) - 0.5),
};

/** Quantization to whole numbers `q`, of which each stands for `scale * (q - zeroPoint)`. */
export interface Grid {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly least: number;
  readonly most: number;
  /** From a float32 to q, least to most; never falls. */
  readonly round: (real: number) => number;
  /** Names what `round` does. */
  readonly rounding: string;
}

/** The grid of Quant (IntQuant), by `int_quant` of the Python package qonnx: quotient and sum are float32; clipped, then rounded. */
export function intGrid(
  { scale, zeroPoint }: Pick<Grid, 'scale' | 'zeroPoint'>,
  bits: number,
  signed: boolean,
  narrow: boolean,
  rounding: string,
): Grid {
  const { least, most } = endsOf(bits, signed, narrow);
  const nearest = ROUNDINGS[rounding]!;
  const round = (real: number) => {
    const place = Math.fround(Math.fround(real / scale) + zeroPoint);
    return nearest(Math.min(Math.max(place, least), most));
  };
  return { scale, zeroPoint, least, most, round, rounding };
}

/** Least and greatest number of so many bits; narrow ones lack one at an end. */
export function endsOf(bits: number, signed: boolean, narrow: boolean): Pick<Grid, 'least' | 'most'> {
  const less = narrow ? 1 : 0;
  if (!signed) return { least: 0, most: 2 ** bits - 1 - less };
  return { least: -(2 ** (bits - 1)) + less, most: 2 ** (bits - 1) - 1 };
}

/** BipolarQuant: -scale and +scale; 0 is positive. */
export function signTarget(scale: number): Target {
  return {
    coded: 'int8',
    format: perTensor('binary', scale, 0),
    range: INTEGER_RANGE.binary,
    quantizer: { key: 'sign', codeOf: (real) => (real >= 0 ? 1 : -1) },
  };
}

/**
 * The smallest type of activations that holds a grid: packed ones from its least number on; int8 as the numbers are, where they fit,
 * or `fromLeast` from -128 on. Null beyond 8 bits.
 */
export function gridTarget(grid: Grid, fromLeast = false): Target | null {
  const { scale, zeroPoint, least, most, round, rounding } = grid;
  const levels = most - least + 1;
  const type = levels <= 4 ? 'uint2' : levels <= 16 ? 'uint4' : 'int8';
  if (levels > 256) return null;
  const fits = least >= -128 && most <= 127 && !fromLeast;
  const base = type !== 'int8' ? least : fits ? 0 : least + 128;
  const format: Format = perTensor(type, scale, zeroPoint - base);
  const range = { min: least - base, max: most - base };
  const codeOf = (real: number) => {
    const q = round(real);
    return Number.isNaN(q) ? range.min : q - base;
  };
  return { coded: 'int8', format, range, quantizer: { key: rounding, codeOf } };
}
