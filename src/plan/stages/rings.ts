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

/** How an image of a stage lies in memory. */
export interface ImageRing {
  readonly rows: number;
  /** Whether a round reads rows of an earlier one: else the memory is free from a round's last reader to the next round. */
  readonly carried: boolean;
}

/** The smallest ring of what a layer makes. */
export function ringOf(layers: readonly StageLayer[], layer: number, rounds: Rounds): ImageRing {
  const made = rounds.map((ends) => ends[layer]!);
  return smallestRing(readersIn(layers, layer), layers[layer]!.height, made, rounds);
}

/** The smallest ring of a stage's input of `height` rows, of which each round gets `pace`. */
export function inputRingOf(
  layers: readonly StageLayer[],
  height: number,
  pace: number,
  rounds: Rounds,
): ImageRing {
  const given = rounds.map((_, round) => Math.min(height, (round + 1) * pace));
  return smallestRing(readersIn(layers, null), height, given, rounds);
}

/** When the rows of a round are there (`there`: all up to now), so must be all that readers still need. */
function smallestRing(
  readers: readonly Reader[],
  height: number,
  there: readonly number[],
  rounds: Rounds,
): ImageRing {
  let rows = 1;
  let carried = false;
  let before: readonly number[] = rounds[0]!.map(() => 0);
  for (const [round, ends] of rounds.entries()) {
    rows = Math.max(rows, there[round]! - firstLive(readers, before));
    // Nothing follows the last round, though layers inside may lack rows that the last one never reads.
    carried ||= round < rounds.length - 1 && firstLive(readers, ends) < there[round]!;
    before = ends;
  }
  return { rows: Math.min(height, rows), carried };
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
