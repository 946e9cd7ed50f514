import { type Graph, outputOf, requireInput } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { sameFormat } from '../graph/tensor.js';
import { applyRule, type Links, type Pass, replaceNode, replaceUses, sameShape } from './rewrite.js';

/**
 * Takes away nodes that only pass their input on. Where the result is an output of the graph, the producer of the
 * input writes it instead; if there is none, or the input is an output as well, a RESHAPE stays.
 */
export const removeIdentities: Pass = (graph) =>
  applyRule(graph, (current, node, links) =>
    isIdentity(current, node) ? bypass(current, node, links) : null,
  );

function isIdentity(graph: Graph, node: Node): boolean {
  if (node.inputs.length !== 1) return false;
  const x = requireInput(graph, node, 0);
  const y = outputOf(graph, node);
  if (!sameShape(x, y) || !sameFormat(x.format, y.format)) return false;
  switch (node.kind) {
    case 'RESHAPE':
    case 'CONCATENATION':
    case 'PAD':
      return true;
    case 'STRIDED_SLICE': {
      const { begin, stride } = node.attributes;
      return x.shape.every((size, d) => size === 1 || (begin[d] === 0 && stride[d] === 1));
    }
    case 'QUANTIZE':
      // A multiplier of 1 gives back each code; only int32 would lose bits on the way.
      return x.format.type === 'int8' || x.format.type === 'int16';
    case 'TABLE':
      return node.attributes.table.every((code, i) => code === i - 128);
    default:
      return false;
  }
}

function bypass(graph: Graph, node: Node, links: Links): Graph | null {
  const x = node.inputs[0]!;
  const y = node.outputs[0]!;
  if (!graph.outputs.includes(y)) return replaceNode(replaceUses(graph, y, x), node, null);
  const producer = links.producers.get(x);
  if (producer && !graph.outputs.includes(x)) {
    const outputs = producer.outputs.map((id) => (id === x ? y : id));
    const without = replaceNode(graph, node, null);
    return replaceUses(replaceNode(without, producer, { ...producer, outputs }), x, y);
  }
  return node.kind === 'RESHAPE'
    ? null
    : replaceNode(graph, node, { ...node, kind: 'RESHAPE', attributes: {} });
}
