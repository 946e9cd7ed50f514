/**
 * Tiled layers as pieces of a schedule. There are many ways to tile, and each has kernels to lower: searches compare estimates, which
 * follow from whole images, and lower the few pieces that they would take.
 */
import type { Board } from '../../../boards/board.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import { byteLength, type TensorId } from '../../graph/tensor.js';
import type { Layer } from '../candidates.js';
import { feedBytes } from '../stages/index.js';
import { type LoweredStage, timeOf } from '../stages/lower.js';
import type { Piece } from '../stages/path.js';
import { Lifetimes, roomOfLayer, roomWithin, rowBytesIn } from '../stages/room.js';
import { CALL_TIME, stageTime } from '../stages/time.js';
import type { Grid } from './grid.js';
import { fastestOf, isTileable, type LoweredTile, lowerTiles, type Tiling } from './lower.js';
import { type Share, sharesOf } from './shares.js';

/** Strips that a stage is cut into. */
const STRIPS = [2, 3, 4, 5, 7];

/** Rough: what it takes to copy a byte. */
const COPY_TIME = 0.5;

/** Tiled layers, and what they take. */
export interface TilingPiece extends Piece {
  readonly tiling: Tiling;
  /** Whether time and room are those of its calls, and no estimates. */
  readonly exact: boolean;
}

type Shares = ReadonlyMap<TensorId, Share>;

export class TilePieces {
  readonly #graph: Graph;
  readonly #board: Board;
  readonly #layers: readonly Layer[];
  readonly #lifetimes: Lifetimes;
  readonly #rowBytes: (id: TensorId) => number;
  readonly #shares = new Map<string, Shares | null>();

  constructor(graph: Graph, board: Board, layers: readonly Layer[], lifetimes: Lifetimes) {
    this.#graph = graph;
    this.#board = board;
    this.#layers = layers;
    this.#lifetimes = lifetimes;
    this.#rowBytes = rowBytesIn(graph);
  }

  /** Strips of a stage that runs layers `first` to `last`, at most so many of a stage that is fed; estimates. */
  stripsOf(first: number, last: number, spare: boolean, stage: LoweredStage, passes: number): TilingPiece[] {
    const { fed, rows } = stage.schedule;
    return STRIPS.filter((strips) => !fed || strips <= passes).flatMap((columns): TilingPiece[] => {
      const grid = { rows: 1, columns };
      const tiling = { first, last, grid, stage: { rows, spare }, fed };
      const shares = this.#sharesOf(tiling);
      if (!shares) return [];
      const time = this.#stripTime(stage, shares, columns);
      const room = this.#around(tiling) + this.#stripBytes(stage, shares);
      return [{ first, last, time, room, tiling, exact: false }];
    });
  }

  /** Patches of layers `first` to `last`; an estimate, or null where they cannot be tiled so. */
  patchesOf(first: number, last: number, grid: Grid): TilingPiece | null {
    const tiling = { first, last, grid, stage: null, fed: false };
    const shares = this.#sharesOf(tiling);
    if (!shares) return null;
    const layers = this.#layers.slice(first, last + 1);
    const share = (id: TensorId) => shares.get(id) ?? { most: 1, all: 1 };
    const time = layers.reduce(
      (sum, layer) => sum + fastestOf(layer).time * share(layer.node.outputs[0]!).all,
      0,
    );
    const bytes = layers.map(({ node }) => {
      const images = [...node.inputs, ...node.outputs].filter((id) => id !== null && shares.has(id));
      return images.reduce<number>((sum, id) => sum + this.#bytesOf(id!) * share(id!).most, 0);
    });
    const room = this.#lifetimes.around(first, last) + Math.max(...bytes);
    return { first, last, time, room, tiling, exact: false };
  }

  /** The piece lowered; null where its layers cannot be tiled so. */
  exact(piece: TilingPiece): TilingPiece | null {
    const lowered = lowerTiles(this.#graph, this.#board, this.#layers, piece.tiling);
    if (!lowered) return null;
    const { graph, tiles } = lowered;
    const time = tiles.reduce((sum, tile) => sum + timeOfTile(graph, this.#board, tile), 0);
    return { ...piece, time, room: this.#roomOfTiles(graph, piece, tiles), exact: true };
  }

  #sharesOf({ first, last, grid, fed }: Tiling): Shares | null {
    const key = `${first} ${last} ${grid.rows} ${grid.columns} ${fed}`;
    if (!this.#shares.has(key)) {
      const nodes = this.#layers.slice(first, last + 1).map(({ node }) => node);
      this.#shares.set(key, isTileable(this.#graph, nodes, fed) ? sharesOf(this.#graph, nodes, grid) : null);
    }
    return this.#shares.get(key)!;
  }

  /** Bytes that are live around tiled layers: of a fed image nothing but what rings hold. */
  #around({ first, last, fed, grid }: Tiling): number {
    const around = this.#lifetimes.around(first, last);
    if (!fed) return around;
    return (
      around - this.#lifetimes.bytesOf(this.#graph.inputs[0]!) + feedBytes(last - first + 2, grid.columns)
    );
  }

  #bytesOf(id: TensorId): number {
    return byteLength(tensorAt(this.#graph, id));
  }

  #stripTime({ schedule, layers }: LoweredStage, shares: Shares, strips: number): number {
    const share = (id: TensorId) => shares.get(id)?.all ?? 1;
    const output = schedule.layers.at(-1)!;
    const cut = schedule.fed ? 0 : this.#bytesOf(schedule.input) * share(schedule.input);
    const moved = cut + this.#bytesOf(output.node.outputs[0]!);
    const times = schedule.layers.map(
      ({ node, height }, i) => timeOf(layers[i]!) * share(node.outputs[0]!) + CALL_TIME * height * strips,
    );
    return times.reduce((sum, time) => sum + time, moved * COPY_TIME);
  }

  /** Of rings and scratch memory; what is cut out of the input is a ring too. */
  #stripBytes(stage: LoweredStage, shares: Shares): number {
    const { input, rows, layers, fed } = stage.schedule;
    const narrow = (id: TensorId) => Math.ceil(this.#rowBytes(id) * (shares.get(id)?.most ?? 1));
    const extents = layers.flatMap(({ sources }) =>
      sources.flatMap(({ layer, window }) => (layer === null ? window.extent : [])),
    );
    if (fed) return roomWithin(stage, narrow);
    return roomWithin(stage, narrow) + (Math.max(...extents) + rows - 1) * narrow(input);
  }

  #roomOfTiles(graph: Graph, { first, last, tiling }: TilingPiece, tiles: readonly LoweredTile[]): number {
    if (tiling.stage) {
      const rowBytes = rowBytesIn(graph);
      const within = tiles.map(({ stage }) => roomWithin(stage!, rowBytes));
      return this.#around(tiling) + Math.max(...within);
    }
    const own = tiles.flatMap(({ layers }) => layers);
    const layers = this.#layers.toSpliced(first, last - first + 1, ...own);
    const lifetimes = new Lifetimes(
      graph,
      layers.map((layer) => layer.candidates[0]!.calls[0]!),
    );
    return Math.max(...own.map((layer, i) => roomOfLayer(lifetimes, first + i, fastestOf(layer).calls)));
  }
}

function timeOfTile(graph: Graph, board: Board, { layers, stage }: LoweredTile): number {
  return stage
    ? stageTime(graph, board, stage)
    : layers.reduce((sum, layer) => sum + fastestOf(layer).time, 0);
}
