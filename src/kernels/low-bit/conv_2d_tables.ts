import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  leavesImage,
  macsOf,
  pixelStarts,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import type { ConstantArgument, Kernel, KernelCall, Target } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { blockOverlap } from '../overlap.js';
import { accumulatorBound, inputRange } from '../weights/accumulator-bound.js';
import { digitScales } from '../weights/digits.js';
import { type LinearLayer, multipliersOf, outputScalars, provenBias } from '../weights/linear.js';
import { packMultipliers } from '../weights/requantizer.js';
import { doubled, hasSimd32, outputForms, simd32Channels } from '../weights/simd32.js';
import {
  type BytePacking,
  blocksOf,
  entriesOf,
  flushInterval,
  packTableBytes,
} from '../weights/sum-tables.js';
import { fewValuedLayer, rowsOf, scalesOf, shortBias, tapsOf } from './few-values.js';

/** Pixels that are summed at a time, and words of their entry in a table. */
const PIXELS = 8;
const ENTRY_BYTES = 16;

interface Packing extends BytePacking {
  readonly name: string;
  /** Groups whose tables there are at a time. */
  readonly block: number;
}

const PACKINGS: readonly Packing[] = [
  { name: 'trits4', levels: 3, group: 4, block: 3 },
  { name: 'trits5', levels: 3, group: 5, block: 2 },
  { name: 'signs8', levels: 2, group: 8, block: 2 },
];

/** How sums become codes: `bl_octet_form`, constants, and whether that suits a layer. */
interface Requantization {
  readonly form: number;
  readonly constants: readonly ConstantArgument[];
}

interface Ending {
  readonly suffix: '' | '_simd32' | '_armv6m';
  runsOn(target: Target): boolean;
  /** Null where it does not give the layer's codes. */
  of(node: Node, layer: LinearLayer, conv: Convolution): Requantization | null;
}

const RIGHT = 0;
const ANY = 1;
const SIMD32 = 2;
const SIMD32_CLAMPED = 3;
const DIGITS = 4;

const ENDINGS: readonly Ending[] = [
  {
    suffix: '_simd32',
    runsOn: hasSimd32,
    of(node, layer, conv) {
      const channels = simd32Channels(node, layer, rowsOf(conv));
      if (!channels?.every(({ constant }) => constant === null)) return null;
      const scales = scalesOf(layer, channels);
      return {
        form: outputForms(layer, conv.clamp).clamps ? SIMD32_CLAMPED : SIMD32,
        constants: [
          { name: 'multiplier', data: Int32Array.from(scales, doubled) },
          { name: 'shift', data: Int8Array.from(scales, ({ shift }) => -shift) },
        ],
      };
    },
  },
  {
    suffix: '_armv6m',
    runsOn: ({ backend, isa }) => backend === 'c' && isa === 'armv6-m',
    of(node, layer, conv) {
      const scales = scalesOf(layer, multipliersOf(node, layer, conv.output.channels));
      const { data, narrow } = digitScales(scales, [mostOf(layer, conv)]);
      // A single one comes as four.
      return narrow
        ? { form: DIGITS, constants: [{ name: 'scale', data: data.slice(0, 4 * scales.length) }] }
        : null;
    },
  },
  {
    suffix: '',
    runsOn: ({ backend }) => backend === 'c',
    of(node, layer, conv) {
      const scales = scalesOf(layer, multipliersOf(node, layer, conv.output.channels));
      const { multiplier, shift, rightShift } = packMultipliers(scales);
      return {
        form: rightShift ? RIGHT : ANY,
        constants: [
          { name: 'multiplier', data: multiplier },
          { name: 'shift', data: shift },
        ],
      };
    },
  },
];

/** Whether windows are no pixels of the image as they are. */
const gathers = (conv: Convolution): boolean =>
  conv.filter.height > 1 || conv.filter.width > 1 || leavesImage(conv);

/** The largest magnitude of all channels' sums. */
function mostOf({ input, filter, bias }: LinearLayer, conv: Convolution): number {
  const { channels, count, step, start } = rowsOf(conv);
  const range = inputRange('int8', zeroPointOf(input));
  const zero = zeroPointOf(filter);
  const boundOf = (c: number) =>
    accumulatorBound(filter.data, start(c), count, step, zero, range, Number(bias?.[c] ?? 0));
  return Math.max(...Array.from({ length: channels }, (_, c) => boundOf(c)));
}

/** @throws BitloomError BL202 */
function tablesCall(graph: Graph, node: Node, kernel: string, packing: Packing, ending: Ending): KernelCall {
  const conv = convolutionOf(graph, node);
  const found = fewValuedLayer(graph, node, packing, packing.block);
  if (!found) throw new Error(`${kernel} cannot compute ${node.kind}`);
  const { layer, values } = found;
  const { output } = conv;
  const rows = rowsOf(conv);
  const multipliers = multipliersOf(node, layer, output.channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const requantization = ending.of(node, layer, conv);
  const flush = flushInterval(layer.filter, rows, values, packing.block * packing.group);
  if (!requantization || flush === null) throw new Error(`${kernel} cannot compute ${node.kind}`);
  const blocks = blocksOf(Math.ceil(rows.count / packing.group), packing.block, packing.block);
  const pixels = pixelsOf(conv);
  const ends = Array.from({ length: Math.ceil(pixels / PIXELS) }, (_, i) =>
    Math.min(pixels, (i + 1) * PIXELS),
  );
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: scratchBytes(conv, packing, flush),
    constants: [
      {
        name: 'filter',
        data: packTableBytes(layer.filter, zeroPointOf(layer.filter), rows, values, packing, blocks),
      },
      { name: 'bias', data: shortBias(bias) ?? bias, isNarrowable: true },
      ...requantization.constants,
    ],
    scalars: {
      row_begin: 0,
      row_end: output.height,
      zero_point: zeroPointOf(layer.input),
      first: values.first,
      step: values.step,
      unit: values.unit,
      ...outputScalars(layer, conv.clamp),
    },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      gathers: gathers(conv) ? 1 : 0,
      flush,
      requantizer: requantization.form,
      per_channel: layer.filter.format.scales.length > 1 ? 1 : 0,
      short_bias: shortBias(bias) ? 1 : 0,
    },
    overlap: [blockOverlap(pixelStarts(conv), ends, output.channels, 1)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, packing, ending),
  };
}

/** Tables, inputs of a block, sums, totals, gathered windows. */
function scratchBytes(conv: Convolution, packing: Packing, flush: number): number {
  const { channels } = conv.output;
  const tables = packing.block * (entriesOf(packing) + packing.group) * ENTRY_BYTES;
  const sums = channels * ENTRY_BYTES * (flush > 0 ? 3 : 1);
  return tables + sums + (gathers(conv) ? PIXELS * tapsOf(conv) : 0);
}

/** Measured (GCC 12, -O2): the table of a group; a byte, and the sums that it is added to; the code of a sum. */
function instructionsOf(conv: Convolution, packing: Packing, ending: Ending): number {
  const octets = Math.ceil(pixelsOf(conv) / PIXELS);
  const taps = tapsOf(conv);
  const groups = Math.ceil(taps / packing.group);
  const blocks = Math.ceil(groups / packing.block);
  const { channels } = conv.output;
  const [perByte, perSums, perCode] = COSTS[ending.suffix];
  const perTable = 6.5 * entriesOf(packing) + 60 * packing.group;
  const perOctet =
    groups * (perTable + channels * perByte) + blocks * channels * perSums + channels * PIXELS * perCode;
  const gathered = gathers(conv) ? pixelsOf(conv) * 3 * taps : 0;
  return Math.round(octets * perOctet + gathered);
}

const COSTS: Readonly<Record<Ending['suffix'], readonly [number, number, number]>> = {
  _simd32: [7, 4, 16],
  _armv6m: [8, 11, 48],
  '': [7, 4, 28],
};

function tables(packing: Packing, ending: Ending): Kernel {
  const id = `conv_2d_s8_${packing.name}_tables${ending.suffix}`;
  return {
    id,
    source: 'conv_2d_tables',
    codeBytes: 1200,
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts(graph, node, target) {
      if (!ending.runsOn(target)) return false;
      const found = fewValuedLayer(graph, node, packing, packing.block);
      if (!found) return false;
      return ending.of(node, found.layer, convolutionOf(graph, node)) !== null;
    },
    lower: (graph, node) => tablesCall(graph, node, id, packing, ending),
  };
}

/** CONV_2D and FULLY_CONNECTED of int8 with weights of two or three values, by tables of sums of activations. */
const kernelsOf = (endings: readonly (typeof ENDINGS)[number][]) =>
  PACKINGS.flatMap((packing) => endings.map((ending) => tables(packing, ending)));

/** Those for ARMv6-M, where nothing else takes as few instructions. */
export const conv2dTablesArmv6mKernels: readonly Kernel[] = kernelsOf(
  ENDINGS.filter(({ suffix }) => suffix === '_armv6m'),
);

/** The others, which suit layers of many channels. */
export const conv2dTablesKernels: readonly Kernel[] = kernelsOf(
  ENDINGS.filter(({ suffix }) => suffix !== '_armv6m'),
);
