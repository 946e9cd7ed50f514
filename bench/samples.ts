/** Layers of many shapes, measured by every kernel that accepts them: what costs are fitted to. */
import type { Graph } from '../src/graph/graph.js';
import { type Candidate, isNarrow, type Layer, layersOf } from '../src/plan/candidates.js';
import { planChoice } from '../src/plan/index.js';
import { stepsOf } from '../src/plan/lower.js';
import type { Plan } from '../src/plan/plan.js';
import { linearLayers } from '../test/support/linear-layers.js';
import { type BandPlan, type BandSample, bandPlan, betweenRows } from './band-samples.js';
import { type CoreName, measuringBoard } from './cores.js';
import { ROW_FAMILIES } from './grid/rows.js';
import { FAMILIES, gridOf } from './layer-grid.js';
import { type Profile, profile, type StepProfile } from './profile.js';

const SEEDS = [1, 2];
const LAYERS = 16;

/** A model that was measured. */
export interface Sample extends Profile {
  readonly graph: Graph;
  readonly plan: Plan;
}

/** A step of a stage that was measured. */
export interface MeasuredBand {
  readonly profiled: StepProfile;
  readonly sample: BandSample;
  readonly graph: Graph;
  readonly stackBytes: number;
}

/** The graphs, and whether all rows that accept a layer are measured or only the first. */
function graphs(): readonly { readonly graph: Graph; readonly all: boolean }[] {
  const grids = Object.keys(FAMILIES).flatMap((family) =>
    SEEDS.map((seed) => ({ graph: gridOf(family, seed), all: seed === SEEDS[0] })),
  );
  const rare = (['TRANSPOSE_CONV', 'BATCH_MATMUL', 'CONV_2D', 'DEPTHWISE_CONV_2D'] as const).map((kind) => ({
    graph: linearLayers(kind, 1, LAYERS, { types: ['s16', 's16_acc32'] }),
    all: false,
  }));
  return [...grids, ...rare];
}

/** A layer with the candidates of which each has a kernel of its own. */
function withWideConstants(layer: Layer): Layer {
  return { ...layer, candidates: layer.candidates.filter((candidate) => !isNarrow(candidate)) };
}

/** What is measured on a core: of a plan only `steps`, by `wanted` kernels, if others have been measured as they are. */
export function* samplePlans(core: CoreName, wanted: RegExp) {
  const board = measuringBoard(core);
  for (const { graph, all } of graphs()) {
    const layers = layersOf(graph, board).map(withWideConstants);
    const turns = all ? Math.max(...layers.map(({ candidates }) => candidates.length)) : 1;
    for (let turn = 0; turn < turns; turn++) {
      const choice = layers.map(({ candidates }) => candidates[turn] ?? candidates[0]!);
      const options = { prefix: 'grid', modelHash: '', optimize: 'speed' } as const;
      const plan = planChoice(graph, board, stepsOf(layers, choice), options);
      const fresh = layers.filter(({ candidates }) => turn === 0 || candidates.length > turn);
      const steps = plan.steps.filter(
        (step) => wanted.test(step.call.kernel) && fresh.some(({ node }) => node === step.node),
      );
      if (steps.length > 0) yield { graph, plan, steps };
    }
  }
}

/** Layers of narrow images by rows, by `wanted` kernels. */
export function* bandPlans(core: CoreName, wanted: RegExp): Generator<BandPlan> {
  const board = measuringBoard(core);
  const isWanted = (candidate: Candidate) =>
    !isNarrow(candidate) && candidate.calls.every(({ kernel }) => wanted.test(kernel));
  for (const family of Object.keys(ROW_FAMILIES)) {
    for (const seed of SEEDS) {
      const layers = betweenRows(gridOf(family, seed));
      for (let turn = 0, found: BandPlan | null; ; turn++) {
        found = bandPlan(layers, board, turn, isWanted);
        if (!found) break;
        yield found;
      }
    }
  }
}

/** Everything that is measured on a core, by `wanted` kernels. */
export async function measureSamples(core: CoreName, wanted: RegExp): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const { graph, plan, steps } of samplePlans(core, wanted)) {
    const measured = await profile(graph, plan);
    samples.push({
      ...measured,
      graph,
      plan,
      steps: measured.steps.filter(({ step }) => steps.includes(step)),
    });
  }
  return samples;
}

/** Steps of stages, each with what its price is made of. */
export async function measureBands(core: CoreName, wanted: RegExp): Promise<readonly MeasuredBand[]> {
  const bands: MeasuredBand[] = [];
  for (const { plan, samples } of bandPlans(core, wanted)) {
    const measured = await profile(plan.graph, plan);
    for (const profiled of measured.steps) {
      const sample = samples.get(profiled.step);
      if (sample) bands.push({ profiled, sample, graph: plan.graph, stackBytes: measured.stackBytes });
    }
  }
  return bands;
}
