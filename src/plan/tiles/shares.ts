/** How much of each image tiles compute. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TensorId } from '../../graph/tensor.js';
import { type Axis, DIMENSION } from '../stages/row-window.js';
import type { Grid } from './grid.js';
import { needsAlong } from './tile-graph.js';
import { lengthOf, partOf } from './window.js';

/** Shares of a whole image: what the greatest tile has of it, and what all have together, halos as often as they are computed. */
export interface Share {
  readonly most: number;
  readonly all: number;
}

const WHOLE: Share = { most: 1, all: 1 };

/** Of every image that the nodes make or read by parts; null where they cannot be tiled so. */
export function sharesOf(
  graph: Graph,
  nodes: readonly Node[],
  { rows, columns }: Grid,
): ReadonlyMap<TensorId, Share> | null {
  const across = sharesAlong(graph, nodes, 'columns', columns);
  const down = rows === 1 ? new Map<TensorId, Share>() : sharesAlong(graph, nodes, 'rows', rows);
  if (!across || !down) return null;
  return new Map(
    [...across].map(([id, { most, all }]) => {
      const other = down.get(id) ?? WHOLE;
      return [id, { most: most * other.most, all: all * other.all }];
    }),
  );
}

function sharesAlong(
  graph: Graph,
  nodes: readonly Node[],
  axis: Axis,
  count: number,
): Map<TensorId, Share> | null {
  const size = (id: TensorId) => tensorAt(graph, id).shape[DIMENSION[axis]]!;
  const image = nodes.at(-1)!.outputs[0]!;
  if (count > size(image)) return null;
  const shares = new Map<TensorId, Share>();
  for (let index = 0; index < count; index++) {
    const needs = needsAlong(graph, nodes, axis, partOf(size(image), count, index));
    if (!needs) return null;
    for (const [id, interval] of needs) {
      const share = lengthOf(interval) / size(id);
      const { most, all } = shares.get(id) ?? { most: 0, all: 0 };
      shares.set(id, { most: Math.max(most, share), all: all + share });
    }
  }
  return shares;
}
