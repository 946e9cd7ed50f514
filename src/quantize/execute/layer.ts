/** Float layers as functions, as fast as calibration wants them; the float oracle says what they mean. */
import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Clamp, Node } from '../../graph/ops.js';
import { evaluateNode } from '../../oracle/index.js';
import { depthwise } from './depthwise.js';
import { isLinear, type LinearForm, type LinearNode, linearForm } from './linear-form.js';
import { Matmul } from './matmul.js';

/** Contents of the inputs by position, of which constants may be left out, to the output's. */
export type Layer = (inputs: readonly (Float32Array | null)[]) => Float32Array;

/** What a linear layer multiplies by and adds: its own constants, or others in their place. */
export interface LayerConstants {
  readonly filter: Float32Array;
  /** [channels]; null where there is none. */
  readonly bias: Float32Array | null;
}

export function constantsOf(graph: Graph, node: LinearNode): LayerConstants {
  const bias = node.inputs[2] === null || node.inputs[2] === undefined ? null : requireInput(graph, node, 2);
  return {
    filter: requireInput(graph, node, 1).data as Float32Array,
    bias: bias === null ? null : (bias.data as Float32Array),
  };
}

/** A layer whose constants are those of the graph, or `constants`. */
export function layerOf(matmul: Matmul, graph: Graph, node: Node, constants?: LayerConstants): Layer {
  if (!isLinear(node) || requireInput(graph, node, 1).data === null)
    return (inputs) => evaluateNode(graph, node, inputs) as Float32Array;
  const { filter, bias } = constants ?? constantsOf(graph, node);
  const { clamp } = node.attributes;
  if (node.kind === 'DEPTHWISE_CONV_2D')
    return ([x]) => clampTo(depthwise(graph, node, x!, filter, bias), clamp);
  const form = linearForm(graph, node);
  const panels = Array.from({ length: form.groups }, (_, group) =>
    Matmul.pack(groupWeights(form, group, filter), groupBias(form, group, bias), form.columns),
  );
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

/** [filters, columns] of a group. */
export function groupWeights(form: LinearForm, group: number, filter: Float32Array): Float32Array {
  const { filters, columns } = form;
  const weights = new Float32Array(filters * columns);
  for (let n = 0; n < filters; n++)
    for (let k = 0; k < columns; k++)
      weights[n * columns + k] = filter[form.weightIndex(group * filters + n, k)]!;
  return weights;
}

function groupBias(form: LinearForm, group: number, bias: Float32Array | null): Float32Array | null {
  return bias && bias.subarray(group * form.filters, (group + 1) * form.filters);
}

function clampTo(y: Float32Array, { min, max }: Clamp): Float32Array {
  if (min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY) return y;
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!;
    y[i] = value < min ? min : value > max ? max : value;
  }
  return y;
}
