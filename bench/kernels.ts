/**
 * Instructions and estimated cycles of every layer on every core, what executed instructions are, and how far `plan` is off.
 * Run: `npm run bench:kernels [-- <model>...]` (needs the tools of `bitloom doctor` and gcc). Writes
 * bench/results/kernels.md and predictions.md.
 */
import { type Model, plan } from '../src/index.js';
import { checkFit } from '../src/plan/fit.js';
import type { Plan } from '../src/plan/plan.js';
import { grouped } from '../src/report/text.js';
import { CORE_NAMES, type CoreName, measuringBoard } from './cores.js';
import { markdownTable, percent, writeResults } from './markdown.js';
import { type Profile, profile, type StepProfile } from './profile.js';
import { sharedModels } from './shared-models.js';
import { classOf, cyclesOf, type InstructionClass, instructionsOf } from './timing.js';

/** Of more than this the M4 alone: other cores differ as they do on smaller ones. */
const LARGE_MACS = 100e6;
const MODELS = [
  ...['kws', 'vww', 'ic', 'ad', 'sww', 'person_detect', 'micro_speech_quantized'],
  ...['mcunet_vww', 'mobilenet_v1_0.25_128_uint8', 'mobilenet_v2_1.0_224'],
];

/** A plan and what became of it. */
interface Run extends Profile {
  readonly plan: Plan;
}

interface Measured {
  readonly model: Model;
  readonly cores: ReadonlyMap<CoreName, Run>;
}

async function measure(model: Model): Promise<Measured> {
  const cores = new Map<CoreName, Run>();
  for (const core of CORE_NAMES) {
    const planned = plan(model, measuringBoard(core));
    if (!checkFit(planned).fits || (planned.totals.macs > LARGE_MACS && core !== 'M4')) continue;
    cores.set(core, { ...(await profile(model.source, planned)), plan: planned });
  }
  console.log(`${model.name}: done`);
  return { model, cores };
}

/** A line a step, which the cores have in common. */
function layerTable(
  { cores }: Measured,
  cell: (core: CoreName, { step, blocks }: StepProfile) => string,
): string {
  const { steps } = cores.get('M4') ?? [...cores.values()][0]!;
  return markdownTable(
    ['layer', 'kernel (M4)', 'MAC', ...cores.keys()],
    steps.map(({ step }, i) => [
      step.name,
      step.call.kernel,
      grouped(step.cost.macs),
      ...[...cores].map(([core, run]) => cell(core, run.steps[i]!)),
    ]),
  );
}

function layerTables(measured: Measured): readonly string[] {
  return [
    `## ${measured.model.name}`,
    'Instructions (per MAC):',
    layerTable(measured, (_, { step, blocks }) => {
      const count = instructionsOf(blocks);
      return step.cost.macs > 0
        ? `${grouped(count)} (${(count / step.cost.macs).toFixed(2)})`
        : grouped(count);
    }),
    'Estimated cycles:',
    layerTable(measured, (core, { blocks }) => grouped(cyclesOf(core, blocks))),
  ];
}

function mixTable(all: readonly Measured[], core: CoreName): string {
  const mixes = all.flatMap(({ model, cores }) => {
    const run = cores.get(core);
    return run ? [{ model: model.name, mix: mixOf(run.steps) }] : [];
  });
  const classes = [...new Set(mixes.flatMap(({ mix }) => [...mix.keys()]))].sort();
  return markdownTable(
    ['model', ...classes],
    mixes.map(({ model, mix }) => {
      const total = [...mix.values()].reduce((a, b) => a + b, 0);
      return [model, ...classes.map((name) => `${((100 * (mix.get(name) ?? 0)) / total).toFixed(1)} %`)];
    }),
  );
}

function mixOf(profiles: readonly StepProfile[]): Map<InstructionClass, number> {
  const mix = new Map<InstructionClass, number>();
  for (const { instructions, runs } of profiles.flatMap(({ blocks }) => blocks)) {
    for (const instruction of instructions) {
      const kind = classOf(instruction);
      mix.set(kind, (mix.get(kind) ?? 0) + runs);
    }
  }
  return mix;
}

/** By model and core: predicted / measured - 1. */
function predictionTable(
  all: readonly Measured[],
  predicted: (plan: Plan) => number,
  actual: (core: CoreName, run: Run) => number,
): string {
  return markdownTable(
    ['model', ...CORE_NAMES],
    all.map(({ model, cores }) => [
      model.name,
      ...CORE_NAMES.map((core) => {
        const run = cores.get(core);
        return run ? percent(predicted(run.plan) / actual(core, run) - 1) : '-';
      }),
    ]),
  );
}

const sum = ({ steps }: Run, of: (blocks: StepProfile['blocks']) => number) =>
  steps.reduce((total, { blocks }) => total + of(blocks), 0);

const names = process.argv.slice(2);
const all: Measured[] = [];
for (const model of sharedModels(names.length > 0 ? names : MODELS)) all.push(await measure(model));
writeResults('kernels', [
  '# Layers',
  'Made by `npm run bench:kernels`. docs/benchmarks.md says how. Every run was compared with the oracle.',
  ...all.flatMap(layerTables),
  '## Executed instructions by class',
  ...(['M0+', 'M4', 'M55'] as const).flatMap((core) => [`Cortex-${core}:`, mixTable(all, core)]),
]);
writeResults('predictions', [
  '# What `plan` predicts, against what is executed',
  'Made by `npm run bench:kernels`. Totals of a model, predicted / measured - 1.',
  '## Instructions',
  predictionTable(
    all,
    ({ totals }) => totals.instructions,
    (_, run) => sum(run, instructionsOf),
  ),
  '## Estimated cycles, against those estimated from what is executed',
  predictionTable(
    all,
    ({ totals }) => totals.cycles!,
    (core, run) => sum(run, (blocks) => cyclesOf(core, blocks)),
  ),
  '## Flash: constants and code of the model',
  predictionTable(
    all,
    ({ totals }) => totals.constantBytes + totals.codeBytes,
    (_, { sizes }) => sizes.constantBytes! + sizes.codeBytes!,
  ),
  '## Code alone',
  predictionTable(
    all,
    ({ totals }) => totals.codeBytes,
    (_, { sizes }) => sizes.codeBytes!,
  ),
  'The arena is what the plan says, to the byte: it is the size of the array that generated code takes.',
]);
