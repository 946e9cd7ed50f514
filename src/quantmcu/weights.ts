/** The weights of a layer, each with the channels that it joins. */
import { type Graph, requireInput } from '../graph/graph.js';
import type { Weighted } from '../graph/ops.js';
import { elementCount } from '../graph/tensor.js';

export interface LayerWeights {
  readonly outputs: number;
  /** Weights of an output channel. */
  readonly taps: number;
  /** Where a weight lies in the filter's data. */
  at(output: number, tap: number): number;
  /** The input channel that it takes. */
  inputOf(output: number, tap: number): number;
  /** Its real value. */
  real(output: number, tap: number): number;
}

export function weightsOf(graph: Graph, node: Weighted): LayerWeights {
  const filter = requireInput(graph, node, 1);
  const { scales } = filter.format;
  const inputs = requireInput(graph, node, 0).shape.at(-1)!;
  const depthwise = node.kind === 'DEPTHWISE_CONV_2D';
  const outputs = depthwise ? filter.shape[3]! : filter.shape[0]!;
  const taps = elementCount(filter.shape) / outputs;
  const depth = filter.shape.at(-1)!;
  const perGroup = depthwise ? outputs / inputs : outputs / (inputs / depth);
  const at = (output: number, tap: number) => (depthwise ? tap * outputs + output : output * taps + tap);
  return {
    outputs,
    taps,
    at,
    inputOf(output, tap) {
      const group = Math.floor(output / perGroup);
      return depthwise ? group : group * depth + (tap % depth);
    },
    real: (output, tap) => Number(filter.data![at(output, tap)]) * scales[scales.length > 1 ? output : 0]!,
  };
}

/** By output channel the sum of its weights, each times the value of its input channel; windows at the image's edges count as whole. */
export function weightedSums(weights: LayerWeights, input: (channel: number) => number): readonly number[] {
  return Array.from({ length: weights.outputs }, (_, c) => {
    let sum = 0;
    for (let tap = 0; tap < weights.taps; tap++) sum += weights.real(c, tap) * input(weights.inputOf(c, tap));
    return sum;
  });
}
