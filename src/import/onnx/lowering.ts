import { BitloomError } from '../../graph/diagnostics.js';
import { type Graph, shortName } from '../../graph/graph.js';
import type { Node, NodeOf, OpAttributes, OpKind } from '../../graph/ops.js';
import { byteLength, type Format, sameFormat, type Tensor, type TensorId } from '../../graph/tensor.js';
import { type Dialect, dialectOf } from './dialect.js';
import { Layout, movement } from './layout.js';
import type { OnnxModel, OnnxNode } from './model.js';
import type { Activation, Value } from './values.js';

/** Bound of the sum of all activations of a model, in bytes. */
const MAX_ACTIVATION_BYTES = 2 ** 28;

/** Bound of the constants that are made, in elements an element of the file, and what even a small file may have. */
const CONSTANT_EXPANSION = 8;
const SMALL_CONSTANTS = 2 ** 20;

/** The graph of one model in the making, and what each value of the file has become. */
export class Lowering {
  readonly model: OnnxModel;
  readonly dialect: Dialect;
  readonly values = new Map<string, Value>();
  readonly #tensors: Tensor[] = [];
  readonly #nodes: Node[] = [];
  readonly #notes: string[] = [];
  /** Views that exist already, by tensor and form. */
  readonly #views = new Map<string, TensorId>();
  readonly #readers: ReadonlyMap<string, readonly OnnxNode[]>;
  #activationBytes = 0;
  #constantBudget: number;

  constructor(model: OnnxModel, fileBytes: number) {
    this.model = model;
    this.dialect = dialectOf(model);
    this.#constantBudget = CONSTANT_EXPANSION * fileBytes + SMALL_CONSTANTS;
    const readers = new Map<string, OnnxNode[]>();
    for (const node of model.nodes) {
      for (const input of new Set(node.inputs)) {
        const list = readers.get(input);
        if (list) list.push(node);
        else readers.set(input, [node]);
      }
    }
    this.#readers = readers;
  }

  /** The nodes that read a value of the file. */
  readers(name: string): readonly OnnxNode[] {
    return this.#readers.get(name) ?? [];
  }

  /** Says something that the user should know about the model. */
  note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text);
  }

  /** Version of ONNX's own operators. */
  get opset(): number {
    return this.model.opsets.get('') ?? 1;
  }

  /** Asks for the right to make a constant of so many elements. Errors: BL106. */
  spend(elements: number): void {
    this.#constantBudget -= elements;
    if (!(this.#constantBudget >= 0)) {
      throw new BitloomError(
        'BL106',
        `the constants that its nodes make take more than ${CONSTANT_EXPANSION} times the size of the file`,
        'Export the model again; the file is damaged',
      );
    }
  }

  /** A tensor of the graph. Errors: BL106. */
  add(tensor: Omit<Tensor, 'state'>): TensorId {
    if (!tensor.data) {
      this.#activationBytes += byteLength(tensor);
      if (!(this.#activationBytes <= MAX_ACTIVATION_BYTES)) {
        throw new BitloomError(
          'BL106',
          `the activations up to tensor '${shortName(tensor.name)}' take more than ${MAX_ACTIVATION_BYTES} bytes`,
          'Use a smaller model or input',
        );
      }
    }
    return this.#tensors.push({ ...tensor, state: false }) - 1;
  }

  tensor(id: TensorId): Tensor {
    const tensor = this.#tensors[id];
    if (!tensor) throw new Error(`no tensor ${id}`);
    return tensor;
  }

  /**
   * Adds an operator and its output.
   * @param node of the file, which computes it
   * @returns the output
   */
  emit<K extends OpKind>(
    node: Pick<OnnxNode, 'op' | 'index' | 'outputs'>,
    kind: K,
    attributes: OpAttributes[K],
    inputs: readonly (TensorId | null)[],
    output: { readonly shape: readonly number[]; readonly format: Format; readonly name?: string },
  ): TensorId {
    const id = this.add({ name: node.outputs[0] ?? '', data: null, ...output });
    const source = { operator: node.op, index: node.index };
    const made: NodeOf<K> = { kind, attributes, inputs, outputs: [id], source };
    this.#nodes.push(made as Node);
    return id;
  }

  /**
   * The tensor of an activation whose elements lie in the order of the dimensions `perm`, in the shape `shape`; a TRANSPOSE is added
   * where they lie otherwise, a RESHAPE where the shape is another.
   * @param node for whom
   */
  view(
    node: OnnxNode,
    activation: Activation,
    perm: readonly number[],
    shape = perm.map((d) => activation.layout.shape[d]!),
  ): TensorId {
    const order = perm.flatMap((d) => activation.layout.atoms(d));
    return this.ordered(node, activation, order, shape);
  }

  /** As `view`, with an order of atoms. */
  ordered(
    node: OnnxNode,
    { id, layout }: Activation,
    order: readonly number[],
    shape: readonly number[],
  ): TensorId {
    const move = movement(layout, order);
    const from = this.tensor(id);
    const again = (
      kind: 'RESHAPE' | 'TRANSPOSE',
      x: TensorId,
      to: readonly number[],
      perm: readonly number[],
    ) => {
      const key = `${x} ${kind} ${perm} ${to}`;
      const known = this.#views.get(key);
      if (known !== undefined) return known;
      const output = { shape: to, format: from.format, name: `${from.name} as [${to}]` };
      const view =
        kind === 'RESHAPE'
          ? this.emit(node, 'RESHAPE', {}, [x], output)
          : this.emit(node, 'TRANSPOSE', { perm }, [x], output);
      this.#views.set(key, view);
      return view;
    };
    const reshaped = (x: TensorId, to: readonly number[]) =>
      equal(this.tensor(x).shape, to) ? x : again('RESHAPE', x, to, []);
    if (!move) return reshaped(id, shape);
    return reshaped(again('TRANSPOSE', reshaped(id, move.from), move.to, move.perm), shape);
  }

  /** The same value with its elements in the order of `perm`. */
  rearranged(node: OnnxNode, activation: Activation, perm: readonly number[]): Activation {
    if (activation.layout.lies(perm)) return activation;
    const shape = activation.layout.shape;
    return { ...activation, id: this.view(node, activation, perm), layout: Layout.permuted(shape, perm) };
  }

  /** The same value in an order of whole dimensions, as it lies or else row-major. */
  whole(
    node: OnnxNode,
    activation: Activation,
  ): { readonly activation: Activation; readonly perm: readonly number[] } {
    const perm = activation.layout.dimOrder();
    if (perm) return { activation, perm };
    const rows = activation.layout.dims.map((_, d) => d);
    return { activation: this.rearranged(node, activation, rows), perm: rows };
  }

  /** Whether two activations hold codes of the same meaning. */
  alike(a: Activation, b: Activation): boolean {
    return sameFormat(this.tensor(a.id).format, this.tensor(b.id).format);
  }

  finish(name: string, inputs: readonly TensorId[], outputs: readonly TensorId[]): Graph {
    const graph = { name, tensors: this.#tensors, nodes: this.#nodes, inputs, outputs };
    return this.#notes.length > 0 ? { ...graph, notes: this.#notes } : graph;
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, d) => size === b[d]);
}
