/**
 * Layers of packed activations by kernels of bytes. Where no kernel multiplies packed codes by such weights but the general one, element by
 * element, the input becomes bytes before the layer and the output packed behind it; row by row in a stage, so that what is whole or in
 * rings stays packed.
 */
import type { Board } from '../../boards/board.js';
import { type Graph, inputOf, outputOf, requireInput, tensorAt } from '../graph/graph.js';
import { isWeighted, type Node, type Weighted } from '../graph/ops.js';
import {
  INTEGER_RANGE,
  isPacked,
  perTensor,
  scaleOf,
  type Tensor,
  type TensorId,
  zeroPointOf,
} from '../graph/tensor.js';
import { kernelsFor } from '../kernels/index.js';
import { PACKED_OFFSET } from '../kernels/low-bit/byte_codes.js';
import { conv2dUnpackedKernel } from '../kernels/low-bit/conv_2d_unpacked.js';
import { provable } from './provable.js';

/** The graph with such layers between QUANTIZE nodes, which change no number. Its tensors come before those that this adds. */
export function withByteLayers(graph: Graph, board: Board): Graph {
  let made = graph;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const bytes = isWeighted(node) && isSlow(graph, node, board) ? byteLayer(made, node, board) : null;
    if (bytes) made = { ...made, tensors: bytes.tensors };
    nodes.push(...(bytes?.nodes ?? [node]));
  }
  return { ...made, nodes };
}

/** Whether the layer has packed activations, ends by a multiplier, and only the general kernel takes it. */
function isSlow(graph: Graph, node: Weighted, board: Board): boolean {
  const types = [requireInput(graph, node, 0), outputOf(graph, node)].map(({ format }) => format.type);
  const isBytes = types.every((type) => type === 'int8' || type === 'uint4' || type === 'uint2');
  if (!types.some(isPacked) || !isBytes || inputOf(graph, node, 3) !== null) return false;
  return kernelsFor(graph, node, board.target)[0] === conv2dUnpackedKernel;
}

interface Made {
  readonly tensors: readonly Tensor[];
  readonly nodes: readonly Node[];
}

/** The layer and what comes before and behind it; as little of both as a kernel allows. */
function byteLayer(graph: Graph, node: Weighted, board: Board): Made | null {
  const isNarrow = (id: TensorId) => isPacked(tensorAt(graph, id).format.type);
  const unpacks = isNarrow(node.inputs[0]!) ? [false, true] : [false];
  const packs = isNarrow(node.outputs[0]!);
  return (
    unpacks
      .map((unpacked) => between(graph, node, unpacked, packs))
      .find(({ tensors, layer }) => {
        const whole = { ...graph, tensors };
        const [kernel] = kernelsFor(whole, layer, board.target);
        return kernel !== conv2dUnpackedKernel && provable(() => kernel.lower(whole, layer)) !== null;
      }) ?? null
  );
}

function between(
  graph: Graph,
  node: Weighted,
  unpacks: boolean,
  packs: boolean,
): Made & { readonly layer: Node } {
  const tensors = [...graph.tensors];
  const [x, y] = [node.inputs[0]!, node.outputs[0]!];
  const source = { operator: 'QUANTIZE', index: node.source.index };
  const bytesOf = (id: TensorId, offset: number): TensorId => {
    const tensor = tensorAt(graph, id);
    const format = perTensor('int8', scaleOf(tensor), zeroPointOf(tensor) + offset);
    return tensors.push({ ...tensor, name: `${tensor.name} as bytes`, format }) - 1;
  };
  const quantize = (from: TensorId, to: TensorId): Node => ({
    kind: 'QUANTIZE',
    attributes: {},
    inputs: [from],
    outputs: [to],
    source,
  });
  const input = unpacks ? bytesOf(x, 0) : x;
  const output = packs ? bytesOf(y, -PACKED_OFFSET) : y;
  const attributes = packs ? { ...node.attributes, clamp: byteClamp(graph, node) } : node.attributes;
  const layer = { ...node, attributes, inputs: [input, ...node.inputs.slice(1)], outputs: [output] } as Node;
  return {
    tensors,
    layer,
    nodes: [...(unpacks ? [quantize(x, input)] : []), layer, ...(packs ? [quantize(output, y)] : [])],
  };
}

/** The clamp in bytes; packing them does what is above the largest code. */
function byteClamp(graph: Graph, node: Weighted) {
  const { clamp } = node.attributes;
  const top = INTEGER_RANGE[outputOf(graph, node).format.type as 'uint4'].max;
  return {
    min: clamp.min - PACKED_OFFSET,
    max: clamp.max === top ? INTEGER_RANGE.int8.max : clamp.max - PACKED_OFFSET,
  };
}
