import { BitloomError } from '../graph/diagnostics.js';
import { describeNode, type Graph, outputOf, tensorAt } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { conv2dKernels } from './convolution/conv_2d.js';
import { conv2dArmv6mKernels } from './convolution/conv_2d_armv6m.js';
import { conv2dMveKernels } from './convolution/conv_2d_mve.js';
import { conv2dNeonKernels } from './convolution/conv_2d_neon.js';
import { conv2dPointwiseKernel } from './convolution/conv_2d_pointwise.js';
import { conv2dSimd32Kernels } from './convolution/conv_2d_simd32.js';
import { conv2dTileKernel } from './convolution/conv_2d_tile.js';
import { conv2dWinogradKernel } from './convolution/conv_2d_winograd.js';
import { conv2dWinogradSimd32Kernels } from './convolution/conv_2d_winograd_simd32.js';
import { depthwiseConv2dKernels } from './convolution/depthwise_conv_2d.js';
import { depthwiseConv2d3x3Kernel } from './convolution/depthwise_conv_2d_3x3.js';
import { depthwiseConv2dArmv6mKernels } from './convolution/depthwise_conv_2d_armv6m.js';
import { depthwiseConv2dMveKernel } from './convolution/depthwise_conv_2d_mve.js';
import { depthwiseConv2dNeonKernel } from './convolution/depthwise_conv_2d_neon.js';
import { depthwiseConv2dPackedSimd32Kernels } from './convolution/depthwise_conv_2d_packed_simd32.js';
import { depthwiseConv2dSimd32Kernels } from './convolution/depthwise_conv_2d_simd32.js';
import { depthwiseConv2dSimd32PlanesKernel } from './convolution/depthwise_conv_2d_simd32_planes.js';
import { depthwiseConv2dTileKernel } from './convolution/depthwise_conv_2d_tile.js';
import { transposeConvKernels } from './convolution/transpose_conv.js';
import { addKernels } from './elementwise/add.js';
import { dynamicQuantizeKernels } from './elementwise/dynamic_quantize.js';
import { maximumKernels } from './elementwise/maximum.js';
import { mulKernels } from './elementwise/mul.js';
import { preluKernels } from './elementwise/prelu.js';
import { quantizeKernels } from './elementwise/quantize.js';
import { rescaleKernels } from './elementwise/rescale.js';
import { sigmoidKernels } from './elementwise/sigmoid.js';
import { tableKernels } from './elementwise/table.js';
import type { Kernel, Target } from './kernel.js';
import { addThresholdsKernels } from './low-bit/add_thresholds.js';
import { byteCodesKernels } from './low-bit/byte_codes.js';
import { conv2dB1PopcountNeonKernel } from './low-bit/conv_2d_b1_popcount_neon.js';
import { conv2dFieldsKernel } from './low-bit/conv_2d_fields.js';
import { conv2dLanesEndingsKernels } from './low-bit/conv_2d_lanes_endings.js';
import { conv2dLanesMulKernels } from './low-bit/conv_2d_lanes_mul.js';
import { conv2dLanesMveKernels } from './low-bit/conv_2d_lanes_mve.js';
import { conv2dLanesSimd32Kernels } from './low-bit/conv_2d_lanes_simd32.js';
import { conv2dNeonEndingsKernel } from './low-bit/conv_2d_neon_endings.js';
import { conv2dPopcountKernel } from './low-bit/conv_2d_popcount.js';
import { conv2dProductTablesKernel } from './low-bit/conv_2d_product_tables.js';
import { conv2dTablesArmv6mKernels, conv2dTablesKernels } from './low-bit/conv_2d_tables.js';
import { conv2dU2PopcountKernel } from './low-bit/conv_2d_u2_popcount.js';
import { conv2dUnpackedKernel } from './low-bit/conv_2d_unpacked.js';
import { depthwiseConv2dPanelKernel } from './low-bit/depthwise_conv_2d_panel.js';
import { fullyConnectedNibblesKernel } from './low-bit/fully_connected_nibbles.js';
import { fullyConnectedProductTablesKernel } from './low-bit/fully_connected_product_tables.js';
import { fullyConnectedSumTablesKernel } from './low-bit/fully_connected_sum_tables.js';
import {
  fullyConnectedTablesArmv6mKernels,
  fullyConnectedTablesKernels,
} from './low-bit/fully_connected_tables.js';
import { maxPoolPackedKernel } from './low-bit/max_pool_packed.js';
import { packedCopyKernels } from './low-bit/packed_copy.js';
import { quantizePackedKernels } from './low-bit/quantize_packed.js';
import { batchMatmulKernels } from './matmul/batch_matmul.js';
import { fullyConnectedKernels } from './matmul/fully_connected.js';
import { fullyConnectedMveKernel, fullyConnectedSumsMveKernel } from './matmul/fully_connected_mve.js';
import { fullyConnectedRowsKernels } from './matmul/fully_connected_rows.js';
import { fullyConnectedSimdKernel, fullyConnectedSumsSimdKernel } from './matmul/fully_connected_simd.js';
import { fullyConnectedSimd32Kernels } from './matmul/fully_connected_simd32.js';
import { svdfKernels } from './matmul/svdf.js';
import { gatherKernels } from './movement/gather.js';
import { padRowsKernel } from './movement/pad_rows.js';
import { resizeKernels } from './movement/resize.js';
import { stridedCopyKernels } from './movement/strided_copy.js';
import { absmaxKernels } from './reduction/absmax.js';
import { argMaxKernels } from './reduction/arg_max.js';
import { l2NormalizationKernels } from './reduction/l2_normalization.js';
import { poolKernels } from './reduction/pool.js';
import { reduceKernels } from './reduction/reduce.js';
import { rowSumsKernels } from './reduction/row_sums.js';
import { softmaxKernels } from './reduction/softmax.js';

/**
 * Every kernel, by family. Of several rows that accept a node the special, which are taken to be faster, come before the
 * general: `plan` departs from that order where it predicts otherwise.
 */
export const KERNELS: readonly Kernel[] = [
  ...fullyConnectedTablesArmv6mKernels,
  ...conv2dTablesArmv6mKernels,
  ...conv2dLanesMulKernels,
  ...conv2dArmv6mKernels,
  ...depthwiseConv2dArmv6mKernels,
  fullyConnectedMveKernel,
  fullyConnectedSumsMveKernel,
  ...conv2dMveKernels,
  ...conv2dLanesMveKernels,
  depthwiseConv2dMveKernel,
  ...conv2dNeonKernels,
  depthwiseConv2dNeonKernel,
  conv2dB1PopcountNeonKernel,
  conv2dNeonEndingsKernel,
  ...conv2dLanesSimd32Kernels,
  ...fullyConnectedSimd32Kernels,
  ...conv2dWinogradSimd32Kernels,
  ...conv2dSimd32Kernels,
  ...fullyConnectedKernels,
  fullyConnectedSumTablesKernel,
  fullyConnectedSimdKernel,
  fullyConnectedNibblesKernel,
  fullyConnectedSumsSimdKernel,
  conv2dWinogradKernel,
  conv2dFieldsKernel,
  conv2dPointwiseKernel,
  conv2dTileKernel,
  depthwiseConv2d3x3Kernel,
  depthwiseConv2dTileKernel,
  ...conv2dKernels,
  ...fullyConnectedTablesKernels,
  ...fullyConnectedRowsKernels,
  ...conv2dTablesKernels,
  depthwiseConv2dSimd32PlanesKernel,
  ...depthwiseConv2dSimd32Kernels,
  ...depthwiseConv2dPackedSimd32Kernels,
  ...depthwiseConv2dKernels,
  conv2dPopcountKernel,
  conv2dU2PopcountKernel,
  ...conv2dLanesEndingsKernels,
  fullyConnectedProductTablesKernel,
  conv2dProductTablesKernel,
  depthwiseConv2dPanelKernel,
  conv2dUnpackedKernel,
  ...transposeConvKernels,
  ...batchMatmulKernels,
  ...packedCopyKernels,
  ...stridedCopyKernels,
  padRowsKernel,
  ...gatherKernels,
  ...resizeKernels,
  ...absmaxKernels,
  ...addThresholdsKernels,
  ...addKernels,
  ...argMaxKernels,
  ...dynamicQuantizeKernels,
  ...l2NormalizationKernels,
  ...maximumKernels,
  ...mulKernels,
  maxPoolPackedKernel,
  ...poolKernels,
  ...preluKernels,
  ...byteCodesKernels,
  ...quantizePackedKernels,
  ...quantizeKernels,
  ...reduceKernels,
  ...rowSumsKernels,
  ...rescaleKernels,
  ...sigmoidKernels,
  ...softmaxKernels,
  ...svdfKernels,
  ...tableKernels,
];

/**
 * The kernels that compute `node` on `target`, the special before the general.
 * @throws BitloomError BL301 where no row of the table accepts the node
 */
export function kernelsFor(graph: Graph, node: Node, target: Target): [Kernel, ...Kernel[]] {
  const [first, ...others] = KERNELS.filter(
    (row) => row.ops.includes(node.kind) && row.accepts(graph, node, target),
  );
  if (first) return [first, ...others];
  const inputs = node.inputs.filter((id) => id !== null).map((id) => tensorAt(graph, id));
  const formats = [...inputs, outputOf(graph, node)].map((t) => `${t.format.type}[${t.shape.join('x')}]`);
  throw new BitloomError(
    'BL301',
    `${describeNode(graph, node)} as ${node.kind} of ${formats.slice(0, -1).join(', ')} to ${formats.at(-1)} has no ` +
      `kernel for ${target.backend === 'c' ? 'C' : 'WASM'} on ${target.isa}`,
    'Quantize the model to int8 activations (or int16 where the operator supports it), or replace the operator',
  );
}

/**
 * The first of them.
 * @throws BitloomError BL301
 */
export function selectKernel(graph: Graph, node: Node, target: Target): Kernel {
  return kernelsFor(graph, node, target)[0];
}
