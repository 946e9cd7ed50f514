/** Which layers run as stages: the fastest schedule within a limit of memory, or the smallest within a limit of time. */
import type { Board } from '../../../boards/board.js';
import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { Candidate, Layer } from '../candidates.js';
import type { Tiling } from '../tiles/lower.js';
import { TilePieces, type TilingPiece } from '../tiles/pieces.js';
import type { LoweredStage } from './lower.js';
import { StageLowering } from './lower.js';
import { fastestPath, leastLimit, type Piece } from './path.js';
import { Lifetimes, roomOfLayer, roomOfStage, rowBytesIn } from './room.js';
import { rowWindows } from './row-window.js';
import { scheduleStage } from './schedule.js';
import { stageTime } from './time.js';

/** Rows of its input that a stage may take a round. */
const ROWS = [1, 2, 4, 8];

/** Of a stream: an output is not to wait for frames that it is not made of. */
const ONE_FRAME = [1];

/** One layer by one of its candidates. */
interface LayerPiece extends Piece {
  readonly candidate: Candidate;
}

/** Several as a stage. */
interface StagePiece extends Piece {
  readonly stage: LoweredStage;
}

type SchedulePiece = LayerPiece | StagePiece | TilingPiece;

function isVague(piece: SchedulePiece): piece is TilingPiece {
  return 'tiling' in piece && !piece.exact;
}

/** What a search found: a candidate for each layer, of which those in stages and tiles are not used, and these. */
export interface Schedule {
  readonly choice: readonly Candidate[];
  readonly stages: readonly LoweredStage[];
  readonly tilings: readonly Tiling[];
  /** Predicted, of both: what the pieces need, which a placement may exceed by gaps. */
  readonly time: number;
  readonly room: number;
}

/** All ways to schedule the layers of a graph; made once, asked often. */
export class ScheduleSearch {
  readonly #layers: readonly Layer[];
  readonly #tiles: TilePieces;
  #pieces: readonly SchedulePiece[];

  /**
   * @param options.patches whether layers are computed in so many times so many patches rather than in stages
   * @param options.passes how often the caller brings the input row by row at most, so that the first layers must be a stage of as many strips; 0 where
   * it is whole in the arena
   */
  constructor(
    graph: Graph,
    board: Board,
    layers: readonly Layer[],
    { patches, passes }: { readonly patches?: number | undefined; readonly passes: number },
  ) {
    const lifetimes = new Lifetimes(
      graph,
      layers.map(({ candidates }) => candidates[0]!.calls[0]!),
    );
    this.#layers = layers;
    this.#tiles = new TilePieces(graph, board, layers, lifetimes);
    this.#pieces = [
      ...layerPieces(layers, lifetimes).filter(({ first }) => passes === 0 || first > 0),
      ...(patches === undefined
        ? stagePieces(graph, board, layers, lifetimes, this.#tiles, passes)
        : patchPieces(layers, this.#tiles, patches)),
    ];
  }

  /** The fastest schedule whose pieces need at most `limit` bytes each; null where there is none. */
  fastest(limit: number): Schedule | null {
    const path = this.#settled(() => fastestPath(this.#pieces, this.#layers.length, limit));
    if (!path) return null;
    const choice = this.#layers.map(({ candidates }) => candidates[0]!);
    for (const piece of path) if ('candidate' in piece) choice[piece.first] = piece.candidate;
    return {
      choice,
      stages: path.flatMap((piece) => ('stage' in piece ? piece.stage : [])),
      tilings: path.flatMap((piece) => ('tiling' in piece ? piece.tiling : [])),
      time: path.reduce((sum, { time }) => sum + time, 0),
      room: Math.max(0, ...path.map(({ room }) => room)),
    };
  }

  /** The schedule that needs the least memory of those that take at most `time`; null where there is none. */
  smallest(time: number): Schedule | null {
    const count = this.#layers.length;
    let found: number | null = null;
    this.#settled(() => {
      found = leastLimit(this.#pieces, count, time);
      return found === null ? null : fastestPath(this.#pieces, count, found);
    });
    return found === null ? null : this.fastest(found);
  }

  /** What a search gives when all that it takes is exact. */
  #settled(search: () => readonly SchedulePiece[] | null): readonly SchedulePiece[] | null {
    for (;;) {
      const path = search();
      const vague = new Set(path?.filter(isVague));
      if (vague.size === 0) return path;
      this.#pieces = this.#pieces.flatMap((piece) => {
        if (!isVague(piece) || !vague.has(piece)) return [piece];
        return this.#tiles.exact(piece) ?? [];
      });
    }
  }
}

function layerPieces(layers: readonly Layer[], lifetimes: Lifetimes): LayerPiece[] {
  return layers.flatMap(({ candidates }, at) =>
    candidates.map((candidate) => {
      const room = roomOfLayer(lifetimes, at, candidate.calls);
      return { first: at, last: at, time: candidate.time, room, candidate };
    }),
  );
}

/** Every stretch of layers that can be a stage, and its strips. */
function stagePieces(
  graph: Graph,
  board: Board,
  layers: readonly Layer[],
  lifetimes: Lifetimes,
  tiles: TilePieces,
  passes: number,
): SchedulePiece[] {
  const lowering = new StageLowering(graph, board, layers);
  const nodes = layers.map(({ node }) => node);
  const rowBytes = rowBytesIn(graph);
  const pieces: SchedulePiece[] = [];
  for (let first = 0; first < nodes.length; first++) {
    if (!rowWindows(graph, nodes[first]!)) continue;
    const isFed = passes > 0 && first === 0;
    const isStream = isFed && graph.window !== undefined;
    const shortest = isStream ? endOfStream(graph, nodes) : isFed ? first : first + 1;
    const longest = isStream ? shortest : nodes.length - 1;
    for (let last = shortest; last <= longest && rowWindows(graph, nodes[last]!); last++) {
      for (const rows of isStream ? ONE_FRAME : ROWS) {
        const stretch = nodes.slice(first, last + 1);
        const schedule = scheduleStage(graph, stretch, rows, isFed);
        if (!schedule) continue;
        const sliding = scheduleStage(graph, stretch, rows, isFed, true)!;
        // Without rows that move both are the same.
        const ways = sliding.moves.length > 0 ? [schedule, sliding] : [schedule];
        const choices = [...lowering.choices(schedule)];
        for (const [i, lowered] of choices.entries()) {
          const stage = { schedule, layers: lowered };
          for (const own of ways) {
            const way = { schedule: own, layers: lowered };
            const room = roomOfStage(lifetimes, first, last, way, rowBytes);
            pieces.push({ first, last, time: stageTime(graph, board, way), room, stage: way });
          }
          const spare = i > 0;
          if (!isStream && (i === 0 || i === choices.length - 1))
            pieces.push(...tiles.stripsOf(first, last, spare, stage, passes));
        }
      }
    }
  }
  return pieces;
}

function endOfStream({ window }: Graph, nodes: readonly Node[]): number {
  return nodes.findIndex(({ outputs }) => outputs[0] === window!.end);
}

function patchPieces(layers: readonly Layer[], tiles: TilePieces, patches: number): TilingPiece[] {
  const grid = { rows: patches, columns: patches };
  return layers.flatMap((_, first) =>
    layers.slice(first).flatMap((_, more) => tiles.patchesOf(first, first + more, grid) ?? []),
  );
}
