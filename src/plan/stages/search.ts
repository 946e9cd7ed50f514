/** Which layers run as stages: the fastest schedule within a limit of memory, or the smallest within a limit of time. */
import type { Board } from '../../../boards/board.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import { byteLength, type TensorId } from '../../graph/tensor.js';
import type { Candidate, Layer } from '../candidates.js';
import type { LoweredStage } from './index.js';
import { StageLowering, timeOf } from './lower.js';
import { fastestPath, leastLimit, type Piece } from './path.js';
import { Lifetimes, roomOfLayer, roomOfStage } from './room.js';
import { rowWindows } from './row-window.js';
import { scheduleStage } from './schedule.js';

/** Rows of its input that a stage may take a round. */
const ROWS = [1, 2, 4, 8];

/** Instructions of another call and another round of the loop, rough: kernels are priced on images, of which rows are small ones. */
const CALL_TIME = 100;

/** A piece of a schedule: one layer by one of its candidates, or several as a stage. */
interface LayerPiece extends Piece {
  readonly candidate: Candidate | null;
  readonly stage: LoweredStage | null;
}

/** What a search found: a candidate for each layer, of which those in stages are not used, and the stages. */
export interface Schedule {
  readonly choice: readonly Candidate[];
  readonly stages: readonly LoweredStage[];
  /** Predicted, of both: what the pieces need, which a placement may exceed by gaps. */
  readonly time: number;
  readonly room: number;
}

/** All ways to schedule the layers of a graph; made once, asked often. */
export class ScheduleSearch {
  readonly #layers: readonly Layer[];
  readonly #pieces: readonly LayerPiece[];

  constructor(graph: Graph, board: Board, layers: readonly Layer[]) {
    this.#layers = layers;
    this.#pieces = piecesOf(graph, board, layers);
  }

  /** The fastest schedule whose pieces need at most `limit` bytes each; null where there is none. */
  fastest(limit: number): Schedule | null {
    const path = fastestPath(this.#pieces, this.#layers.length, limit);
    if (!path) return null;
    const choice = this.#layers.map(({ candidates }) => candidates[0]!);
    for (const { first, candidate } of path) if (candidate) choice[first] = candidate;
    return {
      choice,
      stages: path.flatMap(({ stage }) => stage ?? []),
      time: path.reduce((sum, { time }) => sum + time, 0),
      room: Math.max(0, ...path.map(({ room }) => room)),
    };
  }

  /** The schedule that needs the least memory of those that take at most `time`; null where there is none. */
  smallest(time: number): Schedule | null {
    const limit = leastLimit(this.#pieces, this.#layers.length, time);
    return limit === null ? null : this.fastest(limit);
  }
}

function piecesOf(graph: Graph, board: Board, layers: readonly Layer[]): LayerPiece[] {
  const lifetimes = new Lifetimes(
    graph,
    layers.map(({ candidates }) => candidates[0]!.calls[0]!),
  );
  const lowering = new StageLowering(graph, board, layers);
  const nodes = layers.map(({ node }) => node);
  const rowBytes = (id: TensorId) => {
    const tensor = tensorAt(graph, id);
    return byteLength(tensor) / tensor.shape[1]!;
  };
  const pieces = layers.flatMap(({ candidates }, at) =>
    candidates.map((candidate): LayerPiece => {
      const room = roomOfLayer(lifetimes, at, candidate.calls);
      return { first: at, last: at, time: candidate.time, room, candidate, stage: null };
    }),
  );
  for (let first = 0; first < nodes.length - 1; first++) {
    if (!rowWindows(graph, nodes[first]!)) continue;
    for (let last = first + 1; last < nodes.length && rowWindows(graph, nodes[last]!); last++) {
      for (const rows of ROWS) {
        const schedule = scheduleStage(graph, nodes.slice(first, last + 1), rows);
        if (!schedule) continue;
        for (const spare of [false, true]) {
          const lowered = lowering.lower(schedule, spare);
          if (!lowered) continue;
          const stage = { schedule, layers: lowered };
          const room = roomOfStage(lifetimes, first, last, stage, rowBytes);
          pieces.push({ first, last, time: stageTime(stage), room, candidate: null, stage });
        }
      }
    }
  }
  return pieces;
}

/** Predicted. */
function stageTime({ schedule, layers }: LoweredStage): number {
  const called = schedule.layers.reduce((sum, { height }) => sum + height, 0) * CALL_TIME;
  return layers.reduce((sum, layer) => sum + timeOf(layer), called);
}
