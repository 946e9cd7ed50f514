/** Float layers as functions, as fast as calibration wants them; the float oracle says what they mean. */
import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Clamp, Node } from '../../graph/ops.js';
import { evaluateNode } from '../../oracle/index.js';
import { isWeightedFloat, type WeightedFloat } from '../weighted.js';
import { depthwise } from './depthwise.js';
import { type LinearForm, linearForm } from './linear-form.js';
import { Matmul, type Panels } from './matmul.js';

/** Contents of the inputs by position, of which constants may be left out, to the output's. */
export type Layer = (inputs: readonly (Float32Array | null)[]) => Float32Array;

/** What a linear layer multiplies by and adds: its own constants, or others in their place. */
export interface LayerConstants {
  readonly filter: Float32Array;
  /** [channels]; null where there is none. */
  readonly bias: Float32Array | null;
}

export function constantsOf(graph: Graph, node: WeightedFloat): LayerConstants {
  const bias = node.inputs[2] === null || node.inputs[2] === undefined ? null : requireInput(graph, node, 2);
  return {
    filter: requireInput(graph, node, 1).data as Float32Array,
    bias: bias === null ? null : (bias.data as Float32Array),
  };
}

/** A layer whose constants are those of the graph, or `constants`. */
export function layerOf(matmul: Matmul, graph: Graph, node: Node, constants?: LayerConstants): Layer {
  if (!isWeightedFloat(graph, node) || requireInput(graph, node, 1).data === null)
    return (inputs) => evaluateNode(graph, node, inputs) as Float32Array;
  const { filter, bias } = constants ?? constantsOf(graph, node);
  const { clamp } = node.attributes;
  if (node.kind === 'DEPTHWISE_CONV_2D')
    return ([x]) => clampTo(depthwise(graph, node, x!, filter, bias), clamp);
  const form = linearForm(graph, node);
  const weights = layerWeights(form, filter);
  const panels = Array.from({ length: form.groups }, (_, group) => groupPanels(form, group, weights, bias));
  const count = outputOf(graph, node).shape.reduce((product, size) => product * size, 1);
  return ([x]) => {
    const y = new Float32Array(count);
    panels.forEach((panel, group) => {
      matmul.run(
        panel,
        form.positions,
        (position, row, at) => form.fill(x!, group, position, row, at),
        (first, rows, block, stride) => {
          for (let row = 0; row < rows; row++)
            y.set(
              block.subarray(row * stride, row * stride + form.filters),
              (first + row) * form.channels + group * form.filters,
            );
        },
      );
    });
    return clampTo(y, clamp);
  };
}

/** [channels, columns]: the weights of each output channel in the order of its rows of inputs. */
export function layerWeights(form: LinearForm, filter: Float32Array): Float32Array {
  const { channels, columns } = form;
  const weights = new Float32Array(channels * columns);
  for (let channel = 0; channel < channels; channel++)
    for (let k = 0; k < columns; k++) weights[channel * columns + k] = filter[form.weightIndex(channel, k)]!;
  return weights;
}

/** What a group of the layer multiplies by and adds. */
export function groupPanels(
  form: LinearForm,
  group: number,
  weights: Float32Array,
  bias: Float32Array | null,
): Panels {
  const { filters, columns } = form;
  const [first, end] = [group * filters, (group + 1) * filters];
  return Matmul.pack(
    weights.subarray(first * columns, end * columns),
    bias === null ? null : bias.subarray(first, end),
    columns,
  );
}

function clampTo(y: Float32Array, { min, max }: Clamp): Float32Array {
  if (min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY) return y;
  for (let i = 0; i < y.length; i++) {
    y[i] = Math.min(max, Math.max(min, y[i]!));
  }
  return y;
}
