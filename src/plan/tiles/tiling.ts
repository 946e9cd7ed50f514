/** A stretch of a graph cut into tiles: strips, which have all rows of some columns, or patches. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import { type TensorId, zeroPointOf } from '../../graph/tensor.js';
import type { Grid } from './grid.js';
import { type Region, tileOf } from './tile-graph.js';
import { type Interval, lengthOf, partOf } from './window.js';

/** One tile and its place. */
export interface PlacedTile {
  readonly nodes: readonly Node[];
  /** Those of them that cut out of images what others read. */
  readonly cuts: ReadonlySet<Node>;
  /**
   * Puts the tile's part of the image where it belongs: PAD, of which only the inside is computed. It stands for the tile's share
   * of the graph's CONCATENATIONs.
   */
  readonly paste: NodeOf<'PAD'>;
  /** What cuts its part out of the image that the caller brings; null where that is none. */
  readonly fed: Node | null;
}

export interface TiledGraph {
  /** The graph with the tiles, what cuts them out of an image that the caller brings, and the CONCATENATION of their parts in place of the nodes. */
  readonly graph: Graph;
  /** Row by row of the grid. */
  readonly tiles: readonly PlacedTile[];
}

/**
 * The graph with consecutive nodes cut into tiles.
 * @param fed the image that the caller brings, where the nodes read it
 * @returns null where a node cannot be computed by parts, or the image has fewer rows or columns than the grid
 */
export function tiled(
  graph: Graph,
  nodes: readonly Node[],
  grid: Grid,
  fed: TensorId | null = null,
): TiledGraph | null {
  const last = nodes.at(-1)!;
  const image = last.outputs[0]!;
  const [, height = 0, width = 0] = tensorAt(graph, image).shape;
  if (grid.rows > height || grid.columns > width) return null;
  let { tensors } = graph;
  const tiles: PlacedTile[] = [];
  const joined: Node[] = [];
  const bands: TensorId[] = [];
  for (let row = 0; row < grid.rows; row++) {
    const rows = grid.rows === 1 ? null : partOf(height, grid.rows, row);
    const parts: TensorId[] = [];
    for (let column = 0; column < grid.columns; column++) {
      const region = { rows, columns: partOf(width, grid.columns, column) };
      const name = grid.rows === 1 ? `strip ${column}` : `patch ${row}.${column}`;
      const tile = tileOf({ ...graph, tensors }, nodes, region, name, fed);
      if (!tile) return null;
      tensors = tile.tensors;
      const paste = pasteOf({ ...graph, tensors }, last, tile.output, region);
      tiles.push({ nodes: tile.nodes, cuts: tile.cuts, paste, fed: tile.fed });
      parts.push(tile.output);
    }
    const band = rows ? bandOf(rows) : image;
    joined.push(concatenation(last, 2, parts, band));
    bands.push(band);
  }
  if (grid.rows > 1) joined.push(concatenation(last, 1, bands, image));
  const made = [...tiles.flatMap((tile) => [...(tile.fed ? [tile.fed] : []), ...tile.nodes]), ...joined];
  const rest = new Set(nodes.slice(0, -1));
  const others = graph.nodes.filter((node) => !rest.has(node));
  return {
    graph: { ...graph, tensors, nodes: others.flatMap((node) => (node === last ? made : [node])) },
    tiles,
  };

  function bandOf(rows: Interval): TensorId {
    const { shape, ...whole } = tensorAt(graph, image);
    const [batches, , ...rest] = shape;
    tensors = [...tensors, { ...whole, shape: [batches!, lengthOf(rows), ...rest] }];
    return tensors.length - 1;
  }
}

function concatenation(of: Node, axis: number, inputs: readonly TensorId[], output: TensorId): Node {
  const source = { operator: 'CONCATENATION', index: of.source.index };
  return { kind: 'CONCATENATION', attributes: { axis }, inputs, outputs: [output], source };
}

function pasteOf(graph: Graph, of: Node, part: TensorId, { rows, columns }: Region): NodeOf<'PAD'> {
  const image = tensorAt(graph, of.outputs[0]);
  const [, height, width] = image.shape as [number, number, number];
  return {
    kind: 'PAD',
    attributes: {
      before: [0, rows?.first ?? 0, columns.first, 0],
      after: [0, rows ? height - 1 - rows.last : 0, width - 1 - columns.last, 0],
      value: zeroPointOf(image),
    },
    inputs: [part],
    outputs: of.outputs,
    source: { operator: 'CONCATENATION', index: of.source.index },
  };
}
