import type { Graph } from '../../graph/graph.js';
import type { Node, NodeOf, OpKind } from '../../graph/ops.js';
import { FileBuilder } from './file-builder.js';
import type { TfliteModel } from './model.js';
import { NodeSite } from './node-site.js';
import { WRITERS } from './operators/index.js';

/**
 * The graph as a TFLite model: what `importTflite` makes of its file computes the same outputs to the bit, and so do TensorFlow Lite
 * Micro's reference kernels where they have the operators. Tensors of the graph keep their names, inputs and outputs their order.
 *
 * What TFLite says otherwise than the graph takes several operators: paddings that are neither SAME nor VALID a PAD, bounds that no fused
 * activation has MAXIMUM and MINIMUM.
 * @throws BitloomError BL109, naming the node, for what TFLite has no operator or type for (`docs/library.md` lists it)
 */
export function toTflite(graph: Graph): TfliteModel {
  const builder = new FileBuilder(graph);
  for (const node of graph.nodes) write(graph, builder, node);
  return builder.finish();
}

/** Correlates a kind with its attributes, which the type of `Node` guarantees. */
function write<K extends OpKind>(
  graph: Graph,
  builder: FileBuilder,
  node: Node & { readonly kind: K },
): void {
  const writer: (site: NodeSite<K>) => void = WRITERS[node.kind];
  writer(new NodeSite<K>(graph, builder, node as NodeOf<K>));
}
