import { tensorAt } from '../graph/graph.js';
import { isPacked, type Tensor } from '../graph/tensor.js';
import { applyRule, type Pass, replaceNode, replaceTensor } from './rewrite.js';

/** A node that reads nothing but constants becomes a constant, unless it makes an output of the graph. */
export const foldConstants: Pass = (graph, evaluate) =>
  applyRule(graph, (current, node) => {
    const operands = node.inputs.map((id) => (id === null ? null : tensorAt(current, id)));
    if (!operands.every((operand) => operand === null || operand.data !== null)) return null;
    if (node.outputs.some((id) => current.outputs.includes(id))) return null;
    // Constants are never packed: kernels read them as they are.
    if (node.outputs.some((id) => isPacked(tensorAt(current, id).format.type))) return null;

    const tensors: Tensor[] = [];
    const place = (tensor: Tensor | null) => (tensor === null ? null : tensors.push(tensor) - 1);
    const inputs = operands.map(place);
    const outputs = node.outputs.map((id) => place(tensorAt(current, id))!);
    const alone = { name: current.name, tensors, nodes: [{ ...node, inputs, outputs }], inputs: [], outputs };
    const values = evaluate(alone, []);
    return node.outputs.reduce(
      (g, id, i) => replaceTensor(g, id, { ...tensorAt(g, id), data: values[outputs[i]!]! }),
      replaceNode(current, node, null),
    );
  });
