/**
 * Executed instructions on Android's ARM, by the processors that `verify` emulates, and what llvm-mca makes of the innermost ones:
 * `npm run bench:android`. It needs the shared models beside the checkout, clang, lld, llvm and qemu-user.
 */
import { loadBoard } from '../boards/index.js';
import type { Graph } from '../src/graph/graph.js';
import { type Model, plan } from '../src/index.js';
import { planModel } from '../src/plan/index.js';
import type { Plan } from '../src/plan/plan.js';
import { type Verdict, verify } from '../src/verify/index.js';
import { estimateLoop } from './loop-cycles.js';
import { type ActivationsName, graphOf, type WeightsName } from './low-bit-layers.js';
import { markdownTable, writeResults } from './markdown.js';
import { sharedModels } from './shared-models.js';

const PROCESSORS = [
  { title: 'arm64, base', board: 'android-arm64-v8a', processor: 'cortex-a53' },
  { title: 'dot product', board: 'android-arm64-v8a', processor: 'cortex-a76' },
  { title: 'i8mm', board: 'android-arm64-v8a', processor: 'max' },
  { title: 'armeabi-v7a', board: 'android-armeabi-v7a', processor: 'cortex-a7' },
];

/** Layers of these models that stand for their kind, by the names of their steps. */
const LAYERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kws: {
    conv_2d_2: 'CONV_2D 1x1, 64 to 64 channels, 25x5',
    conv_2d_0: 'CONV_2D 10x4, 1 to 64 channels, 25x5',
    depthwise_conv_2d_1: 'DEPTHWISE_CONV_2D 3x3, 64 channels, 25x5',
  },
  ic: { conv_2d_1: 'CONV_2D 3x3, 16 to 16 channels, 32x32' },
};
const MODELS = ['kws', 'vww', 'ic', 'mobilenet_v2_1.0_224'];

/** Layers below 8 bits, 64 to 64 channels, 8x8: int8 activations end by multipliers, others by thresholds. */
const LOW_BIT: readonly (readonly [WeightsName, ActivationsName])[] = [
  ['int8', 'int8'],
  ['int4', 'int8'],
  ['ternary', 'int8'],
  ['binary', 'int8'],
  ['ternary', 'uint2'],
  ['binary', 'uint2'],
  ['binary', 'binary'],
];
const WINDOWS = [1, 3];

/** The layer whose loop over output channels is estimated, and the variants of it that such cores can run. */
const ESTIMATED = { model: 'kws', step: 'conv_2d_2', inputChannels: 64 };
const CORES = ['cortex-a55', 'cortex-a76'];
const VARIANTS = [
  // The loop over pixels that sums products in three groups: most channels' weights let it.
  { title: 'base', variant: 'base', flags: [], outputs: 2 * 4, widening: 2 * 4 * 3 },
  { title: 'dot product', variant: 'dotprod', flags: ['-march=armv8.2-a+dotprod'], outputs: 8 * 8 },
];

/** One inference, layer by layer, on each processor. */
async function runs(
  name: string,
  graph: Graph,
  planned: (board: string) => Plan,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { board, processor } of PROCESSORS) {
    const all = planned(board);
    const emulator = { ...all.board.emulator, processors: [processor] };
    const onOne = { ...all, board: { ...all.board, emulator } };
    const verdict = await verify(graph, onOne, { layers: true, count: 1 });
    if (!verdict.equal) throw new Error(`${name} on ${processor} is not what the oracle says`);
    verdicts.push(verdict);
  }
  return verdicts;
}

const perMac = ({ instructions, macs }: { readonly instructions: number | null; readonly macs: number }) =>
  (instructions! / macs).toFixed(3);

function estimates(model: Model): string[][] {
  const planned = plan(model, 'android-arm64-v8a');
  return VARIANTS.map(({ title, outputs, ...variant }) => {
    const macs = outputs * ESTIMATED.inputChannels;
    const { instructionsPerMac, cyclesPerMac } = estimateLoop(planned, ESTIMATED.step, macs, variant, CORES);
    return [title, ...[instructionsPerMac, ...cyclesPerMac].map((value) => value.toFixed(3))];
  });
}

const loops: string[][] = [];
const layers: string[][] = [];
const models: string[][] = [];
for (const model of sharedModels(MODELS)) {
  const verdicts = await runs(model.name, model.source, (board) => plan(model, board));
  if (model.name === ESTIMATED.model) loops.push(...estimates(model));
  for (const [step, title] of Object.entries(LAYERS[model.name] ?? {})) {
    layers.push([
      title,
      ...verdicts.map((verdict) => perMac(verdict.layers.find(({ name }) => name === step)!)),
    ]);
  }
  const counts = verdicts.map(({ instructions, macs }) => {
    const perMac = (instructions! / macs).toFixed(2);
    return `${instructions!.toLocaleString('en')} (${perMac})`;
  });
  models.push([model.name, ...counts]);
}
const lowBit: string[][] = [];
for (const window of WINDOWS)
  for (const [weights, activations] of LOW_BIT) {
    const graph = graphOf({ size: 8, window, inputs: 64, outputs: 64 }, weights, activations);
    const title = `${window}x${window}, ${weights} x ${activations}`;
    const verdicts = await runs(title, graph, (board) =>
      planModel(graph, loadBoard(board), { prefix: 'layer', modelHash: '' }),
    );
    lowBit.push([title, ...verdicts.map(({ layers: [layer] }) => perMac(layer!))]);
  }
const titles = PROCESSORS.map(({ title }) => title);
writeResults('android', [
  '# Android',
  'Made by `npm run bench:android` with clang 14 at -O3 in qemu-user. Every run was compared with the oracle.',
  '## Executed instructions per MAC, everything of the layer included',
  markdownTable(['layer', ...titles], layers),
  '## The same of layers below 8 bits: CONV_2D of 64 to 64 channels, 8x8',
  'Weights x activations. Those of int8 end by a multiplier, others by thresholds: three a channel, or one for binary.',
  markdownTable(['layer', ...titles], lowBit),
  '## Cycles per MAC that llvm-mca 14 estimates',
  'Once around the loop of CONV_2D 1x1, 64 to 64 channels: 4 channels of 2 pixels (base) or 8 of 8, requantization included. LLVM 14 schedules Cortex-A76 by its model of Cortex-A57. No cache misses are in it.',
  markdownTable(['variant', 'instructions per MAC', 'Cortex-A55', 'Cortex-A76'], loops),
  '## Executed instructions of one inference (per MAC)',
  markdownTable(['model', ...titles], models),
]);
