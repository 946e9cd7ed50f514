/**
 * A stage: layers that run round by round, each a few rows of its output further as soon as the rows that it reads are there, out
 * of and into rings of rows, so that no image between them is ever whole. No row is computed twice. Here: which layers can be
 * one, which rows they make when, and how many rows their rings have.
 */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TensorId } from '../../graph/tensor.js';
import { ENDLESS_ROWS, type Endless, endlessOf } from './endless.js';
import type { Source, StageLayer } from './layer.js';
import { type ImageRing, inputRingOf, type Move, movesOf, overlapOf, ringOf, roundsOf } from './rings.js';
import { accumulates, isImage, rowsMade, rowsOf, rowWindows } from './row-window.js';

export interface StageSchedule {
  /** The image whose rows set the pace. */
  readonly input: TensorId;
  /** Its rows a round. */
  readonly rows: number;
  readonly rounds: number;
  readonly layers: readonly StageLayer[];
  /** Whether the caller brings the input row by row: then it is a ring too. */
  readonly fed: boolean;
  /** Where that input never ends (`Graph.window`). */
  readonly endless: Endless | null;
  /** Of every image that a layer reads or makes by rows; those of the stage's inputs, unless fed, and output hold all rows. */
  readonly rings: ReadonlyMap<TensorId, ImageRing>;
  /** Of windows among them. */
  readonly moves: readonly Move[];
  /**
   * By how many bytes the output must start below the input so that its rows take those that the stage has done with; null where it
   * may take none.
   */
  readonly overlap: number | null;
}

/**
 * The schedule of consecutive nodes.
 * @param rows of the first node's input a round
 * @param fed whether the caller brings the first node's input row by row
 * @param sliding whether images between layers are windows wherever that frees memory, rather than rings
 * @returns null where these nodes cannot be a stage: an operator that has no rows, or sums them up before others, one that waits for no row
 * of the stage, or an image between them, the input if it is fed, that others read too
 */
export function scheduleStage(
  graph: Graph,
  nodes: readonly Node[],
  rows: number,
  fed = false,
  sliding = false,
): StageSchedule | null {
  const [first] = nodes;
  const input = first!.inputs[rowWindows(graph, first!)?.findIndex((window) => window !== null) ?? -1];
  if (input === undefined || input === null) return null;
  if (!isClosed(graph, nodes, fed ? [input, ...between(nodes)] : between(nodes))) return null;
  if (nodes.slice(0, -1).some((node) => accumulates(graph, node))) return null;
  const height = heightOf(graph, input);
  const pace = Math.min(rows, height);
  // Frames enough for every phase of the rings while all layers run.
  const isEndless = fed && graph.window !== undefined;
  const rowsGiven = isEndless ? 4 * height : height;
  const layers = layersOf(graph, nodes, input, pace, isEndless ? rowsGiven : null);
  if (!layers) return null;
  const rounds = roundsOf(layers, rowsGiven, pace);
  const whole = (id: TensorId): ImageRing => ({ rows: heightOf(graph, id), kept: null });
  const rings = new Map<TensorId, ImageRing>();
  for (const id of nodes.flatMap(({ inputs }) => inputs)) {
    if (id !== null && tensorAt(graph, id).data === null && isImage(tensorAt(graph, id)))
      rings.set(id, whole(id));
  }
  for (const [layer, { node }] of layers.entries()) {
    const output = node.outputs[0]!;
    if (layer < layers.length - 1) rings.set(output, ringOf(layers, layer, rounds, sliding));
    else if (isImage(tensorAt(graph, output))) rings.set(output, whole(output));
  }
  const moves = movesOf(graph, layers, rings, rounds);
  const common = { input, rows: pace, rounds: rounds.length, fed, moves };
  if (!fed)
    return { ...common, layers, endless: null, rings, overlap: overlapOf(graph, layers, input, rounds) };
  rings.set(input, inputRingOf(layers, rowsGiven, pace, rounds));
  if (!isEndless) return { ...common, layers, endless: null, rings, overlap: null };
  const unending = layers.map((layer) => ({
    ...layer,
    height: ENDLESS_ROWS,
    sources: layer.sources.map((source) => ({ ...source, height: ENDLESS_ROWS })),
  }));
  return { ...common, layers: unending, overlap: null, ...endlessOf(graph, unending, input, height, rings) };
}

function heightOf(graph: Graph, id: TensorId): number {
  return tensorAt(graph, id).shape[1]!;
}

/**
 * @param rows of the input a round
 * @param frames as many rows as the input is to have for once, and the other images accordingly; null for the graph's own heights
 */
function layersOf(
  graph: Graph,
  nodes: readonly Node[],
  input: TensorId,
  rows: number,
  frames: number | null,
): StageLayer[] | null {
  const maker = new Map<TensorId, number>();
  const heightIn = (id: TensorId): number => {
    if (frames === null) return heightOf(graph, id);
    return id === input ? frames : layers[maker.get(id)!]!.height;
  };
  const layers: StageLayer[] = [];
  const paces: number[] = [];
  for (const node of nodes) {
    const windows = rowWindows(graph, node);
    if (!windows) return null;
    const sources = node.inputs.flatMap((id, i): Source[] => {
      const window = windows[i];
      if (id === null || !window || !(id === input || maker.has(id))) return [];
      return [{ layer: maker.get(id) ?? null, window, height: heightIn(id) }];
    });
    const readsWhole = node.inputs.some((id, i) => id !== null && maker.has(id) && !windows[i]);
    if (sources.length === 0 || readsWhole) return null;
    maker.set(node.outputs[0]!, layers.length);
    const height =
      frames === null
        ? rowsOf(graph, node)
        : Math.min(...sources.map(({ window, height: from }) => rowsMade(window, from)));
    const pace = Math.max(
      ...sources.map(
        ({ layer, window }) => ((layer === null ? rows : paces[layer]!) * (window.per ?? 1)) / window.stride,
      ),
    );
    paces.push(pace);
    layers.push({ node, height, sources, most: Math.min(height, Math.ceil(pace)) });
  }
  return layers;
}

function between(nodes: readonly Node[]): TensorId[] {
  return nodes.slice(0, -1).map(({ outputs }) => outputs[0]!);
}

/** Whether tensors, unless given all that the nodes make but the last output, are read by the nodes and by no one else. */
export function isClosed(
  graph: Graph,
  nodes: readonly Node[],
  tensors: readonly TensorId[] = between(nodes),
): boolean {
  const inside = new Set(nodes);
  return tensors.every((id) => {
    const readers = readersOf(graph).get(id) ?? [];
    return readers.length > 0 && !graph.outputs.includes(id) && readers.every((node) => inside.has(node));
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
