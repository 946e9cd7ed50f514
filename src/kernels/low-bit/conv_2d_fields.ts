import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { conv2dPointwiseKernel, pointwiseInstructions } from '../convolution/conv_2d_pointwise.js';
import { flattened, packTiles } from '../convolution/conv_2d_tile.js';
import { convolutionOf } from '../convolution/convolution.js';
import { rowMajor } from '../convolution/convolve.js';
import type { Kernel } from '../kernel.js';
import { BLOCK, overlappingBlocks } from '../weights/channels.js';
import { type Fields, fieldsOf } from '../weights/fields.js';
import { requireLayer } from '../weights/linear.js';
import { distinctWeights } from '../weights/product-tables.js';

const ID = 'conv_2d_s8_fields';
const TILE = 4;
/** Bytes of a pixel's sums of a block, of the lower sums of a tile, and of a pair of inputs in a tile. */
const SUM_BYTES = 4 * BLOCK;
const LOWER_BYTES = TILE * SUM_BYTES;
const PAIR_BYTES = 16;

/** Of a layer's weights in pairs of channels. */
interface PairedChannels {
  readonly fields: Fields;
  readonly pairs: number;
  readonly blocks: number;
  readonly pixels: number;
}

/** null where the weights do not go there. */
function pairedChannels(graph: Graph, node: Node): PairedChannels | null {
  const layer = rowMajor(node, requireLayer(graph, node));
  if (!distinctWeights(layer.filter.data, 3)) return null;
  const { input, output } = flattened(convolutionOf(graph, node));
  const order = overlappingBlocks(output.channels);
  const pairs = Math.ceil(input.channels / 2);
  const fields = fieldsOf(packTiles(layer, input.channels, input.channels, order), pairs);
  return fields && { fields, pairs, blocks: order.length / BLOCK, pixels: output.height };
}

/** Vector instructions of V8's x64 code. */
function instructionsOf({ fields, pairs, blocks, pixels }: PairedChannels): number {
  const stretches = Math.ceil(pairs / fields.stretch);
  return Math.ceil(pixels / TILE) * (Math.ceil(blocks / 2) * (27 * pairs + 60 * stretches + 400) + 6 * pairs);
}

/** Weights -1, 0 and 1 of CONV_2D of int8 by 1x1, and FULLY_CONNECTED, of more than one block of channels. */
export const conv2dFieldsKernel: Kernel = {
  id: ID,
  source: 'conv_2d_fields',
  codeBytes: 2500,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, target) {
    if (!conv2dPointwiseKernel.accepts(graph, node, target)) return false;
    const paired = pairedChannels(graph, node);
    if (!paired || paired.blocks < 2) return false;
    const { pixels, blocks, pairs } = paired;
    return instructionsOf(paired) < pointwiseInstructions(pixels, blocks, pairs);
  },
  lower(graph, node) {
    const int8 = conv2dPointwiseKernel.lower(graph, node);
    const paired = pairedChannels(graph, node)!;
    const { fields, pairs } = paired;
    const [filter, channels] = int8.constants;
    return {
      ...int8,
      kernel: ID,
      scratchBytes:
        int8.scratchBytes + SUM_BYTES * (Math.max(TILE - 1, int8.scalars.band_pixels!) + 1) + LOWER_BYTES,
      constants: [
        {
          ...filter!,
          compact: { ...filter!.compact!, expand: 'expand_fields', source: 'conv_2d_fields_filter' },
        },
        channels!,
      ],
      scalars: {
        ...int8.scalars,
        stretch: PAIR_BYTES * fields.stretch,
        chunk: PAIR_BYTES * fields.chunk,
      },
      shape: {
        single_stretch: fields.stretch >= pairs ? 1 : 0,
        single_chunk: fields.chunk >= pairs ? 1 : 0,
        unit: fields.unit,
        ...int8.shape,
      },
      instructions: instructionsOf(paired),
    };
  },
};
