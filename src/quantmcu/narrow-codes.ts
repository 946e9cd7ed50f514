/** A graph that is being narrowed, and what codes of its tensors stand for, channel by channel. */
import { type Graph, tensorAt } from '../graph/graph.js';
import type { Clamp } from '../graph/ops.js';
import { scaleOf, type Tensor, type TensorId, zeroPointOf } from '../graph/tensor.js';
import { channelOf, codeOf, type Formats, type MapFormat } from './formats.js';

/** What the graph under construction knows. */
export interface Narrowing {
  /** As it was. */
  readonly graph: Graph;
  /** Tensors as they are now. */
  readonly tensors: Tensor[];
  readonly chosen: ReadonlyMap<TensorId, MapFormat>;
  readonly shifts: Formats['shifts'];
}

export function addTensor({ tensors }: Narrowing, tensor: Omit<Tensor, 'state'>): TensorId {
  return tensors.push({ ...tensor, state: false }) - 1;
}

/** `real = low(c) + step(c) * scale of the tensor * (code - zero point of the tensor)`. */
export interface Codes {
  step(channel: number): number;
  low(channel: number): number;
}

const AS_THEY_ARE: Codes = { step: () => 1, low: () => 0 };

export function codesOf({ tensors, chosen }: Narrowing, id: TensorId): Codes {
  const format = chosen.get(id);
  if (!format) return AS_THEY_ARE;
  const tensor = tensors[id]!;
  const [scale, zero] = [scaleOf(tensor), zeroPointOf(tensor)];
  return {
    step: (c) => channelOf(format, c).scale / scale,
    low: (c) => channelOf(format, c).low + channelOf(format, c).scale * zero,
  };
}

/**
 * The fused activation in the codes of a map's new format: for one grid, its bounds; grids of each channel lie within the bounds, as they
 * come from values that were seen.
 */
export function clampOf({ graph, chosen }: Narrowing, id: TensorId, clamp: Clamp): Clamp {
  const format = chosen.get(id);
  if (!format) return clamp;
  const top = 2 ** format.bits - 1;
  if (format.scales.length > 1) return { min: 0, max: top };
  const old = tensorAt(graph, id);
  const bound = (code: number) => codeOf(channelOf(format, 0), scaleOf(old) * (code - zeroPointOf(old)));
  // At least two codes stay, as thresholds need.
  const min = Math.min(bound(clamp.min), top - 1);
  return { min, max: Math.max(bound(clamp.max), min + 1) };
}
