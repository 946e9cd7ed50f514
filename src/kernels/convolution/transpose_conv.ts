import type { Kernel } from '../kernel.js';
import { LINEAR_TYPES, type LinearType, linearLayer } from '../weights/linear.js';
import { convolveCall } from './convolve.js';

function transposeConv(type: LinearType, backend: 'c' | 'wasm'): Kernel {
  const id = backend === 'c' ? `transpose_conv_${type}` : `transpose_conv_${type}_simd`;
  return {
    id,
    source: 'transpose_conv',
    codeBytes: 640,
    ops: ['TRANSPOSE_CONV'],
    accepts: (graph, node, target) => target.backend === backend && linearLayer(graph, node)?.type === type,
    lower: (graph, node) => convolveCall(graph, node, id, backend),
  };
}

/** Gathers; TFLM scatters into an image of accumulators, which this needs no memory for. */
export const transposeConvKernels: readonly Kernel[] = LINEAR_TYPES.flatMap((type) => [
  transposeConv(type, 'c'),
  transposeConv(type, 'wasm'),
]);
