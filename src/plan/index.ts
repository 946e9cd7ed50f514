import type { Board } from '../../boards/board.js';
import type { Graph } from '../graph/graph.js';
import { withByteLayers } from './byte-layers.js';
import { type Choice, isNarrow, type Layer, layersOf } from './candidates.js';
import { choose, planWithin } from './choose.js';
import { placeConstants } from './constants.js';
import { codeBytes, commonCodeBytes, liveBytes, stackBytes, startUpBytes } from './cost.js';
import { predict, totalOf } from './cost-model.js';
import { withoutFlattening } from './flatten.js';
import { assignFunctions } from './functions.js';
import { type LoweredStep, stepsOf } from './lower.js';
import { planArena } from './memory/arena.js';
import { optionWords, type PlanOptions } from './options.js';
import { placeOn } from './placement.js';
import type { Plan, PlanTotals, Step } from './plan.js';
import { requireQuantized } from './quantized.js';
import { fastestFed, fedGraph } from './stages/feed.js';
import { repeatedOf, withStages } from './stages/index.js';
import { planFitting, planSmallest, roomShort } from './stages/plan-staged.js';
import { type Schedule, ScheduleSearch } from './stages/search.js';
import { type PlannedLayers, withTiles } from './tiles/lower.js';
import { type Explanation, explain, pinKernels } from './why.js';
import { explainSchedules, type MemoryExplanation, type Ways } from './why-memory.js';

/** What decides beside graph and board, and what the plan is called. */
type Options = Names & PlanOptions;

/**
 * Decides everything about a model on a board: kernels, constants, memory, and what they cost. Deterministic.
 * @param options.prefix C identifier that prefixes every symbol
 * @param options.modelHash SHA-256 of the model file, hexadecimal
 * @param options.told what made the graph another than the file's
 * @throws BitloomError BL301 where no kernel computes a node on the board's target, BL304 where `kernels` names what is not there,
 * BL305, BL306 where the model cannot be fed as `feed` says, BL309 where it computes in float
 */
export function planModel(graph: Graph, board: Board, options: Options): Plan {
  const planned = taken(graph, board, options);
  return planLayers(planned, board, layersOf(planned, board), options);
}

/**
 * The candidates of a layer and why `planModel` takes one of them.
 * @throws BitloomError as `planModel`, and BL304 where there is no such layer
 */
export function explainLayer(graph: Graph, board: Board, layer: string, options: Options): Explanation {
  const planned = taken(graph, board, options);
  const layers = layersOf(planned, board);
  const plan = planLayers(planned, board, layers, options);
  return explain(plan, layers, { layer, overrides: options.kernels ?? {} });
}

/**
 * Who needs the arena of `planModel`'s plan, and which schedules there are between the plain one and the smallest.
 * @throws BitloomError as `planModel`
 */
export function explainMemory(graph: Graph, board: Board, options: Options): MemoryExplanation {
  const planned = taken(graph, board, options);
  const ways = waysOf(planned, board, layersOf(planned, board), options);
  return explainSchedules(ways, pick(ways, options.minRam), options.minRam);
}

/** The graph as the caller feeds it, by operators that have fast kernels. */
function taken(graph: Graph, board: Board, { feed }: Options): Graph {
  requireQuantized(graph);
  return withByteLayers(withoutFlattening(feed ? fedGraph(graph, feed).graph : graph), board);
}

function planLayers(graph: Graph, board: Board, layers: readonly Layer[], options: Options): Plan {
  return pick(waysOf(graph, board, layers, options), options.minRam);
}

function pick({ plain, time, search, assemble }: Ways, minRam: number | undefined): Plan {
  if (minRam !== undefined) return planSmallest(search(), plain, time * (1 + minRam), assemble);
  return roomShort(plain) === 0 ? plain : planFitting(search(), plain, assemble);
}

function waysOf(graph: Graph, board: Board, layers: readonly Layer[], options: Options): Ways {
  const { prefix, modelHash, optimize = 'speed', kernels = {}, patches, feed, passes = 1 } = options;
  const told = [...(options.told ?? []), ...optionWords(options)];
  const pinned = pinKernels(layers, kernels);
  const wide = pinned.map(withWideConstants);
  const assemble = ({ choice, stages, tilings }: Omit<Schedule, 'time' | 'room'>) => {
    const planned = withTiles({ graph, layers: wide, choice, stages, tiles: [] }, board, tilings);
    const steps = stepsOf(planned.layers, planned.choice);
    return planChoice(planned.graph, board, steps, { prefix, modelHash, told, optimize }, planned);
  };
  const whole = (choice: Choice) => assemble({ choice, stages: [], tilings: [] });
  let search: ScheduleSearch | undefined;
  const ways = {
    search: () => {
      search ??= new ScheduleSearch(graph, board, wide, { patches, passes: feed ? passes : 0 });
      return search;
    },
    assemble,
  };
  const plain = planWithin(pinned, optimize, whole);
  const { time } = plain.totals;
  if (!feed) return { ...ways, plain, time, unlimited: () => whole(choose(pinned, optimize)) };
  const fed = ways.assemble(fastestFed(ways.search(), graph));
  // An output of a stream is far less work than all of its window.
  const own = feed === 'frames' ? fed.totals.time : time;
  return { ...ways, plain: fed, time: own, unlimited: () => fed };
}

/** Whether a later step writes what remains of the call's outputs. */
function writesSame(later: LoweredStep, { outputs }: LoweredStep['call']): boolean {
  return later.call.outputs.some(({ tensor }) => outputs.some((output) => output.tensor === tensor));
}

/** Stages are there to save memory, which widened constants take; unless these were asked for. */
function withWideConstants(layer: Layer): Layer {
  const candidates = layer.candidates.filter((candidate) => !isNarrow(candidate));
  return candidates.length > 0 ? { ...layer, candidates } : layer;
}

type Names = Pick<Plan, 'prefix' | 'modelHash' | 'told'>;

/** Places constants and memory of the chosen calls, and adds up what they cost. */
export function planChoice(
  graph: Graph,
  board: Board,
  unstaged: readonly LoweredStep[],
  options: Names & Pick<Plan, 'optimize'>,
  chosen: Pick<PlannedLayers, 'stages' | 'tiles'> = { stages: [], tiles: [] },
): Plan {
  const { steps: lowered, stages } = withStages(graph, board, unstaged, chosen.stages);
  const constants = placeConstants(graph, lowered, board);
  const assigned = assignFunctions(graph, lowered);
  const calls = lowered.map(({ call }) => call);
  const { arena, buffers } = planArena(graph, calls, board.target, repeatedOf(stages));
  const { kept } = buffers;
  const feed =
    kept === null ? null : { offset: arena.bufferOffsets[kept]!, bytes: buffers.list[kept]!.bytes };

  const steps = lowered.map(({ name, node, kernel, call, cost }, i): Step => {
    const scratch = buffers.ofScratch[i] ?? null;
    return {
      name,
      node,
      call,
      completes: !lowered.slice(i + 1).some((later) => writesSame(later, call)),
      source: kernel.source,
      functionIndex: assigned.ofSteps[i]!,
      constants: constants.ofSteps[i]!,
      scratchOffset: scratch === null ? null : arena.bufferOffsets[scratch]!,
      cost: {
        macs: call.macs,
        ...(cost ?? predict(graph, call, board)),
        constantBytes: constants.newBytes[i]!,
        codeBytes: assigned.isFirst[i] ? codeBytes(graph, call, kernel, board) : 0,
        liveBytes: liveBytes(buffers, arena.bufferOffsets, i),
      },
    };
  });

  const sum = (key: 'macs' | 'codeBytes') => steps.reduce((total, { cost }) => total + cost[key], 0);
  const totals: PlanTotals = {
    macs: sum('macs'),
    ...totalOf(steps.map(({ cost }) => cost)),
    arenaBytes: arena.bytes,
    constantBytes: constants.bytes,
    codeBytes: sum('codeBytes') + commonCodeBytes(graph, calls, board),
    stackBytes: stackBytes(calls, board),
    startUpBytes: startUpBytes(board),
  };
  const { bufferOffsets, ...planned } = arena;
  const placed = buffers.list.map((buffer, i) => ({ ...buffer, offset: bufferOffsets[i]! }));
  return {
    graph,
    board,
    ...options,
    steps,
    stages,
    feed,
    tiles: chosen.tiles.map(({ from, to, ...tiles }) => ({
      ...tiles,
      first: lowered.findIndex(({ node }) => node === from),
      last: lowered.findLastIndex(({ node }) => node === to),
    })),
    functions: assigned.functions,
    constants: constants.blocks,
    constantTensors: constants.tensors,
    arena: { ...planned, buffers: placed },
    placement: placeOn(board, { totals, steps, functions: assigned.functions }),
    totals,
  };
}
