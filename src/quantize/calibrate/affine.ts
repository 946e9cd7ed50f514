/** How real values become codes of an activation, and what codes stand for. */
import { type Format, INTEGER_RANGE, perTensor } from '../../graph/tensor.js';
import type { Range } from './sample.js';

/** Types that activations may be given. */
export type ActivationType = 'int8' | 'int16';

/** Codes of a type, of which int16 are symmetric around 0. */
export function levelsOf(type: ActivationType): number {
  return type === 'int8' ? 256 : 65535;
}

/** The format whose codes cover a range, with 0 a code exactly; of int16 the zero point is 0. */
export function affineFormat(type: ActivationType, { low, high }: Range): Format {
  const { min, max } = INTEGER_RANGE[type];
  if (type === 'int16') {
    const reach = Math.max(-low, high);
    return perTensor(type, reach > 0 ? reach / max : 1, 0);
  }
  const scale = high > low ? (high - low) / (max - min) : 1;
  const zeroPoint = Math.min(max, Math.max(min, Math.round(min - low / scale)));
  // No negative zero, which is no integer to those who compare.
  return perTensor(type, scale, zeroPoint + 0);
}

/** What values become that are stored by a format: the reals that their codes stand for. */
export function throughFormat(values: Float32Array, format: Format): Float32Array {
  const { min, max } = INTEGER_RANGE[format.type as ActivationType];
  const scale = format.scales[0]!;
  const zero = format.zeroPoints[0]!;
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const code = Math.floor(values[i]! / scale + 0.5) + zero;
    out[i] = (Math.min(max, Math.max(min, code)) - zero) * scale;
  }
  return out;
}
