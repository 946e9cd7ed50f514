import type { Board } from '../../../boards/board.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { TensorId } from '../../graph/tensor.js';
import { totalOf } from '../cost-model.js';
import type { LoweredStep } from '../lower.js';
import type { Repeated } from '../memory/buffers.js';
import { uniqueName } from '../names.js';
import type { Ring, Stage, StepRows, Stream } from '../plan.js';
import type { Endless } from './endless.js';
import { inRings, type LoweredStage } from './lower.js';
import { rowBytesOf } from './row-window.js';
import type { StageSchedule } from './schedule.js';
import { loopCosts } from './time.js';

/** Steps in which the nodes of stages have the stages' calls, and where these lie. */
export function withStages(
  graph: Graph,
  board: Board,
  steps: readonly LoweredStep[],
  stages: readonly LoweredStage[],
): { readonly steps: readonly LoweredStep[]; readonly stages: readonly Stage[] } {
  const names = new Set(steps.map(({ name }) => name));
  const made: LoweredStep[] = [];
  const found: Stage[] = [];
  for (let at = 0; at < steps.length; ) {
    const { node } = steps[at]!;
    const stage = stages.find(({ schedule }) => schedule.layers[0]!.node === node);
    if (!stage) {
      made.push(steps[at++]!);
      continue;
    }
    const first = made.length;
    const loops = loopCosts(graph, board, stage);
    const layers = stage.schedule.layers.map(({ node: inner, height, most, sources }, layer): StepRows => {
      const { kernel, calls, costs } = stage.layers[layer]!;
      const { name } = steps[at]!;
      while (steps[at]?.node === inner) at++;
      const start = made.length;
      for (const [part, call] of calls.entries()) {
        const own = part === 0 ? name : uniqueName(name, names);
        const ringed = inRings(call, inner, stage.schedule);
        const cost = part === 0 ? totalOf([costs[0]!, loops[layer]!]) : costs[part]!;
        made.push({ name: own, node: inner, kernel, call: ringed, cost });
      }
      return { first: start, last: made.length - 1, height, most, sources };
    });
    found.push({
      first,
      last: made.length - 1,
      input: stage.schedule.input,
      inputHeight: tensorAt(graph, stage.schedule.input).shape[1]!,
      rows: stage.schedule.rows,
      layers,
      rings: ringsOf(graph, stage.schedule),
      moves: stage.schedule.moves,
      overlap: stage.schedule.overlap,
      fed: stage.schedule.fed,
      stream: stage.schedule.endless && streamOf(stage.schedule.endless),
    });
  }
  return { steps: made, stages: found };
}

function ringsOf(graph: Graph, { rings }: StageSchedule): ReadonlyMap<TensorId, Ring> {
  return new Map(
    [...rings].map(([id, ring]) => {
      return [id, { ...ring, rowBytes: rowBytesOf(tensorAt(graph, id)) }];
    }),
  );
}

function streamOf({ window, stride, period, strides }: Endless): Stream {
  return { window, stride, periods: [period, ...strides.map((own) => period / own)] };
}

/** The stages as the planner of memory sees them. */
export function repeatedOf(stages: readonly Stage[]): readonly Repeated[] {
  const passes = stages.filter(({ fed }) => fed).length;
  return stages.map((stage) => repeated(stage, passes));
}

function repeated(stage: Stage, passes: number): Repeated {
  const rings = [...stage.rings];
  return {
    ...stage,
    bytes: new Map(rings.map(([id, { rows, rowBytes }]) => [id, rows * rowBytes])),
    passing: new Set(rings.flatMap(([id, { kept }]) => (kept === null ? [] : [id]))),
    keptRows: stage.moves.map(({ image, bytes, maker, until }) => {
      return { image, first: stage.layers[maker]!.first, last: stage.layers[until]!.last, bytes };
    }),
    keptBytes: stage.fed ? feedBytes(stage.layers.length, passes) : 0,
    endless: stage.stream !== null,
  };
}

/** Bytes of the counts that a fed stage of so many layers keeps where the input is brought so many times: see `Feed`. */
export function feedBytes(layers: number, passes: number): number {
  return 4 * (1 + layers + (passes > 1 ? 1 : 0));
}
