/** What kernels need to bring their sums to codes: `codegen/c/kernels/ending.h`, `assembly/ending.ts`. */
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { ELEMENT_BYTES, isPacked, PACKED_BITS, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import type { ConstantArgument, Parameters } from '../kernel.js';
import { packMultipliers } from './requantizer.js';
import { layerMultipliers, provenRanges, proveSums, type WeightedLayer } from './weighted-layer.js';

export interface Ending {
  /** The constant of that name. */
  readonly constant: ConstantArgument;
  /** BL_ENDING_MEMBERS, the last members of a kernel's shape. The kernel has a member `output_channels` as well. */
  readonly shape: Parameters;
}

const KINDS = { accumulator: 0, multiplier: 1, thresholds: 2 } as const;

/** Bits of an element in memory. */
export function bitsOf({ format: { type } }: Tensor): number {
  return isPacked(type) ? PACKED_BITS[type] : 8 * ELEMENT_BYTES[type];
}

/**
 * How the layer's sums end, after the proof that its accumulators fit.
 * @param correction what a kernel's sum of a channel lacks of `sum((x - zeroPoint(x)) * weight)`; the bias is added to it
 * @throws BitloomError BL202
 */
export function packEnding(
  graph: Graph,
  node: Node,
  layer: WeightedLayer,
  correction: (channel: number) => number = () => 0,
): Ending {
  if (!('clamp' in node.attributes)) throw new Error(`${node.kind} has no clamp`);
  const { rows, bias, output, ending } = layer;
  const { min, max } = node.attributes.clamp;
  const added = (c: number) => Number(bias?.[c] ?? 0) + correction(c);
  const ranges = provenRanges(graph, node, layer);
  const multipliers = layerMultipliers(node, layer);
  const perChannel = layer.filter.format.scales.length > 1;
  const packed = packMultipliers(perChannel ? multipliers : multipliers.slice(0, 1));
  let steps = 0;
  let words: Int32Array;
  if (layer.thresholds) {
    proveSums(graph, node, ranges, added);
    steps = 2 ** Math.ceil(Math.log2(layer.thresholds.shape[1]! + 1)) - 1;
    words = thresholdWords(layer, steps, added, (c) => ranges[c]!.high);
  } else {
    const start = Array.from({ length: rows.channels }, (_, c) => added(c) | 0);
    words = Int32Array.from([
      ...start,
      ...(ending === 'multiplier' ? [...packed.multiplier, ...wordsOfBytes(packed.shift)] : []),
    ]);
  }
  return {
    constant: { name: 'ending', data: words, isNarrowable: true },
    shape: {
      ending: KINDS[ending],
      output_bits: bitsOf(output),
      thresholds: steps,
      per_channel: ending === 'multiplier' && perChannel ? 1 : 0,
      right_shift: ending === 'multiplier' ? packed.rightShift : 0,
      output_offset: ending === 'multiplier' ? zeroPointOf(output) : 0,
      act_min: min | 0,
      act_max: max | 0,
    },
  };
}

/** Of each channel `steps` thresholds for its sums; those beyond its own, or out of reach, are just out of reach. */
function thresholdWords(
  { rows, thresholds }: WeightedLayer,
  steps: number,
  added: (channel: number) => number,
  highest: (channel: number) => number,
): Int32Array {
  const given = thresholds!.shape[1]!;
  return Int32Array.from({ length: rows.channels * steps }, (_, i) => {
    const c = Math.floor(i / steps);
    const step = i % steps;
    const never = highest(c) + 1 - added(c);
    if (step >= given) return never;
    return Math.max(-(2 ** 31), Math.min(never, Number(thresholds!.data[c * given + step]) - added(c)));
  });
}

/** Bytes as little-endian words. */
function wordsOfBytes(bytes: Int8Array): number[] {
  const words = new Array<number>(Math.ceil(bytes.length / 4)).fill(0);
  bytes.forEach((byte, i) => {
    words[i >> 2]! |= (byte & 255) << (8 * (i & 3));
  });
  return words;
}
