import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { NodeOf } from '../../graph/ops.js';
import { ELEMENT_BYTES, isPacked, sameFormat } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { elementBits } from './strided_copy.js';

/** Members of the kernel's shape. */
function shapeOf(graph: Graph, node: NodeOf<'PAD'>) {
  const [, inputHeight = 1, inputWidth = 1, inputChannels = 1] = requireInput(graph, node, 0).shape;
  const { shape, format } = outputOf(graph, node);
  const [, outputHeight = 1, outputWidth = 1, outputChannels = 1] = shape;
  const [, top = 0, left = 0, front = 0] = node.attributes.before;
  const size = ELEMENT_BYTES[format.type];
  const pixel = inputChannels * size;
  const [runs, run] = inputChannels === outputChannels ? [1, inputWidth * pixel] : [inputWidth, pixel];
  return {
    input_height: inputHeight,
    input_ring_rows: inputHeight,
    output_height: outputHeight,
    output_ring_rows: outputHeight,
    pad_top: top,
    count: outputWidth * outputChannels,
    size,
    runs,
    run,
    offset: (left * outputChannels + front) * size,
    step: outputChannels * size,
  };
}

/** PAD of one image in one call, which `strided_copy` makes of any tensor in two: rows above and below read none of the input. */
export const padRowsKernel: Kernel = {
  id: 'pad_rows',
  source: 'pad_rows',
  codeBytes: 120,
  ops: ['PAD'],
  accepts(graph, node) {
    const x = requireInput(graph, node, 0);
    const { format } = outputOf(graph, node);
    if (x.shape.length !== 4 || outputOf(graph, node).shape[0] !== 1 || !sameFormat(x.format, format))
      return false;
    return !isPacked(format.type) && ELEMENT_BYTES[format.type] <= 4;
  },
  lower(graph, node) {
    if (node.kind !== 'PAD') throw new Error(`pad_rows cannot be ${node.kind}`);
    const shape = shapeOf(graph, node);
    const { output_height: height, count, size, runs, run } = shape;
    const filling = size === 1 ? 25 + count / 2 : 20 + 3 * count;
    const copying = shape.input_height * runs * (run <= 4 ? 5 : 25 + run / 2);
    return {
      kernel: 'pad_rows',
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [],
      scalars: {
        row_begin: 0,
        row_end: height,
        value: elementBits(outputOf(graph, node).format.type, node.attributes.value),
      },
      shape,
      overlap: [null],
      macs: 0,
      instructions: 20 + Math.round(height * (10 + filling) + copying),
    };
  },
};
