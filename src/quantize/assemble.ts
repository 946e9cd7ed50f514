/** Codes in place of reals: the quantized graph from a float one, formats of its activations and codes of its filters. */
import { type Graph, outputOf, tensorAt } from '../graph/graph.js';
import type { Clamp, Node } from '../graph/ops.js';
import {
  type Format,
  INTEGER_RANGE,
  sameFormat,
  scaleOf,
  type Tensor,
  type TensorId,
} from '../graph/tensor.js';
import { type ActivationType, affineFormat } from './calibrate/affine.js';
import { copiedInputs } from './calibrate/classes.js';
import { isWeightedFloat, type WeightedFloat } from './weighted.js';

/** What stands for the constants of a linear layer. */
export interface QuantizedConstants {
  /** In the order of the float filter. */
  readonly codes: Int8Array;
  /** Real value of a step, by output channel. */
  readonly scales: Float32Array;
  /** Real values, by output channel; null where there is none. */
  readonly bias: Float32Array | null;
}

/**
 * @param formats of each activation that is float32
 * @param constants of each linear layer, by its output
 */
export function assemble(
  graph: Graph,
  formats: ReadonlyMap<TensorId, Format>,
  constants: ReadonlyMap<TensorId, QuantizedConstants>,
): Graph {
  const tensors: Tensor[] = graph.tensors.map((tensor, id) => {
    const format = formats.get(id);
    return format ? { ...tensor, format } : tensor;
  });
  const add = (tensor: Tensor): TensorId => tensors.push(tensor) - 1;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const output = formats.get(node.outputs[0]!);
    const known = constants.get(node.outputs[0]!);
    if (isWeightedFloat(graph, node) && known) {
      const inputs = linearInputs(graph, node, known, scaleOf(tensors[node.inputs[0]!]!), add);
      nodes.push(inCodes({ ...node, inputs } as WeightedFloat, output));
      continue;
    }
    const copied = copiedInputs(node);
    const inputs = node.inputs.map((id, i) => {
      if (id === null) return null;
      const tensor = tensors[id]!;
      const wanted = copied.includes(i) ? output : undefined;
      if (tensor.data) return tensor.format.type === 'float32' ? add(constantInCodes(tensor, wanted)) : id;
      if (!wanted || sameFormat(tensor.format, wanted)) return id;
      const converted = add({
        ...tensor,
        name: `${tensor.name}/codes of ${outputOf(graph, node).name}`,
        format: wanted,
      });
      nodes.push({
        kind: 'QUANTIZE',
        attributes: {},
        inputs: [id],
        outputs: [converted],
        source: node.source,
      });
      return converted;
    });
    nodes.push(inCodes({ ...node, inputs } as Node, output));
  }
  return { ...graph, tensors, nodes };
}

function linearInputs(
  graph: Graph,
  node: WeightedFloat,
  { codes, scales, bias }: QuantizedConstants,
  inputScale: number,
  add: (tensor: Tensor) => TensorId,
): (TensorId | null)[] {
  const filter = tensorAt(graph, node.inputs[1]);
  const channels = Array.from(scales);
  const zeroPoints = channels.map(() => 0);
  const axis = node.kind === 'DEPTHWISE_CONV_2D' ? 3 : 0;
  const filterId = add({
    ...filter,
    format: { type: 'int8', scales: channels, zeroPoints, axis },
    data: codes,
  });
  if (bias === null) return [node.inputs[0]!, filterId];
  const steps = channels.map((scale) => Math.fround(scale * inputScale));
  const { min, max } = INTEGER_RANGE.int32;
  const biasId = add({
    name: node.inputs[2] ? tensorAt(graph, node.inputs[2]).name : `${filter.name}/bias`,
    shape: [channels.length],
    format: { type: 'int32', scales: steps, zeroPoints, axis: 0 },
    data: Int32Array.from(bias, (value, c) => Math.min(max, Math.max(min, Math.round(value / steps[c]!)))),
    state: false,
  });
  return [node.inputs[0]!, filterId, biasId];
}

/** A constant operand, in a format that covers its values unless one is asked for. */
function constantInCodes(tensor: Tensor, wanted?: Format): Tensor {
  const values = tensor.data as Float32Array;
  const range = {
    low: values.reduce((a, b) => Math.min(a, b), 0),
    high: values.reduce((a, b) => Math.max(a, b), 0),
  };
  const format = wanted ?? affineFormat('int8', range);
  return { ...tensor, format, data: Int8Array.from(values, (value) => codeOf(value, format)) };
}

export function codeOf(value: number, { type, scales, zeroPoints }: Format): number {
  const { min, max } = INTEGER_RANGE[type as ActivationType];
  const code = Math.floor(value / scales[0]! + 0.5) + zeroPoints[0]!;
  return Math.min(max, Math.max(min, code));
}

/** A node whose attributes are codes of its output where they were real values. */
function inCodes(node: Node, output: Format | undefined): Node {
  if (!output) return node;
  if (node.kind === 'PAD')
    return { ...node, attributes: { ...node.attributes, value: codeOf(node.attributes.value, output) } };
  if (!('clamp' in node.attributes)) return node;
  const { min, max } = node.attributes.clamp;
  const clamp: Clamp = { min: codeOf(min, output), max: codeOf(max, output) };
  return { ...node, attributes: { ...node.attributes, clamp } } as Node;
}
