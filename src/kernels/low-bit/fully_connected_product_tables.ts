import type { Graph } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { convolutionOf, macsOf } from '../convolution/convolution.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { isWholeInput } from '../matmul/fully_connected_simd.js';
import { inputArgument, outputArgument } from '../operands.js';
import { LANES } from '../weights/lane-ending.js';
import { packNibblePairs } from '../weights/pack-codes.js';
import { hasProductTables, pixelBytes, tableLayer } from './conv_2d_product_tables.js';

const ID = 'fully_connected_product_tables';

/** Blocks of channels that share tables. */
const WIDE = 4;
/** Sums of their channels, of 32 bits and of 16. */
const SUM_BYTES = (4 + 2) * WIDE * LANES;
/** Selectors may be written this far too long. */
const SLACK_BYTES = 16;

function call(graph: Graph, node: Node): KernelCall {
  const known = tableLayer(graph, node, { multiple: 2 });
  const { conv, tables, codes, ending } = known;
  const flush = tables.flush & ~1;
  const chunk = Math.floor(tables.chunk / flush) * flush;
  const blocks = Math.ceil(conv.output.channels / LANES);
  return {
    kernel: ID,
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node)],
    scratchBytes: SUM_BYTES + codes.groups + SLACK_BYTES,
    constants: [
      known.constants.tables,
      { name: 'filter', data: packNibblePairs(conv.output.channels, codes.groups, WIDE, codes.at) },
      known.constants.ending,
    ],
    scalars: {
      input_height: conv.input.height,
      input_width: conv.input.width,
      output_channels: conv.output.channels,
      pixel_bytes: pixelBytes(known),
      tap_groups: codes.tapGroups,
      flush,
      chunk,
      ...ending.scalars,
    },
    shape: { single_chunk: codes.groups + 1 <= chunk ? 1 : 0, ...ending.shape },
    // All of the input is read before the first output is written.
    overlap: [0],
    relaxed: { needs: 'swizzle', instructions: blocks * (5 * codes.groups + 100) },
    macs: macsOf(conv),
    instructions: blocks * (6 * codes.groups + 100),
    counted: 'V8',
  };
}

/** Activations and weights of 1, of 2 and of 4 bits where weights are used once. */
export const fullyConnectedProductTablesKernel: Kernel = {
  id: ID,
  source: ID,
  codeBytes: 2500,
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  accepts(graph, node, { backend }) {
    if (backend !== 'wasm' || !hasProductTables(graph, node, 2)) return false;
    return isWholeInput(convolutionOf(graph, node));
  },
  lower: call,
};
