/** How low-bit sums end in WASM, sixteen channels at a time: `assembly/lane_ending.ts`. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { Parameters } from '../kernel.js';
import { packEnding } from './ending.js';
import { type OneStep, oneSteps } from './one-step.js';
import { laneShifts } from './requantizer.js';
import { layerMultipliers, provenRanges, type WeightedLayer } from './weighted-layer.js';

/** Channels of a block. */
export const LANES = 16;
/** `ending` of a multiplier that is proved to be one step in float64. */
const ONE_STEP = 3;

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
  const results = { min: act_min - output_offset, max: act_max - output_offset };
  const steps =
    layer.ending === 'multiplier'
      ? oneSteps(layerMultipliers(node, layer), provenRanges(graph, node, layer), results)
      : null;
  if (steps) {
    return {
      words: stepWords(constant.data as Int32Array, steps),
      scalars: { unit, output_offset, act_min, act_max },
      shape: { ...kept, ending: ONE_STEP, right_shift: 0 },
    };
  }
  return {
    words: laneWords(constant.data as Int32Array, members, layer.rows.channels, unit),
    scalars: { unit, output_offset, act_min, act_max },
    shape: kept,
  };
}

/** [added 16] of int32, [scale 16][offset 16] of float64. */
function stepWords(added: Int32Array, steps: readonly OneStep[]): Int32Array {
  const words = 5 * LANES;
  const data = new Int32Array(Math.ceil(steps.length / LANES) * words);
  const doubles = new Float64Array(data.buffer);
  steps.forEach(({ scale, offset }, c) => {
    const [block, lane] = [Math.floor(c / LANES) * words, c % LANES];
    data[block + lane] = added[c]!;
    doubles[(block + LANES) / 2 + lane] = scale;
    doubles[(block + 3 * LANES) / 2 + lane] = offset;
  });
  return data;
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
