/** From measured layers to the costs of a core. */
import type { Graph } from '../src/graph/graph.js';
import type { CoreCosts, KernelCost, Rates } from '../src/plan/core-costs.js';
import { priceOf } from '../src/plan/cost-model.js';
import { FORMULA, traitsOf, type Work, workOf } from '../src/plan/work.js';
import type { CoreName } from './cores.js';
import type { StepProfile } from './profile.js';
import { type MeasuredBand, measureBands, measureSamples } from './samples.js';
import { selectRates } from './selection.js';
import { cyclesOf, instructionsOf } from './timing.js';

/** Counts of a kernel at most, so that a person can read what it costs. */
const MOST_COUNTS = 9;
const MOST_TRAITS = 6;

/** A measured layer. */
export interface Layer {
  readonly kernel: string;
  readonly work: Work;
  readonly traits: Work;
  readonly instructions: number;
  readonly cycles: number;
  /** Bytes of its specialised function. */
  readonly code: number;
  /** The model's other functions that it ran. */
  readonly shared: readonly { readonly name: string; readonly bytes: number }[];
  /** Of the model that it is of. */
  readonly stack: number;
  /** Whether it ran by bands of rows. */
  readonly byRows: boolean;
}

/** Sizes of a measured image. */
export interface Image {
  readonly steps: number;
  /** Bytes of the function that runs them. */
  readonly run: number;
  /** Bytes of flash beside code and constants of the model. */
  readonly startUp: number;
}

/** What costs are fitted to. */
export interface Measurements {
  readonly layers: readonly Layer[];
  readonly images: readonly Image[];
}

/** Measures on a core what `wanted` kernels compute, of whole images and by rows. */
export async function measure(core: CoreName, wanted: RegExp): Promise<Measurements> {
  const samples = await measureSamples(core, wanted);
  const bands = await measureBands(core, wanted);
  return {
    layers: [
      ...samples.flatMap(({ graph, steps, stackBytes }) =>
        steps.map((profiled) => ({
          ...layerOf(core, graph, profiled, stackBytes),
          byRows: false,
          work: workOf(graph, profiled.step.call),
        })),
      ),
      ...bands.map((band) => bandOf(core, band)),
    ],
    images: samples.map(({ plan, run, sizes }) => ({
      steps: plan.steps.length,
      run: run.bytes,
      startUp: sizes.imageBytes! - sizes.codeBytes! - sizes.constantBytes!,
    })),
  };
}

function bandOf(core: CoreName, { profiled, sample, graph, stackBytes }: MeasuredBand): Layer {
  const { times, call, bands } = sample;
  const { instructions, cycles, ...layer } = layerOf(core, graph, profiled, stackBytes);
  const work = workOf(sample.graph, call, bands);
  return {
    ...layer,
    work,
    byRows: bands !== null,
    instructions: instructions / times,
    cycles: cycles / times,
  };
}

function layerOf(
  core: CoreName,
  graph: Graph,
  { step, blocks, functions }: StepProfile,
  stack: number,
): Omit<Layer, 'work' | 'byRows'> {
  const own = (name: string) => name.startsWith('grid_');
  return {
    kernel: step.call.kernel,
    traits: traitsOf(graph, step.call),
    instructions: instructionsOf(blocks),
    cycles: cyclesOf(core, blocks),
    code: functions.filter(({ name }) => own(name)).reduce((sum, { bytes }) => sum + bytes, 0),
    shared: functions
      .filter(({ name }) => !own(name))
      .map(({ name, bytes }) => ({ name: name.replace(/\..*/, ''), bytes })),
    stack,
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function costOf(layers: readonly Layer[]): KernelCost {
  const bands = layers.filter(({ byRows }) => byRows);
  const rates = (key: 'instructions' | 'cycles') => {
    const images = layers.filter(({ byRows }) => !byRows);
    const whole = selectRates(
      images.map((layer) => ({ value: layer[key], work: layer.work })),
      {
        base: FORMULA,
        rate: median(images.map((layer) => layer[key] / layer.work[FORMULA]!)),
        most: MOST_COUNTS,
      },
    );
    return { ...whole, ...ratesInRings(bands, key, whole) };
  };
  const sized = layers.filter(({ code }) => code > 0);
  return {
    instructions: rates('instructions'),
    cycles: rates('cycles'),
    code: selectRates(
      sized.map(({ code, traits }) => ({ value: code, work: traits })),
      { base: 'call', rate: mean(sized.map(({ code }) => code)), most: MOST_TRAITS },
    ),
    shared: sharedBy(layers),
    ...(bands.length > 0 && { byRows: true }),
    stack: Math.max(...layers.map(({ stack }) => stack)),
  };
}

/** What bands of rows take more than their share of whole images. */
export function ratesInRings(
  bands: readonly Pick<Layer, 'work' | 'instructions' | 'cycles'>[],
  key: 'instructions' | 'cycles',
  whole: Rates,
): Rates {
  if (bands.length === 0) return {};
  return selectRates(
    bands.map((layer) => ({ value: layer[key], work: layer.work })),
    {
      base: `${FORMULA} if rings`,
      rate: 0,
      most: MOST_COUNTS - 3,
      known: bands.map(({ work }) => priceOf(work, whole)),
      counts: / if rings$/,
    },
  );
}

/** Of each function that layers share, the one or two traits that best tell which of them need it; none where hardly any does. */
function sharedBy(layers: readonly Layer[]): Record<string, readonly string[]> {
  const names = [...new Set(layers.flatMap(({ shared }) => shared.map(({ name }) => name)))].sort();
  const traits = [...new Set(layers.flatMap(({ traits }) => Object.keys(traits)))].filter(
    (t) => t !== 'taps',
  );
  return Object.fromEntries(
    names.flatMap((name): [string, readonly string[]][] => {
      const needs = layers.map(({ shared }) => shared.some((one) => one.name === name));
      const wrong = (all: readonly string[]) =>
        layers.filter(({ traits }, i) => all.every((trait) => trait in traits) !== needs[i]).length;
      const better = (a: readonly string[], b: readonly string[]) => (wrong(b) < wrong(a) ? b : a);
      const one = traits.map((trait) => [trait]).reduce(better, ['call']);
      const best = traits.flatMap((a) => traits.map((b) => [a, b])).reduce(better, one);
      return wrong(best) < needs.filter(Boolean).length ? [[name, best]] : [];
    }),
  );
}

/** The costs of a core. */
export function fitCosts(core: CoreName, { layers, images }: Measurements): CoreCosts {
  const kernels: Record<string, KernelCost> = {};
  for (const kernel of [...new Set(layers.map((layer) => layer.kernel))].sort()) {
    const own = layers.filter((layer) => layer.kernel === kernel);
    kernels[kernel] = costOf(own);
    console.log(`${core} ${kernel}: ${own.length} layers, ${errorsOf(own, kernels[kernel])}`);
  }
  const shared = layers.flatMap((layer) => layer.shared);
  const [perStep, base] = line(images.map(({ steps, run }) => [steps, run]));
  return {
    kernels,
    cyclesPerInstruction: round(median(layers.map(({ cycles, instructions }) => cycles / instructions))),
    shared: Object.fromEntries(
      [...new Set(shared.map(({ name }) => name))]
        .sort()
        .map((name) => [name, median(shared.filter((s) => s.name === name).map(({ bytes }) => bytes))]),
    ),
    run: [round(base), round(perStep)],
    startUp: median(images.map(({ startUp }) => startUp)),
  };
}

const round = (value: number) => Number(value.toPrecision(4));

/** Least squares: slope and intercept. */
function line(points: readonly (readonly [x: number, y: number])[]): [number, number] {
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const slope =
    points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) /
    Math.max(
      1,
      points.reduce((sum, [a]) => sum + (a - x) ** 2, 0),
    );
  return [slope, y - slope * x];
}

/** The relative error of instructions on what they were fitted to. */
function errorsOf(layers: readonly Layer[], { instructions }: KernelCost): string {
  const errors = layers.map((layer) => priceOf(layer.work, instructions) / layer.instructions - 1);
  const rms = Math.sqrt(mean(errors.map((error) => error ** 2)));
  const most = Math.max(...errors.map(Math.abs));
  return `${(100 * rms).toFixed(1)} % off (root mean square), at most ${(100 * most).toFixed(1)} %`;
}
