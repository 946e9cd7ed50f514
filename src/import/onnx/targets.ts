import type { Clamp } from '../../graph/ops.js';
import { type Format, INTEGER_RANGE, perTensor } from '../../graph/tensor.js';
import type { OnnxType } from './model.js';
import { roundHalfEven } from './rounding.js';

/** How a type of ONNX is carried in the graph. */
interface Carrier {
  readonly type: 'int8' | 'int16';
  /** What is added to codes and zero points. */
  readonly shift: number;
  /** Codes that the type has, after the shift. */
  readonly range: Clamp;
}

/** Unsigned types become signed ones of the same real values; types below 8 bits are int8 whose codes stay in their range. */
const CARRIERS: Partial<Record<OnnxType, Carrier>> = {
  int8: { type: 'int8', shift: 0, range: INTEGER_RANGE.int8 },
  uint8: { type: 'int8', shift: -128, range: INTEGER_RANGE.int8 },
  int16: { type: 'int16', shift: 0, range: INTEGER_RANGE.int16 },
  uint16: { type: 'int16', shift: -32768, range: INTEGER_RANGE.int16 },
  int4: { type: 'int8', shift: 0, range: { min: -8, max: 7 } },
  uint4: { type: 'int8', shift: 0, range: { min: 0, max: 15 } },
  int2: { type: 'int8', shift: 0, range: { min: -2, max: 1 } },
  uint2: { type: 'int8', shift: 0, range: { min: 0, max: 3 } },
};

/** What QuantizeLinear and the outputs of quantized operators ask for: one scale and zero point, and the codes of a type. */
export interface Target {
  readonly coded: OnnxType;
  readonly format: Format;
  readonly range: Clamp;
  /** Where codes are not made as QuantizeLinear makes them. */
  readonly quantizer?: Quantizer;
}

/** How real numbers become codes. */
export interface Quantizer {
  /** Tells quantizers of one format apart. */
  readonly key: string;
  /** The code of a float32, which never falls. */
  readonly codeOf: (real: number) => number;
}

/** Null for types that carry no activations. */
export function targetOf(coded: OnnxType, scale: number, zeroPoint: number): Target | null {
  const carrier = CARRIERS[coded];
  if (!carrier) return null;
  return { coded, format: perTensor(carrier.type, scale, zeroPoint + carrier.shift), range: carrier.range };
}

/** The code of a real value as ONNX computes it: the quotient in float32, rounded half to even, saturated to the type. */
export function codeOf({ format, range, quantizer }: Target, real: number): number {
  if (quantizer) return quantizer.codeOf(real);
  const code = roundHalfEven(Math.fround(real / format.scales[0]!)) + format.zeroPoints[0]!;
  return Number.isNaN(code) ? range.min : Math.min(Math.max(code, range.min), range.max);
}

/** The real value of a code, a float32. */
export function realOf({ scales, zeroPoints }: Format, code: number): number {
  return Math.fround(scales[0]! * (code - zeroPoints[0]!));
}

/** The codes between the real values `low` and `high`. */
export function clampOf(
  target: Target,
  { low, high }: { readonly low: number; readonly high: number },
): Clamp {
  return { min: codeOf(target, low), max: codeOf(target, high) };
}
