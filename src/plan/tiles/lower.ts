/** A tiled stretch of layers: its kernel calls, and what they cost. */
import type { Board } from '../../../boards/board.js';
import type { Graph } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import { kernelsFor } from '../../kernels/index.js';
import type { Kernel } from '../../kernels/kernel.js';
import { type Candidate, candidateOf, candidatesOf, type Layer } from '../candidates.js';
import { uniqueName } from '../names.js';
import type { LoweredStage } from '../stages/index.js';
import { StageLowering } from '../stages/lower.js';
import { isClosed, scheduleStage } from '../stages/schedule.js';
import { type Grid, tiled } from './tiling.js';

/** Layers that run tile after tile. */
export interface Tiling {
  /** The first of them and the last: indexes of the layers. */
  readonly first: number;
  readonly last: number;
  readonly grid: Grid;
  /** How each tile is a stage of its own: rows of its input a round, and whether it takes least scratch memory; null: layer by layer. */
  readonly stage: { readonly rows: number; readonly spare: boolean } | null;
}

/** What is planned in place of a graph's layers. */
export interface TiledLayers {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly choice: readonly Candidate[];
  readonly stages: readonly LoweredStage[];
}

/**
 * The layers of a graph with some of them tiled. Those of the first tile keep their names.
 * @param plain all layers, and a candidate for each
 * @returns null where these layers cannot be tiled so
 */
export function tileLayers(
  { graph, layers, choice, stages }: TiledLayers,
  board: Board,
  { first, last, grid, stage }: Tiling,
): TiledLayers | null {
  const stretch = layers.slice(first, last + 1);
  const nodes = stretch.map(({ node }) => node);
  const made = isClosed(graph, nodes) ? tiled(graph, nodes, grid) : null;
  if (!made) return null;
  const names = new Set(layers.map(({ name }) => name));
  const tiles: Layer[][] = [];
  const found: LoweredStage[] = [];
  for (const { nodes, paste } of made.tiles) {
    const own = { ...made.graph, nodes: [...nodes, paste] };
    const tile = layersOfTile(own, nodes, stretch, board, tiles.length === 0, names);
    if (!tile) return null;
    tile.push(pasting(own, paste, board, names));
    tiles.push(tile);
    if (!stage) continue;
    const schedule = scheduleStage(own, own.nodes, stage.rows);
    const lowered = schedule && new StageLowering(own, board, tile).lower(schedule, stage.spare);
    if (!lowered) return null;
    found.push({ schedule, layers: lowered });
  }
  const flat = tiles.flat();
  const taken = flat.map(({ candidates }) => candidates.reduce((a, b) => (b.time < a.time ? b : a)));
  return {
    graph: made.graph,
    layers: layers.toSpliced(first, stretch.length, ...flat),
    choice: choice.toSpliced(first, stretch.length, ...taken),
    stages: [...stages, ...found],
  };
}

/** By the kernels that the layers of the whole images may take. */
function layersOfTile(
  graph: Graph,
  nodes: readonly Node[],
  stretch: readonly Layer[],
  board: Board,
  isFirst: boolean,
  names: Set<string>,
): Layer[] | null {
  const copied = [...stretch];
  const layers: Layer[] = [];
  for (const node of nodes) {
    const whole = node.kind === 'STRIDED_SLICE' ? null : copied.shift()!;
    const base = whole?.name ?? `strided_slice_${node.source.index}`;
    const name = whole && isFirst ? base : uniqueName(base, names);
    const candidates = candidatesOf(graph, node, board).filter(
      ({ kernel }) => !whole || whole.candidates.some((other) => other.kernel === kernel),
    );
    if (candidates.length === 0) return null;
    layers.push({ name, node, candidates });
  }
  return layers;
}

/** The layer that puts a tile's part of the image where it belongs. */
function pasting(graph: Graph, node: NodeOf<'PAD'>, board: Board, names: Set<string>): Layer {
  const [copy] = kernelsFor(graph, node, board.target);
  const candidates = [candidateOf(graph, node, insideOf(copy), board)];
  return { name: uniqueName(`concatenation_${node.source.index}`, names), node, candidates };
}

/** The last call of a kernel for PAD, which copies the inside. */
function insideOf(kernel: Kernel): Kernel {
  return {
    ...kernel,
    calls: () => 1,
    lower: (graph, node) => kernel.lower(graph, node, kernel.calls!(graph, node) - 1),
  };
}
