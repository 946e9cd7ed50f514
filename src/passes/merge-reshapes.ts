import { requireInput } from '../graph/graph.js';
import { applyRule, type Pass, replaceNode } from './rewrite.js';

/** A TRANSPOSE that only moves dimensions of size 1 is a RESHAPE; a RESHAPE of a RESHAPE reads the first one's input. */
export const mergeReshapes: Pass = (graph) =>
  applyRule(graph, (current, node, links) => {
    if (node.kind === 'TRANSPOSE') {
      const { shape } = requireInput(current, node, 0);
      const moved = node.attributes.perm.filter((d) => shape[d] !== 1);
      if (moved.some((d, i) => i > 0 && d < moved[i - 1]!)) return null;
      return replaceNode(current, node, { ...node, kind: 'RESHAPE', attributes: {} });
    }
    if (node.kind !== 'RESHAPE') return null;
    const before = links.producers.get(node.inputs[0]!);
    if (before?.kind !== 'RESHAPE') return null;
    return replaceNode(current, node, { ...node, inputs: before.inputs });
  });
