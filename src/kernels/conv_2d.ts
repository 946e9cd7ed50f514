import { convolveCall } from './convolve.js';
import type { Kernel } from './kernel.js';
import { LINEAR_TYPES, type LinearType, linearLayer } from './linear.js';

/**
 * CONV_2D in all its forms, and FULLY_CONNECTED as a convolution of 1x1: with multipliers by channel in C, always in
 * WASM.
 */
function conv2d(type: LinearType, backend: 'c' | 'wasm'): Kernel {
  const id = backend === 'c' ? `conv_2d_${type}` : `conv_2d_${type}_simd`;
  return {
    id,
    source: 'conv_2d',
    codeBytes: 480,
    ops: ['CONV_2D', 'FULLY_CONNECTED'],
    accepts: (graph, node, target) => target.backend === backend && linearLayer(graph, node)?.type === type,
    lower: (graph, node) => convolveCall(graph, node, id, backend),
  };
}

export const conv2dKernels: readonly Kernel[] = LINEAR_TYPES.flatMap((type) => [
  conv2d(type, 'c'),
  conv2d(type, 'wasm'),
]);
