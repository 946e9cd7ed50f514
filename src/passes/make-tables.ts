import { outputOf, tensorAt } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { elementwiseInput, mapCodes } from './elementwise.js';
import { applyRule, type Pass, replaceNode } from './rewrite.js';

/**
 * Element-wise int8 -> int8 operators become a TABLE of their results for all 256 codes. That takes the detours as well:
 * int8 -> float32 or int16 -> ... -> int8, as converters leave them around operators without an int8 form.
 */
export const makeTables: Pass = (graph, evaluate) =>
  applyRule(graph, (current, node, links) => {
    if (node.kind === 'TABLE' || outputOf(current, node).format.type !== 'int8') return null;
    const chain: Node[] = [];
    let step: Node | undefined = node;
    let x: number | null = null;
    do {
      x = step === undefined ? null : elementwiseInput(current, step);
      if (step === undefined || x === null) return null;
      chain.unshift(step);
      step = links.producers.get(x);
    } while (tensorAt(current, x).format.type !== 'int8');

    const table = Int8Array.from(mapCodes(current, chain, evaluate) as Int8Array);
    const { outputs, source } = node;
    return replaceNode(current, node, { kind: 'TABLE', attributes: { table }, inputs: [x], outputs, source });
  });
