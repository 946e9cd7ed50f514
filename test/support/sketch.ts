import { checkGraph } from '../../src/graph/check.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Node, OpAttributes, OpKind } from '../../src/graph/ops.js';
import {
  type Format,
  perTensor,
  type Tensor,
  type TensorId,
  type TypedArray,
} from '../../src/graph/tensor.js';

/** The format of most activations in tests. */
export const BYTES = perTensor('int8', 0.05, -3);

/** The clamp that leaves every int8 code as it is. */
export const ALL_BYTES = { min: -128, max: 127 } as const;

/** A graph written down node by node, in execution order. */
export class Sketch {
  readonly #tensors: Tensor[] = [];
  readonly #nodes: Node[] = [];
  readonly #inputs: TensorId[] = [];

  input(name: string, shape: readonly number[], format: Format = BYTES): TensorId {
    const id = this.#tensor({ name, shape, format, data: null, state: false });
    this.#inputs.push(id);
    return id;
  }

  constant(shape: readonly number[], data: TypedArray, format: Format = BYTES): TensorId {
    return this.#tensor({ name: `constant_${this.#tensors.length}`, shape, format, data, state: false });
  }

  /** A node with one output, named `name`. */
  node<K extends OpKind>(
    kind: K,
    attributes: OpAttributes[K],
    inputs: readonly (TensorId | null)[],
    [name, shape, format = BYTES]: readonly [string, readonly number[], Format?],
  ): TensorId {
    const output = this.#tensor({ name, shape, format, data: null, state: false });
    const source = { operator: kind, index: this.#nodes.length };
    this.#nodes.push({ kind, attributes, inputs, outputs: [output], source } as unknown as Node);
    return output;
  }

  /** The finished graph, which must keep the contract. */
  graph(...outputs: TensorId[]): Graph {
    const graph = {
      name: 'sketch',
      tensors: this.#tensors,
      nodes: this.#nodes,
      inputs: this.#inputs,
      outputs,
    };
    checkGraph(graph);
    return graph;
  }

  #tensor(tensor: Tensor): TensorId {
    return this.#tensors.push(tensor) - 1;
  }
}

/** One line a node: `CONV_2D(image, constant_1) -> features`. */
export function lines(graph: Graph): string[] {
  const name = (id: TensorId | null) => (id === null ? '-' : graph.tensors[id]!.name);
  return graph.nodes.map(
    (node) => `${node.kind}(${node.inputs.map(name).join(', ')}) -> ${node.outputs.map(name).join(', ')}`,
  );
}
