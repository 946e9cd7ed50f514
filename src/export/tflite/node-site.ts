import { BitloomError } from '../../graph/diagnostics.js';
import { describeNode, type Graph, inputOf, outputOf, requireInput } from '../../graph/graph.js';
import type { Clamp, Node, NodeOf, OpAttributes, OpKind } from '../../graph/ops.js';
import { allocate, type Format, plain, type Tensor } from '../../graph/tensor.js';
import { activationClamp, FUSED_ACTIVATIONS, type FusedActivation } from '../../import/tflite/activations.js';
import type { FileBuilder } from './file-builder.js';
import type { OptionValue } from './model.js';

/** One of the operators of the file that a node becomes: the first reads the node's input 0, the others what the one before made. */
export interface Step {
  readonly operator: string;
  /** Indices of tensors, -1 where an optional one is absent, given that of what it reads. */
  readonly inputs: (x: number) => readonly number[];
  readonly options?: Readonly<Record<string, OptionValue>>;
  /** Of what it makes: the node's output's unless given. */
  readonly shape?: readonly number[];
}

/** One node of the graph in the hands of its writer. */
export class NodeSite<K extends OpKind> {
  readonly #graph: Graph;
  readonly #builder: FileBuilder;
  readonly #node: Node;

  constructor(graph: Graph, builder: FileBuilder, node: NodeOf<K>) {
    this.#graph = graph;
    this.#builder = builder;
    this.#node = node as Node;
  }

  get attributes(): OpAttributes[K] {
    return this.#node.attributes as OpAttributes[K];
  }

  get kind(): OpKind {
    return this.#node.kind;
  }

  /** The graph's input `i`, without taking it into the file. */
  inputTensor(i: number): Tensor {
    return requireInput(this.#graph, this.#node, i);
  }

  optionalTensor(i: number): Tensor | null {
    return inputOf(this.#graph, this.#node, i);
  }

  get outputTensor(): Tensor {
    return outputOf(this.#graph, this.#node);
  }

  /** The file's tensor of input `i`; -1 where it is absent. */
  input(i: number): number {
    const id = this.#node.inputs[i] ?? null;
    return id === null ? -1 : this.#builder.use(id, this.#name);
  }

  /** The file's tensors of all inputs. */
  inputs(): readonly number[] {
    return this.#node.inputs.map((_, i) => this.input(i));
  }

  /** A tensor of the file that the graph does not have. */
  add(tensor: Omit<Tensor, 'state'>): number {
    return this.#builder.add({ ...tensor, state: false }, this.#name);
  }

  /** A constant of int32, such as axes or a shape. */
  ints(what: string, values: readonly number[], shape: readonly number[] = [values.length]): number {
    const name = `${this.outputTensor.name} ${what}`;
    return this.add({ name, shape, format: plain('int32'), data: Int32Array.from(values) });
  }

  /** A constant of one element. */
  scalar(what: string, value: number, format: Format): number {
    const data = allocate(format.type, 1);
    (data as Int8Array).fill(value);
    return this.add({ name: `${this.outputTensor.name} ${what}`, shape: [], format, data });
  }

  /** An operator before those of the node, which makes a tensor of the format of input `i`. */
  before(i: number, { operator, inputs, options = {}, shape }: Step): number {
    const x = this.inputTensor(i);
    const name = `${this.outputTensor.name} ${operator.toLowerCase()}`;
    const made = this.add({ name, shape: shape ?? x.shape, format: x.format, data: null });
    this.#builder.operator({ operator, inputs: inputs(this.input(i)), outputs: [made], options });
    return made;
  }

  /** Writes the operators that the node becomes. The last makes its output. */
  emit(...steps: readonly Step[]): void {
    const { name, format, shape: whole } = this.outputTensor;
    let previous = this.input(0);
    for (const [i, { operator, inputs, options = {}, shape = whole }] of steps.entries()) {
      const read = inputs(previous);
      const isLast = i === steps.length - 1;
      previous = isLast
        ? this.#builder.use(this.#node.outputs[0]!, this.#name)
        : this.add({ name: `${name} ${operator.toLowerCase()}`, shape, format, data: null });
      this.#builder.operator({ operator, inputs: read, outputs: [previous], options });
    }
  }

  /**
   * The operator with the fused activation that comes nearest to the bounds, and MAXIMUM and MINIMUM behind it for what that leaves.
   * TFLite's order of bounds is that of the graph: the lower one first.
   */
  clamped(clamp: Clamp, step: Step): readonly Step[] {
    const { format } = this.outputTensor;
    const { activation, bounds } = nearestActivation(clamp, format);
    const options = { ...step.options, fused_activation_function: activation };
    return [{ ...step, options }, ...this.limits(bounds, clamp, step.shape)];
  }

  /** Operators that bring values between the bounds `from` between those of `to`, which are no wider. */
  limits(from: Clamp, to: Clamp, shape: readonly number[] = this.outputTensor.shape): readonly Step[] {
    const { format } = this.outputTensor;
    const limit = (operator: string, bound: number): Step => ({
      operator,
      inputs: (x) => [x, this.scalar(operator === 'MAXIMUM' ? 'least' : 'most', bound, format)],
      shape,
    });
    return [
      ...(to.min > from.min ? [limit('MAXIMUM', to.min)] : []),
      ...(to.max < from.max ? [limit('MINIMUM', to.max)] : []),
    ];
  }

  /** Throws: the node has no form in TFLite, and why. */
  fail(why: string, wayOut: string): never {
    throw new BitloomError('BL109', `${this.#name} ${why}`, wayOut);
  }

  get #name(): string {
    return describeNode(this.#graph, this.#node);
  }
}

/** Of the activations that allow all codes of the clamp, the first that shares most of its bounds. */
function nearestActivation(
  { min, max }: Clamp,
  format: Format,
): { readonly activation: FusedActivation; readonly bounds: Clamp } {
  const wide = FUSED_ACTIVATIONS.map((activation) => ({
    activation,
    bounds: activationClamp(activation, format),
  })).filter(({ bounds }) => bounds.min <= min && bounds.max >= max);
  const shared = ({ bounds }: (typeof wide)[number]) =>
    Number(bounds.min === min) + Number(bounds.max === max);
  return wide.reduce((best, next) => (shared(next) > shared(best) ? next : best));
}
