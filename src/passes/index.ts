import type { Graph } from '../graph/graph.js';
import { composeTables } from './compose-tables.js';
import { dropConstantChannels } from './drop-constant-channels.js';
import { foldConstants } from './fold-constants.js';
import { foldPadding } from './fold-padding.js';
import { fuseClamps } from './fuse-clamps.js';
import { makeTables } from './make-tables.js';
import { mergeReshapes } from './merge-reshapes.js';
import { removeDead } from './remove-dead.js';
import { removeIdentities } from './remove-identities.js';
import type { Evaluate, Pass } from './rewrite.js';

export type { Evaluate, Pass } from './rewrite.js';

/** The stages in their order. Each keeps every output byte, so the order matters only for how soon nothing is left to do. */
export const STAGES: readonly (readonly [name: string, pass: Pass])[] = [
  ['fold constants', foldConstants],
  ['merge reshapes', mergeReshapes],
  ['remove identities', removeIdentities],
  ['fold padding', foldPadding],
  ['make tables', makeTables],
  ['compose tables', composeTables],
  ['fuse clamps', fuseClamps],
  ['drop constant channels', dropConstantChannels],
  ['remove dead', removeDead],
];

/**
 * The graph with fewer and cheaper operators and the same output bytes. Inputs and outputs keep their order, names,
 * shapes and formats.
 * @param evaluate the meaning of a graph, e.g. the oracle
 */
export function optimize(graph: Graph, evaluate: Evaluate): Graph {
  let current = graph;
  // Each round that changes anything removes a node or channels or makes a TABLE or RESHAPE, which no round undoes.
  for (let round = 0; round <= 2 * graph.nodes.length; round++) {
    const next = STAGES.reduce((g, [, pass]) => pass(g, evaluate), current);
    if (next === current) break;
    current = next;
  }
  return current;
}
