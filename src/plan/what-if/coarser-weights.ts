import type { Graph } from '../../graph/graph.js';
import { isWeighted } from '../../graph/ops.js';
import { weightFormat } from '../../graph/weight-format.js';

/** Formats of weights below int8, from the widest on. */
export const COARSER = ['int4', 'ternary'] as const;
export type Coarser = (typeof COARSER)[number];

/** Their grids within a byte. */
const GRIDS: Readonly<Record<Coarser, (value: number) => number>> = {
  int4: (value) => 16 * Math.max(-8, Math.min(7, Math.round(value / 16))),
  ternary: (value) => (Math.abs(value) < 32 ? 0 : 64 * Math.sign(value)),
};
const BITS: Readonly<Record<Coarser, number>> = { int4: 4, ternary: 2 };

/**
 * The graph with the values of its int8 filters on a coarser grid: as large as a network trained for that format would be, not as
 * good. Formats are read off values (docs/formats.md), so that kernels and packings are those of such a network.
 */
export function withWeights(graph: Graph, format: Coarser): Graph {
  const filters = new Set(graph.nodes.filter(isWeighted).map(({ inputs }) => inputs[1]));
  const tensors = graph.tensors.map((tensor, id) => {
    const { data } = tensor;
    if (!filters.has(id) || !(data instanceof Int8Array)) return tensor;
    return weightFormat(data).bits > BITS[format] ? { ...tensor, data: data.map(GRIDS[format]) } : tensor;
  });
  return { ...graph, tensors };
}
