/** A tiled stretch of layers: its kernel calls, tile by tile. */
import type { Board } from '../../../boards/board.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import { isPacked } from '../../graph/tensor.js';
import { kernelsFor } from '../../kernels/index.js';
import type { Kernel } from '../../kernels/kernel.js';
import { type Candidate, candidateOf, candidatesOf, type Layer } from '../candidates.js';
import { uniqueName } from '../names.js';
import type { TiledImage, TiledSteps } from '../plan.js';
import { type LoweredStage, StageLowering } from '../stages/lower.js';
import { isClosed, scheduleStage } from '../stages/schedule.js';
import type { Grid } from './grid.js';
import { partsOfTiles } from './parts.js';
import { type PlacedTile, tiled } from './tiling.js';

/** Layers that run tile after tile. */
export interface Tiling {
  /** The first of them and the last: indexes of the layers. */
  readonly first: number;
  readonly last: number;
  readonly grid: Grid;
  /** How each tile is a stage of its own: rows of its input a round, and whether it takes least scratch memory; null: layer by layer. */
  readonly stage: { readonly rows: number; readonly spare: boolean } | null;
  /** Whether the caller brings the input of the first layer row by row, once for each strip. */
  readonly fed: boolean;
}

/** The layers of one tile, what cuts and pastes it included. */
export interface LoweredTile {
  readonly layers: readonly Layer[];
  readonly stage: LoweredStage | null;
}

/** Tiles in a row: the first node of the first one and the last of the last, and what they compute. */
export interface TiledNodes extends Pick<TiledSteps, 'grid' | 'layers' | 'images'> {
  readonly from: Node;
  readonly to: Node;
}

/** What is planned: a graph's layers, a candidate for each, of which those in stages are not used, the stages, and which layers are tiles. */
export interface PlannedLayers {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly choice: readonly Candidate[];
  readonly stages: readonly LoweredStage[];
  readonly tiles: readonly TiledNodes[];
}

/**
 * The tiles of some of a graph's layers. Layers of the first tile have the names of the whole ones.
 * @param graph with the layers' nodes
 * @returns the graph that has the tiles instead; null where these layers cannot be tiled so
 */
export function lowerTiles(
  graph: Graph,
  board: Board,
  layers: readonly Layer[],
  { first, last, grid, stage, fed }: Tiling,
): { readonly graph: Graph; readonly tiles: readonly LoweredTile[] } | null {
  const whole = layers.slice(first, last + 1);
  const nodes = whole.map(({ node }) => node);
  const input = fed ? graph.inputs[0]! : null;
  const made = isTileable(graph, nodes, fed) ? tiled(graph, nodes, grid, input) : null;
  if (!made) return null;
  const names = new Set(layers.map(({ name }) => name));
  const tiles: LoweredTile[] = [];
  for (const tile of made.tiles) {
    const own = { ...made.graph, nodes: [...tile.nodes, tile.paste] };
    const copies = copiesOf(own, tile, whole, board);
    if (!copies) return null;
    const named = copies.map(({ name, ...layer }) => {
      const isNamesake = tiles.length === 0 && isCopy(tile, layer.node);
      return { ...layer, name: isNamesake ? name : uniqueName(name, names) };
    });
    if (!stage) {
      tiles.push({ layers: named, stage: null });
      continue;
    }
    const schedule = scheduleStage(own, own.nodes, stage.rows, fed);
    const choices = schedule ? [...new StageLowering(own, board, named).choices(schedule)] : [];
    const lowered = choices.at(stage.spare ? -1 : 0);
    if (!schedule || !lowered) return null;
    tiles.push({ layers: named, stage: { schedule, layers: lowered } });
  }
  return { graph: made.graph, tiles };
}

/**
 * Whether images between the nodes, and their input if they are fed, are read by no others. Columns of a packed image do not begin
 * where bytes do, so that feeding it by strips would be more than copying.
 */
export function isTileable(graph: Graph, nodes: readonly Node[], fed: boolean): boolean {
  if (!isClosed(graph, nodes)) return false;
  const [input] = graph.inputs;
  return !fed || (isClosed(graph, nodes, [input!]) && !isPacked(tensorAt(graph, input).format.type));
}

/** Layers of which some are tiled. */
export function withTiles(planned: PlannedLayers, board: Board, tilings: readonly Tiling[]): PlannedLayers {
  // From the last one on, so that indexes of those before it stay.
  return tilings
    .toSorted((a, b) => b.first - a.first)
    .reduce(({ graph, layers, choice, stages, tiles }, tiling) => {
      const { first, last, grid } = tiling;
      const lowered = lowerTiles(graph, board, layers, tiling);
      if (!lowered) throw new Error(`layers ${first} to ${last} cannot be tiled`);
      const made = lowered.tiles.flatMap((tile) => tile.layers);
      return {
        graph: lowered.graph,
        layers: layers.toSpliced(first, last - first + 1, ...made),
        choice: choice.toSpliced(first, last - first + 1, ...made.map(fastestOf)),
        stages: [...stages, ...lowered.tiles.flatMap(({ stage }) => stage ?? [])],
        tiles: [
          {
            grid,
            layers: { first: layers[first]!.name, last: layers[last]!.name },
            images: imagesOf(graph, layers, tiling),
            from: made[0]!.node,
            to: made.at(-1)!.node,
          },
          ...tiles,
        ],
      };
    }, planned);
}

/** What the tiles read, then what each layer makes. */
function imagesOf(graph: Graph, layers: readonly Layer[], { first, last, grid }: Tiling): TiledImage[] {
  const nodes = layers.slice(first, last + 1).map(({ node }) => node);
  const parts = partsOfTiles(graph, nodes, grid)!;
  const made = nodes.map(({ outputs }) => outputs[0]!);
  const read = [...parts.keys()].filter((id) => !made.includes(id));
  return [...read, ...made].map((id) => {
    const { name, shape } = tensorAt(graph, id);
    const maker = layers.find(({ node }) => node.outputs.includes(id));
    return { name: maker?.name ?? name, height: shape[1]!, width: shape[2]!, ...parts.get(id)! };
  });
}

/** The candidate that computes a layer of a tile that is no stage. */
export function fastestOf({ candidates }: Layer): Candidate {
  return candidates.reduce((best, candidate) => (candidate.time < best.time ? candidate : best));
}

/** A tile's layers, by the kernels that the whole ones may take; null where one has none. */
function copiesOf(graph: Graph, tile: PlacedTile, whole: readonly Layer[], board: Board): Layer[] | null {
  const originals = whole.values();
  const copies = tile.nodes.map((node): Layer => {
    const candidates = candidatesOf(graph, node, board);
    if (!isCopy(tile, node)) return { name: `strided_slice_${node.source.index}`, node, candidates };
    const { name, candidates: allowed } = originals.next().value!;
    const kernels = new Set(allowed.map(({ kernel }) => kernel));
    return { name, node, candidates: candidates.filter(({ kernel }) => kernels.has(kernel)) };
  });
  return copies.some(({ candidates }) => candidates.length === 0)
    ? null
    : [...copies, pasting(graph, tile.paste, board)];
}

/** Whether a node is a layer's copy, and neither cuts nor pastes. */
function isCopy({ cuts, paste }: PlacedTile, node: Node): boolean {
  return node !== paste && !cuts.has(node);
}

/** The layer that puts a tile's part of the image where it belongs. */
function pasting(graph: Graph, node: NodeOf<'PAD'>, board: Board): Layer {
  const [copy] = kernelsFor(graph, node, board.target);
  const candidates = [candidateOf(graph, node, insideOf(copy), board)];
  return { name: `concatenation_${node.source.index}`, node, candidates };
}

/** The last call of a kernel for PAD, which copies the inside. */
function insideOf(kernel: Kernel): Kernel {
  return {
    ...kernel,
    calls: () => 1,
    lower: (graph, node) => kernel.lower(graph, node, kernel.calls!(graph, node) - 1),
  };
}
