/** CONV_2D and FULLY_CONNECTED with weights of 2 or 4 bits on Helium: several codes in a byte. */
import { type Graph, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { zeroPointOf } from '../../graph/tensor.js';
import {
  type Convolution,
  convolutionOf,
  imageMembers,
  isDense,
  leavesImage,
  macsOf,
  pixelStarts,
  pixelsOf,
  windowMembers,
} from '../convolution/convolution.js';
import { rowMajor } from '../convolution/convolve.js';
import type { Kernel, KernelCall, Target } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { clampsCodes, roundsNegatives } from '../weights/code-range.js';
import { laneBits, type WeightGrid, weightGrid } from '../weights/lane-codes.js';
import { LANES, NARROWING, packParameters, wholeVectors } from '../weights/lanes_mve.js';
import {
  type FilterRows,
  linearLayer,
  multipliersOf,
  outputScalars,
  provenBias,
  requireLayer,
} from '../weights/linear.js';
import { packMultipliers } from '../weights/requantizer.js';

type Bits = 2 | 4;
type Way = 'pixels' | 'gathered';

/** Output channels that a kernel computes at once. */
const BLOCK = 8;

/** Words of a block's biases, multipliers and shifts. */
const PARAMETERS = 18;

/** Sums of codes of a byte beyond this many inputs may leave 32 bits. */
const MOST_INPUTS = 2 ** 16;

function rowsOf({ filter, output }: Convolution): FilterRows {
  const taps = filter.height * filter.width * filter.channels;
  return { channels: output.channels, count: taps, step: 1, start: (c) => c * taps };
}

function wayOf(conv: Convolution): Way {
  return conv.filter.height === 1 && conv.filter.width === 1 && !leavesImage(conv) ? 'pixels' : 'gathered';
}

function suits(graph: Graph, node: Node, target: Target, bits: Bits, way: Way): boolean {
  if (target.isa !== 'armv8.1-m.main+mve') return false;
  const layer = linearLayer(graph, node);
  if (layer?.type !== 's8' || (node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node))) return false;
  const grid = weightGrid(requireInput(graph, node, 1));
  if (grid === null || Math.max(2, laneBits(grid)) !== bits) return false;
  const conv = convolutionOf(graph, node);
  const rows = rowsOf(conv);
  if (conv.groups !== 1 || rows.count > MOST_INPUTS || wayOf(conv) !== way) return false;
  return packMultipliers(multipliersOf(node, layer, rows.channels)).rightShift === 1;
}

/** As `codegen/c/kernels/dot_lanes_mve.h` reads them. */
function packBytes(
  data: ArrayLike<number>,
  zeroPoint: number,
  rows: FilterRows,
  { first, step }: WeightGrid,
  bits: Bits,
): Int8Array {
  const share = 8 / bits;
  const vectors = wholeVectors(rows.count) / LANES;
  const packed = new Int8Array((Math.ceil(rows.channels / BLOCK) * BLOCK * vectors * LANES) / share);
  for (let c = 0; c < rows.channels; c++) {
    const block = Math.floor(c / BLOCK) * vectors * (BLOCK / share) * LANES;
    const part = c % share;
    const offset = part === share - 1 ? 2 ** (bits - 1) : 0;
    for (let i = 0, from = rows.start(c); i < rows.count; i++, from += rows.step) {
      const vector = Math.floor(i / LANES) * (BLOCK / share) + Math.floor((c % BLOCK) / share);
      const code = (data[from]! - zeroPoint - first) / step - offset;
      packed[block + vector * LANES + (i % LANES)]! |= (code & (2 ** bits - 1)) << (bits * part);
    }
  }
  return packed;
}

function lower(graph: Graph, node: Node, kernel: string, bits: Bits, way: Way): KernelCall {
  const layer = rowMajor(node, requireLayer(graph, node));
  const conv = convolutionOf(graph, node);
  const { output } = conv;
  const rows = rowsOf(conv);
  const multipliers = multipliersOf(node, layer, output.channels);
  const bias = provenBias(graph, node, layer, rows, multipliers, true) as Int32Array;
  const grid = weightGrid(layer.filter)!;
  const { multiplier, shift } = packMultipliers(multipliers);
  const perChannel = multiplier.some((m, c) => m !== multiplier[0] || shift[c] !== shift[0]);
  const parameters = packParameters(bias, multipliers, BLOCK, NARROWING[BLOCK]);
  const away = roundsNegatives(layer.output, conv.clamp);
  const ahead =
    way === 'gathered' || output.channels <= BLOCK ? null : Math.floor((output.channels - 1) / BLOCK) * BLOCK;
  return {
    kernel,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: way === 'gathered' ? wholeVectors(rows.count) : 0,
    constants: [
      {
        name: 'filter',
        data: packBytes(layer.filter.data as Int8Array, zeroPointOf(layer.filter), rows, grid, bits),
      },
      {
        name: 'parameters',
        data: perChannel ? parameters : parameters.filter((_, i) => i % PARAMETERS < BLOCK),
        isNarrowable: true,
      },
    ],
    scalars: {
      row_begin: 0,
      row_end: output.height,
      ...(way === 'gathered' ? { input_zero: zeroPointOf(layer.input) } : {}),
      first: grid.first,
      step: grid.step,
      multiplier: perChannel ? 0 : multiplier[0]!,
      shift: perChannel ? 0 : shift[0]!,
      ...outputScalars(layer, conv.clamp),
    },
    shape: {
      ...imageMembers(conv),
      output_channels: output.channels,
      output_ring_rows: output.height,
      ...windowMembers(conv),
      padded: leavesImage(conv) ? 1 : 0,
      away,
      clamped: clampsCodes(conv.clamp),
      per_channel: perChannel ? 1 : 0,
    },
    overlap: [windowOverlap(pixelStarts(conv), output.channels, 1, ahead)],
    macs: macsOf(conv),
    instructions: instructionsOf(conv, rows.count, way, away),
  };
}

/** Measured (GCC 12, -O2): by pixel, row of a window, block of channels and vector of inputs. */
function instructionsOf(conv: Convolution, taps: number, way: Way, away: 0 | 1): number {
  const pixels = pixelsOf(conv);
  const blocks = Math.ceil(conv.output.channels / BLOCK);
  const vectors = wholeVectors(taps) / LANES;
  const perBlock = 50 + 4 * away + (taps % LANES === 0 ? 19 : 21) * vectors;
  const gather = way === 'gathered' ? 40 + 18 * conv.filter.height + 6 * vectors : 0;
  return Math.round(pixels * (20 + 4 * vectors + blocks * perBlock + gather));
}

function conv2dLanesMve(bits: Bits, way: Way): Kernel {
  const id = `conv_2d_s8_w${bits}_lanes_mve_${way}`;
  return {
    id,
    source: 'conv_2d_lanes_mve',
    codeBytes: way === 'pixels' ? 500 : 750,
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) => suits(graph, node, target, bits, way),
    lower: (graph, node) => lower(graph, node, id, bits, way),
  };
}

export const conv2dLanesMveKernels: readonly Kernel[] = ([2, 4] as const).flatMap((bits) =>
  (['pixels', 'gathered'] as const).map((way) => conv2dLanesMve(bits, way)),
);
