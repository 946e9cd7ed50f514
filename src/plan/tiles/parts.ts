/** Which part of each image the tiles of a grid compute. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TensorId } from '../../graph/tensor.js';
import { type Axis, DIMENSION } from '../stages/row-window.js';
import type { Grid } from './grid.js';
import { needsAlong } from './tile-graph.js';
import { type Interval, partOf } from './window.js';

/** Of an image: the tile in row r and column c of the grid has the rows `rows[r]` of the columns `columns[c]`. */
export interface ImageParts {
  readonly rows: readonly Interval[];
  readonly columns: readonly Interval[];
}

/** Of every image that the nodes make or read by parts; null where they cannot be tiled so. */
export function partsOfTiles(
  graph: Graph,
  nodes: readonly Node[],
  grid: Grid,
): ReadonlyMap<TensorId, ImageParts> | null {
  const across = partsAlong(graph, nodes, 'columns', grid.columns);
  const down =
    grid.rows === 1 ? new Map<TensorId, Interval[]>() : partsAlong(graph, nodes, 'rows', grid.rows);
  if (!across || !down) return null;
  const allRows = (id: TensorId): Interval => ({ first: 0, last: tensorAt(graph, id).shape[1]! - 1 });
  return new Map([...across].map(([id, columns]) => [id, { rows: down.get(id) ?? [allRows(id)], columns }]));
}

/** By image: an interval for each of `count` tiles. */
function partsAlong(
  graph: Graph,
  nodes: readonly Node[],
  axis: Axis,
  count: number,
): Map<TensorId, Interval[]> | null {
  const size = tensorAt(graph, nodes.at(-1)!.outputs[0]).shape[DIMENSION[axis]]!;
  if (count > size) return null;
  const parts = new Map<TensorId, Interval[]>();
  for (let index = 0; index < count; index++) {
    const needs = needsAlong(graph, nodes, axis, partOf(size, count, index));
    if (!needs) return null;
    for (const [id, interval] of needs) parts.set(id, [...(parts.get(id) ?? []), interval]);
  }
  return parts;
}
