/** What the rounds of a stage leave where: rows that exist, rows that rings must hold, rows that the output may take. */
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { TensorId } from '../../graph/tensor.js';
import type { StageLayer } from './layer.js';
import { accumulates, firstRow, type RowWindow, rowBytesOf, rowsReady } from './row-window.js';

/** Rows that exist of each layer's output after each round, until the last one's are complete. */
export type Rounds = readonly (readonly number[])[];

/** @param height of the stage's input, of which a round has `rows` */
export function roundsOf(layers: readonly Omit<StageLayer, 'node'>[], height: number, rows: number): Rounds {
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

export interface Reader {
  /** Index of the layer that reads. */
  readonly reader: number;
  readonly window: RowWindow;
  /** Rows of its output. */
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

/** How an image of a stage lies in memory. */
export interface ImageRing {
  readonly rows: number;
  /**
   * Null of a ring that stays: row y lies in its row y % rows. Else it is a window, which is there in each round from the layer that makes
   * its rows to the last that reads them: first come so many rows of earlier rounds, which lie elsewhere between rounds.
   */
  readonly kept: number | null;
}

/**
 * The smallest ring of what a layer makes; a window where no row is read in a later round.
 * @param sliding whether it is to be a window wherever that frees memory
 */
export function ringOf(
  layers: readonly StageLayer[],
  layer: number,
  rounds: Rounds,
  sliding: boolean,
): ImageRing {
  const { height } = layers[layer]!;
  const readers = readersIn(layers, layer);
  const made = rounds.map((ends) => ends[layer]!);
  const { rows, kept } = smallestRing(readers, height, made, rounds);
  const most = Math.max(...made.map((end, round) => end - (made[round - 1] ?? 0)));
  const isAlwaysThere = layer === 0 && readers.some(({ reader }) => reader === layers.length - 1);
  const isWindow = kept === 0 ? most <= rows : sliding && kept + most < height && !isAlwaysThere;
  return isWindow ? { rows: kept + most, kept } : { rows, kept: null };
}

/** Rows of earlier rounds that a window has while layers `maker` to `until` run; they lie in memory of their own between rounds. */
export interface Move {
  readonly image: TensorId;
  readonly bytes: number;
  readonly maker: number;
  /** Where neither it nor these have rows to make, a round leaves the rows where they are. */
  readonly readers: readonly Reader[];
  /** The last layer that reads the window, behind which its last rows move there, in the order of these. */
  readonly last: number;
  /** That one, or where rows of a further window move behind it, the layer before: that memory must not be the further window's. */
  readonly until: number;
  /** Rounds in which they move. */
  readonly rounds: number;
}

export function movesOf(
  graph: Graph,
  layers: readonly StageLayer[],
  rings: ReadonlyMap<TensorId, ImageRing>,
  rounds: Rounds,
): readonly Move[] {
  const moves = layers.flatMap(({ node, height }, maker) => {
    const image = node.outputs[0]!;
    const kept = rings.get(image)?.kept;
    if (!kept) return [];
    const bytes = kept * rowBytesOf(tensorAt(graph, image));
    const readers = readersIn(layers, maker);
    const moving = rounds.filter((ends, round) => {
      const before = rounds[round - 1] ?? ends.map(() => 0);
      const isRead = readers.some(
        ({ reader, window, height: own }) => rowsReady(window, ends[maker]!, height, own) > before[reader]!,
      );
      return ends[maker]! > before[maker]! || isRead;
    }).length;
    const last = readers.at(-1)!.reader;
    return [{ image, bytes, maker, readers, last, rounds: moving }];
  });
  return moves.map((move, i) => {
    const isAlone = moves.slice(i + 1).every(({ last }) => last !== move.last);
    return { ...move, until: isAlone ? move.last : move.last - 1 };
  });
}

/** The last layer that reads each one; itself where none does. */
export function lastReaders(layers: readonly StageLayer[]): readonly number[] {
  const last = [...layers.keys()];
  for (const [reader, { sources }] of layers.entries()) {
    for (const { layer } of sources) if (layer !== null) last[layer] = reader;
  }
  return last;
}

/** The smallest ring of a stage's input of `height` rows, of which each round gets `pace`. */
export function inputRingOf(
  layers: readonly StageLayer[],
  height: number,
  pace: number,
  rounds: Rounds,
): ImageRing {
  const given = rounds.map((_, round) => Math.min(height, (round + 1) * pace));
  const { rows } = smallestRing(readersIn(layers, null), height, given, rounds);
  return { rows, kept: null };
}

/**
 * When the rows of a round are there (`there`: all up to now), so must be all that readers still need.
 * @returns also how many rows of earlier rounds a round reads
 */
function smallestRing(
  readers: readonly Reader[],
  height: number,
  there: readonly number[],
  rounds: Rounds,
): { readonly rows: number; readonly kept: number } {
  let rows = 1;
  let kept = 0;
  let before: readonly number[] = rounds[0]!.map(() => 0);
  for (const [round, ends] of rounds.entries()) {
    rows = Math.max(rows, there[round]! - firstLive(readers, before));
    // Nothing follows the last round, though layers inside may lack rows that the last one never reads.
    if (round < rounds.length - 1) kept = Math.max(kept, there[round]! - firstLive(readers, ends));
    before = ends;
  }
  return { rows: Math.min(height, rows), kept };
}

/** `StageSchedule.overlap`. */
export function overlapOf(
  graph: Graph,
  layers: readonly StageLayer[],
  input: TensorId,
  rounds: Rounds,
): number {
  const last = layers.length - 1;
  const { node } = layers[last]!;
  if (accumulates(graph, node)) return 0;
  const readers = readersIn(layers, null);
  const out = rowBytesOf(tensorAt(graph, node.outputs[0]));
  const from = rowBytesOf(tensorAt(graph, input));
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
