import { type Graph, requireInput } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { convolveCall } from './convolve.js';
import type { Kernel } from './kernel.js';
import { LINEAR_TYPES, type LinearType, linearLayer } from './linear.js';

/**
 * CONV_2D in all its forms, and what it does better than the kernel of its own: FULLY_CONNECTED with multipliers by
 * channel in C, or any in WASM, and DEPTHWISE_CONV_2D of a single input channel.
 */
function conv2d(type: LinearType, backend: 'c' | 'wasm'): Kernel {
  const id = backend === 'c' ? `conv_2d_${type}` : `conv_2d_${type}_simd`;
  return {
    id,
    source: 'conv_2d',
    codeBytes: 480,
    ops: ['CONV_2D', 'FULLY_CONNECTED', 'DEPTHWISE_CONV_2D'],
    accepts: (graph, node, target) =>
      target.backend === backend && linearLayer(graph, node)?.type === type && convolves(graph, node),
    lower: (graph, node) => convolveCall(graph, node, id, backend),
  };
}

/** Whether the blocks of output channels suit the node: a depthwise one needs several outputs from its only input. */
function convolves(graph: Graph, node: Node): boolean {
  if (node.kind !== 'DEPTHWISE_CONV_2D') return true;
  return requireInput(graph, node, 0).shape[3] === 1 && node.attributes.depthMultiplier >= 4;
}

export const conv2dKernels: readonly Kernel[] = LINEAR_TYPES.flatMap((type) => [
  conv2d(type, 'c'),
  conv2d(type, 'wasm'),
]);
