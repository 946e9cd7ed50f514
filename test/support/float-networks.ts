/** A small float network, and inferences of it. */
import type { Graph } from '../../src/graph/graph.js';
import { importOnnx } from '../../src/import/onnx/index.js';
import { modelOf, numbers, weights } from './float-models.js';
import { writeOnnx } from './onnx.js';

const SHAPE = [1, 2, 10, 10] as const;

/** CONV_2D, DEPTHWISE_CONV_2D, pool, dense, SOFTMAX: an ONNX file. */
export function smallFloatFile(): Uint8Array {
  return writeOnnx(
    modelOf({
      shape: SHAPE,
      nodes: [
        {
          op: 'Conv',
          inputs: ['x', weights([8, 2, 3, 3], 1), weights([8], 2)],
          attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
        },
        { op: 'Relu' },
        {
          op: 'Conv',
          inputs: ['x', weights([8, 1, 3, 3], 3), weights([8], 4)],
          attributes: { group: 8, pads: [1, 1, 1, 1] },
        },
        { op: 'Relu' },
        { op: 'Conv', inputs: ['x', weights([16, 8, 1, 1], 5), weights([16], 6)] },
        { op: 'Relu' },
        { op: 'GlobalAveragePool' },
        { op: 'Flatten' },
        { op: 'Gemm', inputs: ['x', weights([4, 16], 7), weights([4], 8)], attributes: { transB: 1 } },
        { op: 'Softmax', attributes: { axis: 1 } },
      ],
    }),
  );
}

export function smallFloatNetwork(): Graph {
  return importOnnx(smallFloatFile(), 'small');
}

/** Inferences of it, the same for each seed. */
export function inferences(count: number, seed: number): Float32Array[][] {
  return Array.from({ length: count }, (_, i) => [numbers(SHAPE, 100 * seed + i, 1)]);
}
