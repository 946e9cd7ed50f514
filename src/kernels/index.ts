import { BitloomError } from '../graph/diagnostics.js';
import { describeNode, type Graph, outputOf, tensorAt } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { addKernels } from './add.js';
import { argMaxKernels } from './arg_max.js';
import { batchMatmulKernels } from './batch_matmul.js';
import { conv2dKernels } from './conv_2d.js';
import { conv2dArmv6mKernels } from './conv_2d_armv6m.js';
import { conv2dMveKernels } from './conv_2d_mve.js';
import { conv2dSimd32Kernels } from './conv_2d_simd32.js';
import { conv2dTileKernel } from './conv_2d_tile.js';
import { depthwiseConv2dKernels } from './depthwise_conv_2d.js';
import { depthwiseConv2dArmv6mKernels } from './depthwise_conv_2d_armv6m.js';
import { depthwiseConv2dMveKernel } from './depthwise_conv_2d_mve.js';
import { depthwiseConv2dSimd32Kernels } from './depthwise_conv_2d_simd32.js';
import { depthwiseConv2dTileKernel } from './depthwise_conv_2d_tile.js';
import { fullyConnectedKernels } from './fully_connected.js';
import { fullyConnectedMveKernel } from './fully_connected_mve.js';
import { fullyConnectedSimdKernel } from './fully_connected_simd.js';
import { fullyConnectedSimd32Kernels } from './fully_connected_simd32.js';
import { gatherKernels } from './gather.js';
import type { Kernel, Target } from './kernel.js';
import { l2NormalizationKernels } from './l2_normalization.js';
import { maximumKernels } from './maximum.js';
import { mulKernels } from './mul.js';
import { poolKernels } from './pool.js';
import { preluKernels } from './prelu.js';
import { quantizeKernels } from './quantize.js';
import { reduceKernels } from './reduce.js';
import { resizeKernels } from './resize.js';
import { sigmoidKernels } from './sigmoid.js';
import { softmaxKernels } from './softmax.js';
import { stridedCopyKernels } from './strided_copy.js';
import { svdfKernels } from './svdf.js';
import { tableKernels } from './table.js';
import { transposeConvKernels } from './transpose_conv.js';

/** Every kernel, by family. Of several rows that accept a node the first is taken: the special before the general. */
export const KERNELS: readonly Kernel[] = [
  ...conv2dArmv6mKernels,
  ...depthwiseConv2dArmv6mKernels,
  fullyConnectedMveKernel,
  ...conv2dMveKernels,
  depthwiseConv2dMveKernel,
  ...fullyConnectedSimd32Kernels,
  ...conv2dSimd32Kernels,
  ...fullyConnectedKernels,
  fullyConnectedSimdKernel,
  conv2dTileKernel,
  depthwiseConv2dTileKernel,
  ...conv2dKernels,
  ...depthwiseConv2dSimd32Kernels,
  ...depthwiseConv2dKernels,
  ...transposeConvKernels,
  ...batchMatmulKernels,
  ...stridedCopyKernels,
  ...gatherKernels,
  ...resizeKernels,
  ...addKernels,
  ...argMaxKernels,
  ...l2NormalizationKernels,
  ...maximumKernels,
  ...mulKernels,
  ...poolKernels,
  ...preluKernels,
  ...quantizeKernels,
  ...reduceKernels,
  ...sigmoidKernels,
  ...softmaxKernels,
  ...svdfKernels,
  ...tableKernels,
];

/**
 * The kernel that computes `node` on `target`.
 * @throws BitloomError BL301 where no row of the table accepts the node
 */
export function selectKernel(graph: Graph, node: Node, target: Target): Kernel {
  const kernel = KERNELS.find((row) => row.ops.includes(node.kind) && row.accepts(graph, node, target));
  if (kernel) return kernel;
  const inputs = node.inputs.filter((id) => id !== null).map((id) => tensorAt(graph, id));
  const formats = [...inputs, outputOf(graph, node)].map((t) => `${t.format.type}[${t.shape.join('x')}]`);
  throw new BitloomError(
    'BL301',
    `${describeNode(graph, node)} as ${node.kind} of ${formats.slice(0, -1).join(', ')} to ${formats.at(-1)} has no ` +
      `kernel for ${target.backend === 'c' ? 'C' : 'WASM'} on ${target.isa}`,
    'Quantize the model to int8 activations (or int16 where the operator supports it), or replace the operator',
  );
}
