/** FULLY_CONNECTED layers that read an image as it is: a RESHAPE to one row before them says nothing about memory, and hides the image's rows. */
import type { Graph } from '../graph/graph.js';
import { rowsOfProducts } from '../kernels/matmul/fully_connected_rows.js';

/** The graph in which such layers read the image that was reshaped, wherever they can take its rows one after the other. */
export function withoutFlattening(graph: Graph): Graph {
  const images = new Map(
    graph.nodes.flatMap(({ kind, inputs, outputs }) =>
      kind === 'RESHAPE' ? [[outputs[0]!, inputs[0]!]] : [],
    ),
  );
  const direct = graph.nodes.map((node) => {
    const image = images.get(node.inputs[0]!);
    if (node.kind !== 'FULLY_CONNECTED' || image === undefined) return node;
    const reader = { ...node, inputs: node.inputs.with(0, image) };
    return rowsOfProducts(graph, reader) === null ? node : reader;
  });
  const read = new Set([...graph.outputs, ...direct.flatMap(({ inputs }) => inputs)]);
  const nodes = direct.filter(({ kind, outputs }) => kind !== 'RESHAPE' || read.has(outputs[0]!));
  return { ...graph, nodes };
}
