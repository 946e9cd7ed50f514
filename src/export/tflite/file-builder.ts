import { BitloomError } from '../../graph/diagnostics.js';
import { type Graph, shortName, tensorAt } from '../../graph/graph.js';
import type { ElementType, Tensor, TensorId } from '../../graph/tensor.js';
import type { TfliteModel, TfliteOperator, TfliteTensor } from './model.js';

/** TFLite's names of the element types that it has. */
const TYPES: Partial<Record<ElementType, TfliteTensor['type']>> = {
  int8: 'INT8',
  uint8: 'UINT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float32: 'FLOAT32',
  bool: 'BOOL',
};

/** Collects the file of one graph. Tensors enter when an operator first uses them: constants that are rewritten do not. */
export class FileBuilder {
  readonly #graph: Graph;
  readonly #tensors: TfliteTensor[] = [];
  readonly #operators: TfliteOperator[] = [];
  readonly #indices = new Map<TensorId, number>();

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const id of graph.inputs) this.use(id, `the model '${graph.name}'`);
  }

  /**
   * The file's tensor for a tensor of the graph.
   * @param user who uses it, for messages
   * @throws BitloomError BL109 where TFLite has no such type
   */
  use(id: TensorId, user: string): number {
    const known = this.#indices.get(id);
    if (known !== undefined) return known;
    const index = this.add(tensorAt(this.#graph, id), user);
    this.#indices.set(id, index);
    return index;
  }

  /** A tensor that the graph does not have. */
  add({ name, shape, format, data, state }: Tensor, user: string): number {
    const type = TYPES[format.type];
    if (type === undefined) {
      throw new BitloomError(
        'BL109',
        `${user} uses '${shortName(name)}' of ${format.type}, a type that TFLite does not have`,
        'Keep this tensor at 8 or 16 bits',
      );
    }
    const { scales, zeroPoints, axis } = format;
    return (
      this.#tensors.push({
        name,
        shape,
        type,
        ...(scales.length > 0 ? { quantization: { scales, zeroPoints, axis: axis ?? 0 } } : {}),
        ...(data ? { data } : {}),
        ...(state ? { variable: true } : {}),
      }) - 1
    );
  }

  operator(operator: TfliteOperator): void {
    this.#operators.push(operator);
  }

  finish(): TfliteModel {
    const { name, inputs, outputs } = this.#graph;
    const used = (ids: readonly TensorId[]) => ids.map((id) => this.use(id, `the model '${name}'`));
    return {
      description: name,
      tensors: this.#tensors,
      operators: this.#operators,
      inputs: used(inputs),
      outputs: used(outputs),
    };
  }
}
