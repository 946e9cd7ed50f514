/**
 * Time of int8 layers over that of layers of fewer bits, in WASM, in one process. Run: `npm run bench:low-bit-wasm`, under the Node
 * at hand and under Node 24. With names of formats or layers: only those, and nothing is written.
 * Writes bench/results/low-bit-wasm-node<version>.md.
 */
import { PROBE } from '../codegen/wasm/probe.js';
import type { Graph } from '../src/graph/graph.js';
import { evaluate } from '../src/oracle/index.js';
import { Folders, planFor } from '../test/support/artifacts.js';
import { loadAll, runWasm } from '../test/support/node-wasm.js';
import { inputMemory, lowBitInputs, outputMemory } from '../test/support/random-low-bit.js';
import { type ActivationsName, graphOf, type LayerSizes, type WeightsName } from './low-bit-layers.js';
import { markdownTable, writeResults } from './markdown.js';
import { processor } from './processor.js';

const LAYERS: Readonly<Record<string, LayerSizes>> = {
  'pointwise 576->64, 16x16': { size: 16, window: 1, inputs: 576, outputs: 64 },
  '3x3 64->64, 16x16': { size: 16, window: 3, inputs: 64, outputs: 64 },
  'fully connected 1024->1024': { size: 0, window: 1, inputs: 1024, outputs: 1024 },
};

/** Weights and activations, and by layer the least ratio to reach. */
interface FormatRow {
  readonly weights: WeightsName;
  readonly activations: ActivationsName;
  readonly targets: Readonly<Partial<Record<string, Target>>>;
}

/** The least ratio to int8 without relaxed SIMD, of a module without it and of one with it. */
type Target = readonly [base: number | null, relaxed: number];

const [CONVOLUTION, , DENSE] = Object.keys(LAYERS) as [string, string, string];

const FORMATS: readonly FormatRow[] = [
  {
    weights: 'int2',
    activations: 'uint2',
    targets: { [CONVOLUTION]: [1.8, 2.5], [DENSE]: [2.5, 3.3] },
  },
  { weights: 'binary', activations: 'binary', targets: { [CONVOLUTION]: [3.8, 5.8] } },
  {
    weights: 'ternary',
    activations: 'int8',
    targets: { [CONVOLUTION]: [1.6, 1.9], [DENSE]: [1.15, 1.9] },
  },
  { weights: 'binary', activations: 'int8', targets: { [DENSE]: [1.9, 3] } },
  {
    weights: 'int4',
    activations: 'int8',
    targets: { [CONVOLUTION]: [null, 1.6], [DENSE]: [null, 1.6] },
  },
];

const nameOf = ({ weights, activations }: FormatRow) => `${weights} x ${activations}`;

interface Runner {
  readonly kernel: string;
  readonly run: () => void;
  /** Runs of a sample. */
  readonly runs: number;
}

/** Engines compile what runs long in the background. */
const WARM_UP_MILLISECONDS = 1000;
const FEW_RUNS = 20;
const ROUNDS = 40;
/** A sample is as many runs as take this long: the clock of processor time is coarse. */
const SAMPLE_MILLISECONDS = 4;

/** Milliseconds of processor time: others may run on the machine. */
function clock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Builds the layer as planned for the web, compares a run of each of its modules with the oracle and warms up. */
async function runnersOf(graph: Graph, folders: Folders): Promise<readonly Runner[]> {
  const plan = planFor(graph, 'web', 'layer');
  const { kernel } = plan.steps[0]!.call;
  const inputs = lowBitInputs(graph, 1);
  const expected = outputMemory(graph, evaluate(graph, inputs));
  return (await loadAll(plan, folders)).map((model) => {
    if (!runWasm(model, inputMemory(graph, inputs)).equals(expected))
      throw new Error(`${kernel}: not the oracle's bytes`);
    const run = () => {
      model.run();
    };
    for (const end = performance.now() + WARM_UP_MILLISECONDS; performance.now() < end; ) run();
    const milliseconds = sample({ kernel, run, runs: FEW_RUNS });
    return { kernel, run, runs: Math.ceil(SAMPLE_MILLISECONDS / milliseconds) };
  });
}

/** Milliseconds of a run. */
function sample({ run, runs }: Runner): number {
  const begin = clock();
  for (let i = 0; i < runs; i++) run();
  return (clock() - begin) / runs;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Ratios of a sample of int8 to one of fewer bits, round by round, in turn either first. */
function compare(
  int8: Runner,
  low: Runner,
): { readonly paired: number; readonly least: number; readonly low: number } {
  const times: [number, number][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = round % 2 === 0 ? [int8, low] : [low, int8];
    const [a, b] = [sample(first), sample(second)];
    times.push(round % 2 === 0 ? [a, b] : [b, a]);
  }
  const least = (i: 0 | 1) => Math.min(...times.map((pair) => pair[i]));
  return { paired: median(times.map(([a, b]) => a / b)), least: least(0) / least(1), low: least(1) };
}

const wanted = process.argv.slice(2);
const folders = new Folders();
const lines: string[][] = [];
/** Whether there are no names of that kind, or it is among them. */
const isWanted = (name: string, all: readonly string[]) =>
  wanted.includes(name) || !wanted.some((other) => all.includes(other));
const formatNames = FORMATS.map(nameOf);
for (const [layer, sizes] of Object.entries(LAYERS)) {
  if (!isWanted(layer, Object.keys(LAYERS))) continue;
  const int8 = await runnersOf(graphOf(sizes, 'int8', 'int8'), folders);
  const [plain, best] = [int8[0]!, int8.at(-1)!];
  for (const format of FORMATS) {
    const { weights, activations, targets } = format;
    const name = nameOf(format);
    if (!isWanted(name, formatNames)) continue;
    const modules = await runnersOf(graphOf(sizes, weights, activations), folders);
    const low = modules.at(-1)!;
    const toPlain = compare(plain, low);
    const toBest = best === plain ? toPlain : compare(best, low);
    const target = targets[layer]?.[WebAssembly.validate(Uint8Array.from(PROBE)) ? 1 : 0];
    lines.push([
      layer,
      name,
      `${low.kernel}${modules.length > 1 ? ', relaxed' : ''}`,
      `${best.kernel}${best === plain ? '' : ', relaxed'}`,
      ...[toBest, toPlain].flatMap(({ paired, least }) => [paired.toFixed(2), least.toFixed(2)]),
      (1000 * toPlain.low).toFixed(0),
      target ? `${target}` : '',
    ]);
    console.log(lines.at(-1)!.join(' | '));
  }
}
folders.remove();

const head = [
  'layer',
  'weights x activations',
  'kernel',
  'kernel of int8',
  'median of paired ratios',
  'least / least',
  'to int8 without relaxed SIMD',
  'least / least of these',
  'microseconds at least',
  'target',
];
const table = markdownTable(head, lines);
const major = process.versions.node.split('.')[0];
if (wanted.length === 0) {
  writeResults(`low-bit-wasm-node${major}`, [
    `# WASM layers with weights below 8 bits, Node ${process.version}, ${processor()}`,
    'Made by `npm run bench:low-bit-wasm`; every run was compared with the oracle. Processor time of the same layer in int8, by the ' +
      'kernel that the plan chooses, over that of fewer bits; in one process, in turn, everything counted. Modules with relaxed SIMD are ' +
      'run where the engine runs them to the bit. A target is the least ratio to reach, to int8 without relaxed SIMD: on the machine ' +
      'where it was set, that was as fast as any.',
    table,
  ]);
}
process.exit(0);
