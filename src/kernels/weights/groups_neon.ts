/** Which products of bytes lanes of 16 bits hold together: for `codegen/c/kernels/dot64_neon.h`, by four output channels. */
import { BLOCK, VECTOR } from './lanes_neon.js';

/** Lanes of 16 bits of a vector, and channels that are summed together. */
const LANES = 8;
const FOUR = 4;
/** Vectors at most of which other groups are tried than pairs. */
const VECTORS = 4;

type Groups = readonly (readonly number[])[];

/**
 * Halves of vectors whose products are added in lanes, in the order in which the kernel knows them. Of any three halves few weights are too
 * large; of the int8 layers of KWS, VWW and MobileNetV2 with 64 inputs these six suit all but one in eighty.
 */
const THREES: readonly Groups[] = [
  '046 135 27',
  '017 356 24',
  '023 167 45',
  '047 256 13',
  '026 345 17',
  '012 457 36',
].map((order) => order.split(' ').map((halves) => Array.from(halves, Number)));

/**
 * The number by which the kernel knows the fewest groups that no inputs overflow: 0 pairs of halves, 1 all halves as one, 2 and more
 * THREES; [channels / 4, rounded up]. Pairs must fit (`pairsFit`).
 * @param data [channels][columns] of int8
 */
export function packGroups(data: ArrayLike<number>, channels: number, columns: number): Int8Array {
  const vectors = Math.ceil(columns / VECTOR);
  const choices: Groups[] = [
    [Array.from({ length: 2 * vectors }, (_, half) => half)],
    ...(vectors === VECTORS ? THREES : []),
  ];
  const packed = new Int8Array((Math.ceil(channels / BLOCK) * BLOCK) / FOUR);
  if (vectors > VECTORS) return packed;
  for (let four = 0; four * FOUR < channels; four++) {
    const rows = Array.from(
      { length: Math.min(FOUR, channels - four * FOUR) },
      (_, row) => four * FOUR + row,
    );
    const fits = (groups: Groups) =>
      rows.every((row) => groups.every((halves) => lanesFit(data, row * columns, columns, halves)));
    packed[four] = choices.findIndex(fits) + 1;
  }
  return packed;
}

/** Whether each lane holds the sum of its products with any inputs. */
function lanesFit(data: ArrayLike<number>, row: number, columns: number, halves: readonly number[]): boolean {
  for (let lane = 0; lane < LANES; lane++) {
    let [low, high] = [0, 0];
    for (const half of halves) {
      const column = half * LANES + lane;
      const weight = column < columns ? data[row + column]! : 0;
      low += weight * (weight > 0 ? -128 : 127);
      high += weight * (weight > 0 ? 127 : -128);
    }
    if (low < -(2 ** 15) || high >= 2 ** 15) return false;
  }
  return true;
}
