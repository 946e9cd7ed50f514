import { BitloomError } from '../../graph/diagnostics.js';
import { type Graph, shortName } from '../../graph/graph.js';
import type { Node, NodeOf, OpKind } from '../../graph/ops.js';
import {
  byteLength,
  elementCount,
  type Format,
  perTensor,
  type Tensor,
  type TensorId,
} from '../../graph/tensor.js';
import type { ModelFile } from './file.js';
import { bitpackedTensors } from './larq.js';
import { importTensor } from './tensors.js';

/** Bound of the sum of all activations of a model, in bytes. */
const MAX_ACTIVATION_BYTES = 2 ** 28;

/** Bound of the constants, in bytes a byte of the file: tensors may share buffers, but not without end. */
const CONSTANT_EXPANSION = 4;

/** What a byte of an expanded sparse constant counts for of these. */
const SPARSE_SHARE = 1 / 32;

/**
 * Collects the graph of one file. Tensors enter when an operator first uses them, so that constants that end up
 * in attributes (axes, shapes, paddings) do not.
 */
export class GraphBuilder {
  readonly file: ModelFile;
  readonly #tensors: Tensor[] = [];
  readonly #nodes: Node[] = [];
  readonly #notes: string[] = [];
  readonly #ids = new Map<number, TensorId>();
  readonly #constants = new Map<number, Tensor>();
  readonly #narrowed: ReadonlySet<number>;
  readonly #bitpacked: ReadonlyMap<number, number>;
  #activationBytes = 0;
  #constantBudget: number;

  constructor(file: ModelFile, fileBytes: number) {
    this.file = file;
    this.#narrowed = legacyTensors(file);
    this.#bitpacked = bitpackedTensors(file);
    this.#constantBudget = CONSTANT_EXPANSION * fileBytes;
  }

  /** The tensor of the file as it enters the graph: legacy uint8 as int8, words of signs as binary. */
  peek(index: number): Tensor {
    const known = this.#constants.get(index);
    if (known) return known;
    const source = this.file.tensors[index];
    if (!source) throw new Error(`no tensor ${index} in the file`);
    const expanded = source.sparsity ? SPARSE_SHARE * 4 * elementCount(source.shape) : 0;
    this.#constantBudget -= Math.max(source.data?.length ?? 0, expanded);
    if (this.#constantBudget < 0) {
      throw new BitloomError(
        'BL106',
        `the constants take more than ${CONSTANT_EXPANSION} times the size of the file`,
        'Convert the model again; the file is damaged',
      );
    }
    const tensor = importTensor(source);
    const depth = this.#bitpacked.get(index);
    const result =
      depth !== undefined ? asBinary(tensor, depth) : this.#narrowed.has(index) ? asInt8(tensor) : tensor;
    this.#constants.set(index, result);
    return result;
  }

  /** Says that a computed tensor of the file is a constant that is known already. */
  define(index: number, { data }: Tensor): void {
    this.#constants.set(index, { ...this.peek(index), data });
  }

  /** The graph's tensor for a tensor of the file. */
  use(index: number): TensorId {
    const known = this.#ids.get(index);
    if (known !== undefined) return known;
    const id = this.add(this.peek(index));
    this.#ids.set(index, id);
    return id;
  }

  /** A tensor that the file does not have. */
  add(tensor: Tensor): TensorId {
    if (!tensor.data) {
      this.#activationBytes += byteLength(tensor);
      if (this.#activationBytes > MAX_ACTIVATION_BYTES) {
        throw new BitloomError(
          'BL106',
          `the activations up to tensor '${shortName(tensor.name)}' take more than ${MAX_ACTIVATION_BYTES} bytes`,
          'Use a smaller model or input',
        );
      }
    }
    return this.#tensors.push(tensor) - 1;
  }

  tensor(id: TensorId): Tensor {
    const tensor = this.#tensors[id];
    if (!tensor) throw new Error(`no tensor ${id}`);
    return tensor;
  }

  /** Says something that the user should know about the model. */
  note(text: string): void {
    this.#notes.push(text);
  }

  emit<K extends OpKind>(node: NodeOf<K>): void {
    this.#nodes.push(node as Node);
  }

  /** Declares the model's inputs; to be called first. Legacy uint8 inputs are converted to int8 here. */
  begin(): readonly TensorId[] {
    return this.file.inputs.map((index, i) => {
      const inner = this.use(index);
      if (!this.#narrowed.has(index)) return inner;
      const outer = this.add(asUint8(this.tensor(inner)));
      this.#quantize(outer, inner, this.file.operators.length + i);
      return outer;
    });
  }

  /** Declares the model's outputs and returns the graph. Legacy outputs are converted back to uint8. */
  finish(name: string, inputs: readonly TensorId[]): Graph {
    const outputs = this.file.outputs.map((index, i) => {
      const inner = this.use(index);
      if (!this.#narrowed.has(index)) return inner;
      const outer = this.add(asUint8(this.tensor(inner)));
      this.#quantize(inner, outer, this.file.operators.length + inputs.length + i);
      return outer;
    });
    const graph = { name, tensors: this.#tensors, nodes: this.#nodes, inputs, outputs };
    return this.#notes.length > 0 ? { ...graph, notes: this.#notes } : graph;
  }

  #quantize(from: TensorId, to: TensorId, index: number): void {
    this.emit({
      kind: 'QUANTIZE',
      attributes: {},
      inputs: [from],
      outputs: [to],
      source: { operator: 'QUANTIZE', index },
    });
  }
}

/**
 * The uint8 tensors that become int8. In newer models uint8 occurs only at the boundary, between the outside and a
 * QUANTIZE or DEQUANTIZE; such tensors stay what they are.
 */
function legacyTensors(file: ModelFile): ReadonlySet<number> {
  const computed = file.operators
    .filter(({ operator }) => operator !== 'QUANTIZE' && operator !== 'DEQUANTIZE')
    .flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  return new Set(computed.filter((index) => file.tensors[index]?.type === 'UINT8'));
}

/** Codes and zero points minus 128: the same real values in int8. */
function asInt8(tensor: Tensor): Tensor {
  const data = tensor.data && Int8Array.from(tensor.data as Uint8Array, (code) => code - 128);
  return { ...tensor, data, format: shifted(tensor.format, 'int8', -128) };
}

/** Signs of `depth` channels a row, which the file holds as words. */
function asBinary(tensor: Tensor, depth: number): Tensor {
  return { ...tensor, shape: [...tensor.shape.slice(0, -1), depth], format: perTensor('binary', 1, 0) };
}

function asUint8(tensor: Tensor): Tensor {
  return { ...tensor, format: shifted(tensor.format, 'uint8', 128) };
}

function shifted(format: Format, type: 'int8' | 'uint8', by: number): Format {
  return { ...format, type, zeroPoints: format.zeroPoints.map((zero) => zero + by) };
}
