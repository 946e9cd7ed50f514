/** What recipes of layers share: the sizes that small networks have. */
import type { Size2 } from '../../src/graph/ops.js';
import type { TensorId } from '../../src/graph/tensor.js';
import type { Random } from '../../test/support/random/random.js';
import type { Sketch } from '../../test/support/sketch.js';

/** A layer of random shape; null where that shape is not of use. */
export type Recipe = (random: Random, sketch: Sketch, name: string) => TensorId | null;

export type Recipes = Readonly<Record<string, Recipe>>;

export const MOST_MACS = 250_000;
export const SIZES = [4, 5, 6, 8, 10, 12, 16, 20, 24];
export const CHANNELS = [8, 16, 24, 32, 40, 48, 64, 96, 128];
/** No whole blocks of any kernel. */
const ODD_CHANNELS = [3, 5, 6, 7, 10, 12, 18, 20, 27, 36, 60];

export const square = (size: number): readonly [number, number] => [size, size];
export const square2 = (size: number): Size2 => ({ height: size, width: size });
export const ONE = square2(1);

/** The number of channels of most layers, and of some an odd one. */
export function channelsOf(random: Random): number {
  return random.chance(0.85) ? random.pick(CHANNELS) : random.pick(ODD_CHANNELS);
}
