import { type Graph, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { Kernel } from '../kernel.js';
import { LINEAR_TYPES, type LinearType, linearLayer } from '../weights/linear.js';
import { isDense } from './convolution.js';
import { convolveCall } from './convolve.js';

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
      target.backend === backend &&
      linearLayer(graph, node)?.type === type &&
      convolves(graph, node, backend),
    lower: (graph, node) => convolveCall(graph, node, id, backend),
  };
}

/** FULLY_CONNECTED with a single multiplier has a kernel of its own in C. */
function convolves(graph: Graph, node: Node, backend: 'c' | 'wasm'): boolean {
  if (node.kind === 'DEPTHWISE_CONV_2D') return isDense(graph, node);
  if (node.kind === 'FULLY_CONNECTED') {
    return backend === 'wasm' || requireInput(graph, node, 1).format.scales.length > 1;
  }
  return true;
}

export const conv2dKernels: readonly Kernel[] = LINEAR_TYPES.flatMap((type) => [
  conv2d(type, 'c'),
  conv2d(type, 'wasm'),
]);
