import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { scaleOf, zeroPointOf } from '../../src/graph/tensor.js';
import { type FeatureMap, featureMaps } from '../../src/quantmcu/feature-maps.js';
import type { Formats, MapFormat } from '../../src/quantmcu/formats.js';
import { Random } from './random/random.js';

/** Formats of every form that a map can have, for most maps of a network, and some shifts. */
export function randomFormats(graph: Graph, seed: number): Formats {
  const random = new Random(seed);
  const maps = featureMaps(graph).filter(() => random.chance(0.8));
  const shifted = maps.flatMap(({ readers }) => readers).filter(() => random.chance(0.5));
  return {
    model: '',
    maps: Object.fromEntries(maps.map((map) => [map.tensor.name, formatOf(map, random)])),
    shifts: Object.fromEntries(
      shifted.map(({ outputs }) => {
        const { name, shape } = tensorAt(graph, outputs[0]);
        return [name, Array.from({ length: shape.at(-1)! }, () => (random.integer(-10, 10) / 100) * 3)];
      }),
    ),
  };
}

function formatOf({ tensor, steps }: FeatureMap, random: Random): MapFormat {
  const bits = random.pick([4, 2] as const);
  const range = 255 * scaleOf(tensor);
  const scale = () => Math.fround((range / 2 ** bits) * (random.integer(20, 100) / 100));
  const lowest = scaleOf(tensor) * (-128 - zeroPointOf(tensor));
  if (steps === 'one' || random.chance(0.3)) {
    const one = scale();
    return { bits, scales: [one], lows: [-one * random.integer(0, 2 ** bits - 1)] };
  }
  const scales = Array.from({ length: tensor.shape.at(-1)! }, scale);
  return {
    bits,
    scales,
    lows: scales.map(() => (steps === 'free' ? lowest * random.integer(0, 3) * 0.3 : 0)),
  };
}
