/** How much of each image tiles compute. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TensorId } from '../../graph/tensor.js';
import type { Grid } from './grid.js';
import { partsOfTiles } from './parts.js';
import { type Interval, lengthOf } from './window.js';

/** Shares of a whole image: what the greatest tile has of it, and what all have together, halos as often as they are computed. */
export interface Share {
  readonly most: number;
  readonly all: number;
}

/** Of every image that the nodes make or read by parts; null where they cannot be tiled so. */
export function sharesOf(
  graph: Graph,
  nodes: readonly Node[],
  grid: Grid,
): ReadonlyMap<TensorId, Share> | null {
  const parts = partsOfTiles(graph, nodes, grid);
  if (!parts) return null;
  return new Map(
    [...parts].map(([id, { rows, columns }]) => {
      const [, height = 1, width = 1] = tensorAt(graph, id).shape;
      const [down, across] = [shareAlong(rows, height), shareAlong(columns, width)];
      return [id, { most: down.most * across.most, all: down.all * across.all }];
    }),
  );
}

/** Of an axis of `size` elements. */
function shareAlong(parts: readonly Interval[], size: number): Share {
  const lengths = parts.map(lengthOf);
  return { most: Math.max(...lengths) / size, all: lengths.reduce((sum, length) => sum + length, 0) / size };
}
