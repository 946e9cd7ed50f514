import { requireInput } from '../../graph/graph.js';
import { elementCount } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';

const INPUTS = ['input', 'scale', 'zero_point'] as const;

/** Predicted bytes of code, and instructions an element in float that is emulated. */
const COSTS = {
  DYNAMIC_SCALE: [80, 40],
  DYNAMIC_ZERO_POINT: [80, 30],
  DYNAMIC_QUANTIZE: [140, 150],
} as const;

function dynamic(kind: keyof typeof COSTS): Kernel {
  const id = `${kind.toLowerCase()}_f32`;
  const [codeBytes, perElement] = COSTS[kind];
  return {
    id,
    source: 'dynamic_quantize',
    codeBytes,
    ops: [kind],
    accepts: () => true,
    lower(graph, node) {
      const size = elementCount(requireInput(graph, node, 0).shape);
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: node.inputs.map((_, i) => inputArgument(node, INPUTS[i], i)),
        scratchBytes: 0,
        constants: [],
        scalars: {},
        shape: { size },
        // Codes are smaller than the numbers that they come from; scale and zero point outlive all.
        overlap: node.inputs.map((_, i) => (i === 0 && kind === 'DYNAMIC_QUANTIZE' ? 0 : null)),
        macs: 0,
        instructions: 20 + perElement * size,
      };
    },
  };
}

export const dynamicQuantizeKernels: readonly Kernel[] = [
  dynamic('DYNAMIC_SCALE'),
  dynamic('DYNAMIC_ZERO_POINT'),
  dynamic('DYNAMIC_QUANTIZE'),
];
