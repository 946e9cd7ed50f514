import { type Graph, tensorAt } from '../../graph/graph.js';
import type { KernelCall, Target } from '../../kernels/kernel.js';
import type { Arena } from '../plan.js';
import { lowerBound } from './bound.js';
import { type Buffers, findBuffers, type Repeated } from './buffers.js';
import { place } from './place.js';
import { stateProblem } from './problem.js';

/** An arena that also knows where each buffer is, scratch included. */
export interface PlannedArena extends Omit<Arena, 'buffers'> {
  readonly bufferOffsets: readonly number[];
}

/** Places everything that the calls read and write. */
export function planArena(
  graph: Graph,
  calls: readonly KernelCall[],
  target: Target,
  repeated: readonly Repeated[] = [],
): { arena: PlannedArena; buffers: Buffers } {
  const alignment = alignmentOf(graph, findBuffers(graph, calls, repeated), target);
  const { buffers, placement } = placeBuffers(graph, calls, alignment, repeated);
  const bufferOffsets = placement.offsets.map((offset) => offset * alignment);
  const offsets = new Map([...buffers.ofTensor].map(([id, buffer]) => [id, bufferOffsets[buffer]!]));
  const keptRows = new Map([...buffers.keptRows].map(([id, buffer]) => [id, bufferOffsets[buffer]!]));
  const bytes = placement.size * alignment;
  const lowerBound = placement.lowerBound * alignment;
  return { arena: { bytes, alignment, offsets, keptRows, lowerBound, bufferOffsets }, buffers };
}

/**
 * Outputs that may take exactly their input's place do so, but where the arena is smaller with both apart: an image that
 * moves can let its neighbours overlap it at other ends.
 */
function placeBuffers(
  graph: Graph,
  calls: readonly KernelCall[],
  alignment: number,
  repeated: readonly Repeated[],
) {
  const attempt = (apart: ReadonlySet<number>) => {
    const buffers = findBuffers(graph, calls, repeated, apart);
    return { buffers, problem: stateProblem(buffers, calls, alignment, repeated) };
  };
  let apart: ReadonlySet<number> = new Set();
  const first = attempt(apart);
  let { buffers } = first;
  let placement = place(first.problem);
  calls.forEach(({ overlap }, step) => {
    if (!overlap.includes('exact')) return;
    const trial = new Set([...apart, step]);
    const other = attempt(trial);
    if (lowerBound(other.problem) >= placement.size) return;
    const placed = place(other.problem);
    if (placed.size < placement.size) [apart, buffers, placement] = [trial, other.buffers, placed];
  });
  return { buffers, placement };
}

/**
 * What every buffer's offset is a multiple of. In C a word, so that kernels may copy and load words of int8 rows;
 * in WASM a vector, so that vector loads seldom cross cache lines.
 */
function alignmentOf(graph: Graph, { ofTensor }: Buffers, { backend }: Target): number {
  if (backend === 'wasm') return 16;
  const wide = [...ofTensor.keys()].some((id) => tensorAt(graph, id).format.type === 'int64');
  return wide ? 8 : 4;
}
