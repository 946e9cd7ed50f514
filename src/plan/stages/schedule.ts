/**
 * A stage: layers that run round by round, each a few rows of its output further as soon as the rows that it reads are there, out
 * of and into rings of rows, so that no image between them is ever whole. No row is computed twice. Here: which layers can be
 * one, which rows they make when, and how many rows their rings have.
 */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { byteLength, type TensorId } from '../../graph/tensor.js';
import { firstRow, isImage, type RowWindow, rowsReady, rowWindows } from './row-window.js';

/** What a layer of a stage reads row by row: another layer of it, or (null) the stage's input, whose rows set the pace. */
export interface Source {
  readonly layer: number | null;
  readonly window: RowWindow;
  /** Rows of what is read. */
  readonly height: number;
}

export interface StageLayer {
  readonly node: Node;
  /** Rows of its output. */
  readonly height: number;
  readonly sources: readonly Source[];
  /** Rows that it makes a round at most: as the input's bottom edge makes the last ones all ready at once, rings need not grow for them. */
  readonly most: number;
}

export interface StageSchedule {
  /** The image whose rows set the pace. */
  readonly input: TensorId;
  /** Its rows a round. */
  readonly rows: number;
  readonly layers: readonly StageLayer[];
  /** Rows of the ring that holds an image; the height of those that are whole: the stage's inputs and output. */
  readonly rings: ReadonlyMap<TensorId, number>;
  /** By how many bytes the output must start below the input so that its rows take those that the stage has done with. */
  readonly overlap: number;
}

/**
 * The schedule of consecutive nodes.
 * @param rows of the first node's input a round
 * @returns null where these nodes cannot be a stage: an operator that has no rows, one that waits for no row of the stage, or an
 * image between them that others read too
 */
export function scheduleStage(graph: Graph, nodes: readonly Node[], rows: number): StageSchedule | null {
  const input = nodes[0]!.inputs[0]!;
  if (!isClosed(graph, nodes) || !isImage(tensorAt(graph, input))) return null;
  const height = heightOf(graph, input);
  const pace = Math.min(rows, height);
  const layers = layersOf(graph, nodes, input, pace / height);
  if (!layers) return null;
  const rounds = roundsOf(layers, height, pace);
  const rings = new Map<TensorId, number>();
  for (const id of nodes.flatMap(({ inputs }) => inputs)) {
    if (id !== null && tensorAt(graph, id).data === null && isImage(tensorAt(graph, id)))
      rings.set(id, heightOf(graph, id));
  }
  for (const [layer, { node, height }] of layers.entries()) {
    const isLast = layer === layers.length - 1;
    rings.set(node.outputs[0]!, isLast ? height : ringRows(layers, layer, rounds));
  }
  return { input, rows: pace, layers, rings, overlap: overlapOf(graph, layers, input, rounds) };
}

function heightOf(graph: Graph, id: TensorId): number {
  return tensorAt(graph, id).shape[1]!;
}

/** @param share of all rows that a round is */
function layersOf(graph: Graph, nodes: readonly Node[], input: TensorId, share: number): StageLayer[] | null {
  const maker = new Map<TensorId, number>();
  const layers: StageLayer[] = [];
  for (const node of nodes) {
    const windows = rowWindows(graph, node);
    if (!windows) return null;
    const sources = node.inputs.flatMap((id, i): Source[] => {
      const window = windows[i];
      if (id === null || !window || !(id === input || maker.has(id))) return [];
      return [{ layer: maker.get(id) ?? null, window, height: heightOf(graph, id) }];
    });
    const readsWhole = node.inputs.some((id, i) => id !== null && maker.has(id) && !windows[i]);
    if (sources.length === 0 || readsWhole) return null;
    maker.set(node.outputs[0]!, layers.length);
    const height = heightOf(graph, node.outputs[0]!);
    layers.push({ node, height, sources, most: Math.max(1, Math.ceil(height * share)) });
  }
  return layers;
}

/** Whether all that the nodes make but the last output is read by them and by no one else. */
function isClosed(graph: Graph, nodes: readonly Node[]): boolean {
  const inside = new Set(nodes);
  return nodes.slice(0, -1).every(({ outputs: [id] }) => {
    const readers = readersOf(graph).get(id!) ?? [];
    return readers.length > 0 && !graph.outputs.includes(id!) && readers.every((node) => inside.has(node));
  });
}

const READERS = new WeakMap<Graph, ReadonlyMap<TensorId, readonly Node[]>>();

/** Who reads each tensor; searches ask for one graph thousands of times. */
function readersOf(graph: Graph): ReadonlyMap<TensorId, readonly Node[]> {
  const known = READERS.get(graph);
  if (known) return known;
  const readers = new Map<TensorId, Node[]>();
  for (const node of graph.nodes) {
    for (const id of node.inputs) {
      if (id !== null) readers.set(id, [...(readers.get(id) ?? []), node]);
    }
  }
  READERS.set(graph, readers);
  return readers;
}

/** Rows that exist of each layer's output after each round, until the last one's are complete. */
function roundsOf(
  layers: readonly StageLayer[],
  height: number,
  rows: number,
): readonly (readonly number[])[] {
  const rounds: number[][] = [];
  let made = layers.map(() => 0);
  for (let given = rows; made.at(-1)! < layers.at(-1)!.height; given += rows) {
    const ends: number[] = [];
    for (const [layer, { sources, height: own, most }] of layers.entries()) {
      let end = made[layer]! + most;
      for (const { layer: source, window, height: from } of sources) {
        const there = source === null ? Math.min(given, height) : ends[source]!;
        end = Math.min(end, rowsReady(window, there, from, own));
      }
      ends.push(end);
    }
    rounds.push(ends);
    made = ends;
  }
  return rounds;
}

/** Layers that read what `layer` makes (null: the input). */
function readersIn(layers: readonly StageLayer[], layer: number | null): Reader[] {
  return layers.flatMap(({ sources, height }, reader) =>
    sources.filter((source) => source.layer === layer).map(({ window }) => ({ reader, window, height })),
  );
}

interface Reader {
  readonly reader: number;
  readonly window: RowWindow;
  /** Rows of the reader's output. */
  readonly height: number;
}

/** First row that is still read when layers have made the rows `made`; infinite for none. */
function firstLive(readers: readonly Reader[], made: readonly number[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { reader, window, height } of readers) {
    if (made[reader]! < height) first = Math.min(first, firstRow(window, made[reader]!));
  }
  return first;
}

/** The fewest rows of a ring: when a layer has made its rows of a round, all that readers still need must be there. */
function ringRows(
  layers: readonly StageLayer[],
  layer: number,
  rounds: readonly (readonly number[])[],
): number {
  const readers = readersIn(layers, layer);
  let most = 1;
  let before: readonly number[] = layers.map(() => 0);
  for (const ends of rounds) {
    most = Math.max(most, ends[layer]! - firstLive(readers, before));
    before = ends;
  }
  return Math.min(layers[layer]!.height, most);
}

function overlapOf(
  graph: Graph,
  layers: readonly StageLayer[],
  input: TensorId,
  rounds: readonly (readonly number[])[],
): number {
  const last = layers.length - 1;
  const readers = readersIn(layers, null);
  const rowBytes = (id: TensorId) => byteLength(tensorAt(graph, id)) / heightOf(graph, id);
  const [out, from] = [rowBytes(layers[last]!.node.outputs[0]!), rowBytes(input)];
  const distances = rounds.map((ends, round) => {
    const before = rounds[round - 1] ?? layers.map(() => 0);
    // The last layer may itself read the input while it writes.
    const made = layers[last]!.sources.some(({ layer }) => layer === null)
      ? [...ends.slice(0, last), before[last]!]
      : ends;
    const live = firstLive(readers, made);
    return live === Number.POSITIVE_INFINITY ? 0 : ends[last]! * out - live * from;
  });
  return Math.max(0, ...distances);
}
