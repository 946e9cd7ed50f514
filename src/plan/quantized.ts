import { BitloomError } from '../graph/diagnostics.js';
import { isFloatLayer } from '../graph/float.js';
import { describeNode, type Graph } from '../graph/graph.js';

/** @throws BitloomError BL309 at the first layer that computes with real numbers, for which there are no kernels */
export function requireQuantized(graph: Graph): void {
  const layers = graph.nodes.filter((node) => isFloatLayer(graph, node));
  const [first] = layers;
  if (!first) return;
  const others = layers.length > 1 ? ` and ${layers.length - 1} more layers compute` : ' computes';
  throw new BitloomError(
    'BL309',
    `${describeNode(graph, first)}${others} with float32`,
    'Quantize the network first: bitloom quantize MODEL --calibrate DATA',
  );
}
