/** How sums of low-bit layers end on NEON, eight output channels at a time: `codegen/c/kernels/ending_neon.h`. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { type Ending, packEnding } from './ending.js';
import { BLOCK } from './lanes_neon.js';
import { packMultipliers } from './requantizer.js';
import { layerMultipliers, type WeightedLayer } from './weighted-layer.js';

/** What a channel that there is not never reaches. */
const NEVER = 2 ** 31 - 1;

/** Whether kernels for NEON end sums so: by multipliers that all shift right, or otherwise, to codes of at most 8 bits or to sums. */
export function endsOnNeon(node: Node, layer: WeightedLayer): boolean {
  if (layer.output.format.type === 'int16') return false;
  return layer.ending !== 'multiplier' || packMultipliers(layerMultipliers(node, layer)).rightShift === 1;
}

/**
 * As `packEnding`, by rows of blocks.
 * @param correction see `packEnding`
 * @throws BitloomError BL202
 */
export function packEndingNeon(
  graph: Graph,
  node: Node,
  layer: WeightedLayer,
  correction: (channel: number) => number = () => 0,
): Ending {
  const { rows, bias, thresholds } = layer;
  const { shape } = packEnding(graph, node, layer, correction);
  const added = Int32Array.from({ length: rows.channels }, (_, c) => Number(bias?.[c] ?? 0) + correction(c));
  const { multiplier, shift } = packMultipliers(layerMultipliers(node, layer));
  const steps = thresholds?.shape[1] ?? 0;
  const step = (t: number) => (c: number) =>
    c < rows.channels ? Number(thresholds!.data[c * steps + t]) : NEVER;
  const lines: ((channel: number) => number)[] = [
    (c) => added[c] ?? 0,
    ...(layer.ending === 'multiplier'
      ? [multiplier, shift].map((values) => (c: number) => values[c] ?? 0)
      : []),
    ...Array.from({ length: steps }, (_, t) => step(t)),
  ];
  const data = new Int32Array(Math.ceil(rows.channels / BLOCK) * lines.length * BLOCK);
  for (let i = 0; i < data.length; i++) {
    const block = Math.floor(i / (lines.length * BLOCK));
    data[i] = lines[Math.floor(i / BLOCK) % lines.length]!(block * BLOCK + (i % BLOCK));
  }
  return {
    constant: { name: 'ending', data, isNarrowable: true },
    shape: { ...shape, thresholds: steps, per_channel: 1, right_shift: 1 },
  };
}
