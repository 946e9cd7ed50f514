/**
 * A tile of a graph: the nodes that compute a part of an image out of as much of the images before it as that takes, halos
 * included. Padding belongs to each layer: of a layer's, a tile has what its windows reach outside of the whole image.
 */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { Tensor, TensorId } from '../../graph/tensor.js';
import { sliceOf } from '../stages/images.js';
import { type Axis, DIMENSION, type RowWindow, rowWindows } from '../stages/row-window.js';
import { onParts } from './part-of-node.js';
import { columnWindows, hull, type Interval, lengthOf, type Read, readFor } from './window.js';

/** A rectangle of an image. Where `rows` is null, it has all rows, and heights and padding above and below stay as they are. */
export interface Region {
  readonly rows: Interval | null;
  readonly columns: Interval;
}

export interface Tile {
  /** All of the graph's tensors, followed by the tile's. */
  readonly tensors: readonly Tensor[];
  /** The layers on their parts of images, and what cuts these out of images that have more. */
  readonly nodes: readonly Node[];
  /** Those of them that cut. */
  readonly cuts: ReadonlySet<Node>;
  /** The part of the last node's output. */
  readonly output: TensorId;
  /** What cuts its part out of the image that the caller brings; null where it is no such tile. */
  readonly fed: Node | null;
}

/**
 * The tile that computes a region of the last node's output.
 * @param nodes consecutive ones of the graph
 * @param name of the tile, which its tensors have behind their own
 * @param fed an image that the caller brings, of which the tile takes one part, all that any of its nodes reads
 * @returns null where a node cannot be computed by parts
 */
export function tileOf(
  graph: Graph,
  nodes: readonly Node[],
  region: Region,
  name: string,
  fed: TensorId | null = null,
): Tile | null {
  const rows = region.rows && needsAlong(graph, nodes, 'rows', region.rows);
  const columns = needsAlong(graph, nodes, 'columns', region.columns);
  if ((region.rows && !rows) || !columns) return null;
  const draft = new Draft(graph, { rows, columns }, name);
  const cut = fed === null ? null : draft.bring(fed, nodes[0]!);
  for (const node of nodes) draft.add(node);
  const output = draft.partOf(nodes.at(-1)!.outputs[0]!);
  return { tensors: draft.tensors, nodes: draft.nodes, cuts: draft.cuts, output, fed: cut };
}

/** What an interval of the last node's output needs of images along an axis: of one that several nodes read, all that any of them does. */
export type Needs = ReadonlyMap<TensorId, Interval>;

/** @returns null where a node cannot be computed by parts, or reads nothing but padding */
export function needsAlong(
  graph: Graph,
  nodes: readonly Node[],
  axis: Axis,
  interval: Interval,
): Needs | null {
  const needs = new Map([[nodes.at(-1)!.outputs[0]!, interval]]);
  for (const node of nodes.toReversed()) {
    const own = needs.get(node.outputs[0]!);
    const reads = own && readsAlong(graph, node, axis, own);
    if (!reads) return null;
    for (const [i, read] of reads.entries()) {
      // A window that lies outside of the image as a whole reads nothing.
      if (read && lengthOf(read.interval) < 1) return null;
      if (read) needs.set(node.inputs[i]!, hull(read.interval, needs.get(node.inputs[i]!)));
    }
  }
  return needs;
}

/** By input: what is read of it for an interval of the output; null for all. */
function readsAlong(graph: Graph, node: Node, axis: Axis, own: Interval): readonly (Read | null)[] | null {
  const windows: readonly (RowWindow | null)[] | null =
    axis === 'rows' ? rowWindows(graph, node) : columnWindows(graph, node);
  return (
    windows?.map((window, i) => {
      const id = node.inputs[i];
      return window && readFor(window, own, tensorAt(graph, id).shape[DIMENSION[axis]]!);
    }) ?? null
  );
}

/** A tile while it is made. */
class Draft {
  readonly tensors: Tensor[];
  readonly nodes: Node[] = [];
  readonly cuts = new Set<Node>();
  readonly #graph: Graph;
  readonly #needs: Readonly<Record<Axis, Needs | null>>;
  readonly #name: string;
  readonly #parts = new Map<TensorId, TensorId>();
  readonly #cuts = new Map<string, TensorId>();

  constructor(graph: Graph, needs: Readonly<Record<Axis, Needs | null>>, name: string) {
    this.#graph = graph;
    this.tensors = [...graph.tensors];
    this.#needs = needs;
    this.#name = name;
  }

  /** Of an image that the tile's nodes make. */
  partOf(id: TensorId): TensorId {
    return this.#parts.get(id)!;
  }

  /** Makes the tile's part of an image that comes from outside. */
  bring(id: TensorId, reader: Node): Node {
    const [rows, columns] = [this.#needed(id, 'rows'), this.#needed(id, 'columns')];
    const part = this.#tensor(id, rows, columns);
    this.#parts.set(id, part);
    return sliceOf(id, part, [0, rows.first, columns.first, 0], reader);
  }

  add(node: Node): void {
    const image = node.outputs[0]!;
    const [rows, columns] = [this.#reads(node, 'rows'), this.#reads(node, 'columns')];
    const inputs = node.inputs.map((id, i) =>
      id === null ? null : this.#input(node, id, rows?.[i] ?? null, columns?.[i] ?? null),
    );
    const [height, width] = [this.#needed(image, 'rows'), this.#needed(image, 'columns')];
    const part = this.#tensor(image, height, width);
    this.#parts.set(image, part);
    const own = onParts(this.#graph, node, {
      ...(rows?.[0] && { rows: { output: height, read: rows[0] } }),
      ...(columns?.[0] && { columns: { output: width, read: columns[0] } }),
    });
    this.nodes.push({ ...own, inputs, outputs: [part] } as Node);
  }

  #reads(node: Node, axis: Axis): readonly (Read | null)[] | null {
    const own = this.#needs[axis]?.get(node.outputs[0]!);
    return own ? readsAlong(this.#graph, node, axis, own) : null;
  }

  #needed(id: TensorId, axis: Axis): Interval {
    return this.#needs[axis]?.get(id) ?? this.#all(id, axis);
  }

  #all(id: TensorId, axis: Axis): Interval {
    return { first: 0, last: tensorAt(this.#graph, id).shape[DIMENSION[axis]]! - 1 };
  }

  /** What a node reads in place of an image: the tile's part of it, or what is cut out of that or of an image from outside. */
  #input(node: Node, id: TensorId, rows: Read | null, columns: Read | null): TensorId {
    const part = this.#parts.get(id);
    const from = part ?? id;
    if (!rows && !columns) return from;
    const held = (axis: Axis) => (part === undefined ? this.#all(id, axis) : this.#needed(id, axis));
    const [heldRows, heldColumns] = [held('rows'), held('columns')];
    const [wantedRows, wantedColumns] = [rows?.interval ?? heldRows, columns?.interval ?? heldColumns];
    if (same(wantedRows, heldRows) && same(wantedColumns, heldColumns)) return from;
    const begin = [0, wantedRows.first - heldRows.first, wantedColumns.first - heldColumns.first, 0];
    const key = `${from} ${begin} ${lengthOf(wantedRows)} ${lengthOf(wantedColumns)}`;
    const known = this.#cuts.get(key);
    if (known !== undefined) return known;
    const cut = this.#tensor(id, wantedRows, wantedColumns);
    this.#cuts.set(key, cut);
    const slice = sliceOf(from, cut, begin, node);
    this.nodes.push(slice);
    this.cuts.add(slice);
    return cut;
  }

  #tensor(id: TensorId, rows: Interval, columns: Interval): TensorId {
    const whole = tensorAt(this.#graph, id);
    const [batches, , , channels] = whole.shape;
    const shape = [batches!, lengthOf(rows), lengthOf(columns), channels!];
    return this.tensors.push({ ...whole, name: `${whole.name} ${this.#name}`, shape }) - 1;
  }
}

function same(a: Interval, b: Interval): boolean {
  return a.first === b.first && a.last === b.last;
}
