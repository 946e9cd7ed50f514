import { applyRule, onlyReader, type Pass, replaceNode } from './rewrite.js';

/** A TABLE that only another TABLE reads becomes part of that one. */
export const composeTables: Pass = (graph) =>
  applyRule(graph, (current, first, links) => {
    if (first.kind !== 'TABLE') return null;
    const second = onlyReader(current, links, first.outputs[0]!);
    if (second?.kind !== 'TABLE') return null;
    const table = first.attributes.table.map((code) => second.attributes.table[code + 128]!);
    const composed = replaceNode(current, second, { ...second, attributes: { table }, inputs: first.inputs });
    return replaceNode(composed, first, null);
  });
