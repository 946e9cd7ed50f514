import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import {
  type Convolution,
  convolutionOf,
  leavesImage,
  macsOf,
  pixelsOf,
} from '../convolution/convolution.js';
import type { Kernel, KernelCall, Target } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import {
  accumulatorLayer,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
} from '../weights/linear.js';
import { packMultipliers } from '../weights/requantizer.js';
import {
  type BytePacking,
  blocksOf,
  entriesOf,
  packTableBytes,
  reachOfValues,
} from '../weights/sum-tables.js';
import { fewValuedLayer, rowsOf, scalesOf, shortBias, tapsOf } from './few-values.js';

interface Packing extends BytePacking {
  readonly name: string;
}

const PACKINGS: readonly Packing[] = [
  { name: 'trits5', levels: 3, group: 5 },
  { name: 'signs8', levels: 2, group: 8 },
];

/** Tables of a block: as many as there are registers for. */
interface Registers {
  readonly suffix: '' | '_armv6m';
  readonly block: number;
  runsOn(target: Target): boolean;
  /** Measured (GCC 12, -O2): instructions by byte, by the sums of a block, by code. */
  readonly costs: readonly [number, number, number];
}

const REGISTERS: readonly Registers[] = [
  { suffix: '_armv6m', block: 2, runsOn: ({ isa }) => isa === 'armv6-m', costs: [4, 5, 50] },
  { suffix: '', block: 4, runsOn: ({ isa }) => isa !== 'armv6-m', costs: [3, 4, 20] },
];

/** A table serves two groups, whose entries share its words. */
const GROUPS = 2;

/** Whether each output pixel is a product with a row of the input, and these lie one after the other. */
function isProduct({ input, output, filter, stride, ...conv }: Convolution): boolean {
  const whole =
    output.height === 1 &&
    output.width === 1 &&
    filter.height === input.height &&
    filter.width === input.width;
  const point = filter.height === 1 && filter.width === 1 && stride.height === 1 && stride.width === 1;
  const dense = (whole && conv.dilation.height === 1 && conv.dilation.width === 1) || point;
  return dense && !leavesImage({ input, output, filter, stride, ...conv });
}

/** @throws BitloomError BL202 */
function tablesCall(
  graph: Graph,
  node: Node,
  kernel: string,
  packing: Packing,
  registers: Registers,
  { layerOf, suffix }: Ending,
): KernelCall {
  const found = fewValuedLayer(graph, node, packing, GROUPS, layerOf);
  if (!found) throw new Error(`${kernel} cannot compute ${node.kind}`);
  const { layer, values } = found;
  const conv = convolutionOf(graph, node);
  const rows = rowsOf(conv);
  const [pixels, inputs, outputs] = [pixelsOf(conv), tapsOf(conv), conv.output.channels];
  const multipliers = multipliersOf(node, layer, outputs);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const { multiplier, shift, rightShift } = packMultipliers(scalesOf(layer, multipliers));
  const tables = Math.ceil(inputs / packing.group / GROUPS);
  const blocks = blocksOf(tables, registers.block, 1).map((count) => GROUPS * count);
  const offset = reachOfValues(values) * packing.group * 128;
  const starts = Array.from({ length: pixels }, (_, pixel) => pixel * inputs);
  const requantizes = suffix === '';
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: 4 * (registers.block * entriesOf(packing) + outputs),
    constants: [
      {
        name: 'filter',
        data: packTableBytes(layer.filter, zeroPointOf(layer.filter), rows, values, packing, blocks),
      },
      { name: 'bias', data: shortBias(bias) ?? bias, isNarrowable: true },
      ...(requantizes
        ? [
            { name: 'multiplier', data: multiplier },
            { name: 'shift', data: shift },
          ]
        : []),
    ],
    scalars: {
      first: values.first,
      step: values.step,
      unit: values.unit,
      offset,
      start: -offset * tables,
      ...outputScalars(layer, conv.clamp),
    },
    shape: {
      rows: pixels,
      inputs,
      outputs,
      per_channel: layer.filter.format.scales.length > 1 ? 1 : 0,
      right_shift: rightShift,
      short_bias: shortBias(bias) ? 1 : 0,
    },
    overlap: [requantizes ? windowOverlap(starts, outputs, 1, null) : null],
    macs: macsOf(conv),
    instructions: instructionsOf(pixels, tables, blocks.length, outputs, packing, registers),
  };
}

function instructionsOf(
  pixels: number,
  tables: number,
  blocks: number,
  outputs: number,
  packing: Packing,
  { costs: [perByte, perSum, perCode] }: Registers,
): number {
  const perTable = entriesOf(packing) * (packing.levels === 3 ? 1.8 : 3.5) + 20 * packing.group;
  return Math.round(
    pixels *
      (tables * (perTable + GROUPS * perByte * outputs) + blocks * perSum * outputs + perCode * outputs),
  );
}

/** What becomes of sums: codes of int8, or the int32 output. */
interface Ending {
  readonly suffix: '' | '_s32';
  readonly layerOf: typeof linearLayer;
}

const ENDINGS: readonly Ending[] = [
  { suffix: '', layerOf: linearLayer },
  { suffix: '_s32', layerOf: accumulatorLayer },
];

function tables(packing: Packing, registers: Registers, ending: Ending): Kernel {
  const id = `fully_connected_s8${ending.suffix}_${packing.name}_tables${registers.suffix}`;
  return {
    id,
    source: 'fully_connected_tables',
    codeBytes: 900,
    ops: ['CONV_2D', 'FULLY_CONNECTED'],
    accepts: (graph, node, target) =>
      target.backend === 'c' &&
      registers.runsOn(target) &&
      isProduct(convolutionOf(graph, node)) &&
      fewValuedLayer(graph, node, packing, GROUPS, ending.layerOf) !== null,
    lower: (graph, node) => tablesCall(graph, node, id, packing, registers, ending),
  };
}

/** FULLY_CONNECTED of int8 with weights of two or three values, by tables of sums of a single pixel's activations. */
const kernelsOf = (forms: readonly (typeof REGISTERS)[number][]) =>
  ENDINGS.flatMap((ending) =>
    PACKINGS.flatMap((packing) => forms.map((registers) => tables(packing, registers, ending))),
  );

/** Those for ARMv6-M, where nothing else takes as few instructions. */
export const fullyConnectedTablesArmv6mKernels: readonly Kernel[] = kernelsOf(
  REGISTERS.filter(({ suffix }) => suffix === '_armv6m'),
);

export const fullyConnectedTablesKernels: readonly Kernel[] = kernelsOf(
  REGISTERS.filter(({ suffix }) => suffix !== '_armv6m'),
);
