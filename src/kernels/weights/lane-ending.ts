/** How low-bit sums end in WASM, sixteen channels at a time: `assembly/lane_ending.ts`. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { Parameters } from '../kernel.js';
import { packEnding } from './ending.js';
import { laneShifts } from './requantizer.js';
import type { WeightedLayer } from './weighted-layer.js';

/** Channels of a block. */
export const LANES = 16;

export interface LaneEnding {
  /** Blocks of channels, a vector of words for each four of them. */
  readonly words: Int32Array;
  readonly scalars: Parameters;
  readonly shape: Parameters;
}

/**
 * The ending of a layer whose kernel sums up `sum(x * weight) / unit`, but for a correction.
 * @param correction what such a sum lacks, times `unit`
 * @throws BitloomError BL202
 */
export function packLaneEnding(
  graph: Graph,
  node: Node,
  layer: WeightedLayer,
  unit: number,
  correction: (channel: number) => number,
): LaneEnding {
  const { constant, shape } = packEnding(graph, node, layer, correction);
  const { output_offset = 0, act_min = 0, act_max = 0, ...members } = shape;
  const { per_channel, ...kept } = members;
  return {
    words: laneWords(constant.data as Int32Array, members, layer.rows.channels, unit),
    scalars: { unit, output_offset, act_min, act_max },
    shape: kept,
  };
}

/** A word by channel, of each vector of a block. */
type Row = (channel: number) => number;

/** The words of `packEnding` as rows of blocks. */
function laneWords(given: Int32Array, shape: Parameters, channels: number, unit: number): Int32Array {
  const rows = rowsOf(given, shape, channels, unit);
  const words = new Int32Array(Math.ceil(channels / LANES) * rows.length * LANES);
  for (let c = 0; c < channels; c++) {
    const block = Math.floor(c / LANES) * rows.length * LANES;
    rows.forEach((row, i) => {
      words[block + i * LANES + (c % LANES)] = row(c);
    });
  }
  return words;
}

function rowsOf(given: Int32Array, shape: Parameters, channels: number, unit: number): readonly Row[] {
  const { ending, thresholds = 0, per_channel, right_shift } = shape;
  if (ending === 2) {
    // Sums are whole units.
    return Array.from({ length: thresholds }, (_, i) => (c) => Math.ceil(given[c * thresholds + i]! / unit));
  }
  const added: Row = (c) => given[c]!;
  if (ending === 0) return [added];
  const scales = per_channel ? channels : 1;
  const shift = new Int8Array(given.buffer, given.byteOffset + 4 * (channels + scales), scales);
  const shifts = laneShifts({ multiplier: given, shift, rightShift: right_shift ? 1 : 0 });
  return [added, (c) => given[channels + (c % scales)]!, (c) => shifts[c % scales]!];
}
