/** How near the quantized network's outputs are to those of the float network. */
import { relativeError } from './allocate/sensitivity.js';

export interface Agreement {
  /** Signal-to-noise ratio of the first output over all inferences, in decibels; Infinity where both are equal. */
  readonly decibels: number;
  readonly inferences: number;
  /** Inferences whose greatest element of the first output is the same one. */
  readonly same: number;
  /** Of inferences with labels: how many each network gets right. */
  readonly right: { readonly labelled: number; readonly float: number; readonly quantized: number } | null;
}

/**
 * @param float, quantized the first output of each inference, in real values
 * @param labels index of the right class by inference
 */
export function compareOutputs(
  float: readonly Float32Array[],
  quantized: readonly Float32Array[],
  labels: readonly number[] | null,
): Agreement {
  const [a, b] = [float.map(greatest), quantized.map(greatest)];
  const count = (hits: (i: number) => boolean) => a.filter((_, i) => hits(i)).length;
  return {
    decibels: decibels(meanRelativeError(float, quantized)),
    inferences: float.length,
    same: count((i) => a[i] === b[i]),
    right: labels && {
      labelled: labels.length,
      float: count((i) => a[i] === labels[i]),
      quantized: count((i) => b[i] === labels[i]),
    },
  };
}

/** Energy of all differences by that of all values of `float`. */
export function meanRelativeError(
  float: readonly Float32Array[],
  quantized: readonly Float32Array[],
): number {
  const energy = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  const energies = float.map(energy);
  const whole = energies.reduce((sum, value) => sum + value, 0);
  if (whole === 0) return 0;
  return (
    float.reduce((sum, values, i) => sum + relativeError(values, quantized[i]!) * (energies[i]! || 1), 0) /
    whole
  );
}

/** Signal-to-noise ratio of a share of energy that is wrong. */
export function decibels(share: number): number {
  return share > 0 ? -10 * Math.log10(share) : Number.POSITIVE_INFINITY;
}

function greatest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
