import { BitloomError, type DiagnosticCode } from '../../graph/diagnostics.js';
import { UNCLAMPED } from '../../graph/float.js';
import { shortName } from '../../graph/graph.js';
import type { Clamp, OpAttributes, OpKind } from '../../graph/ops.js';
import { INTEGER_RANGE, type Tensor, type TensorId } from '../../graph/tensor.js';
import { activationClamp, isFusedActivation } from './activations.js';
import type { GraphBuilder } from './builder.js';
import type { FileOperator } from './file.js';

/** One operator of the file in the hands of its importer. */
export class Site {
  readonly #builder: GraphBuilder;
  readonly #operator: FileOperator;

  constructor(builder: GraphBuilder, operator: FileOperator) {
    this.#builder = builder;
    this.#operator = operator;
  }

  get name(): string {
    return this.#operator.operator;
  }

  get inputCount(): number {
    return this.#operator.inputs.length;
  }

  get outputCount(): number {
    return this.#operator.outputs.length;
  }

  int(option: string): number {
    return this.#option(option, 'number');
  }

  bool(option: string): boolean {
    return this.#option(option, 'boolean');
  }

  text(option: string): string {
    return this.#option(option, 'string');
  }

  #option<T extends 'number' | 'boolean' | 'string'>(option: string, type: T) {
    const value = this.#operator.options[option];
    if (typeof value !== type) throw new Error(`${this.name} has no option ${option}`);
    return value as T extends 'number' ? number : T extends 'boolean' ? boolean : string;
  }

  /** Whether the optional input `i` is there. */
  has(i: number): boolean {
    return (this.#operator.inputs[i] ?? -1) >= 0;
  }

  /** What the file says about input `i`, without taking it into the graph. */
  inputTensor(i: number): Tensor {
    return this.#builder.peek(this.#inputIndex(i));
  }

  outputTensor(i = 0): Tensor {
    return this.#builder.peek(this.#outputIndex(i));
  }

  input(i: number): TensorId {
    return this.#builder.use(this.#inputIndex(i));
  }

  /** Makes output 0 a constant, which takes no operator. */
  define(constant: Tensor): void {
    this.#builder.define(this.#outputIndex(0), constant);
  }

  optionalInput(i: number): TensorId | null {
    return this.has(i) ? this.input(i) : null;
  }

  output(i = 0): TensorId {
    return this.#builder.use(this.#outputIndex(i));
  }

  #inputIndex(i: number): number {
    const index = this.#operator.inputs[i] ?? -1;
    return index >= 0 ? index : this.fail('BL102', `lacks its input ${i}`);
  }

  #outputIndex(i: number): number {
    return this.#operator.outputs[i] ?? this.fail('BL102', `lacks its output ${i}`);
  }

  /** A tensor that the file does not have. */
  add(tensor: Tensor): TensorId {
    return this.#builder.add(tensor);
  }

  emit<K extends OpKind>(
    kind: K,
    attributes: OpAttributes[K],
    inputs: readonly (TensorId | null)[],
    outputs: readonly TensorId[] = [this.output()],
  ): void {
    const source = { operator: this.name, index: this.#operator.index };
    this.#builder.emit({ kind, attributes, inputs, outputs, source });
  }

  tensor(id: TensorId): Tensor {
    return this.#builder.tensor(id);
  }

  /** A tensor of the same elements in another shape. */
  reshape(id: TensorId, shape: readonly number[]): TensorId {
    const from = this.#builder.tensor(id);
    const to = this.add({ ...from, name: `${from.name} as [${shape}]`, shape, state: false });
    if (!from.data) this.emit('RESHAPE', {}, [id], [to]);
    return to;
  }

  /** The integers in constant input `i` (int32 or int64). */
  constant(i: number, what: string): number[] {
    const { data } = this.inputTensor(i);
    if (!data) {
      this.fail('BL104', `takes its ${what} from another operator`, `Make ${what} a constant of the model`);
    }
    if (!(data instanceof Int32Array || data instanceof BigInt64Array)) {
      this.fail('BL105', `has ${what} of an element type other than int32 and int64`);
    }
    return Array.from(data as ArrayLike<number | bigint>, Number);
  }

  /** `axis` counted from the front. */
  axis(axis: number, rank: number): number {
    const positive = axis < 0 ? axis + rank : axis;
    return positive >= 0 && positive < rank ? positive : this.fail('BL102', `has axis ${axis} of ${rank}`);
  }

  /** The fused activation as bounds on the code of output 0, or on its number. */
  clamp(): Clamp {
    const activation = this.text('fused_activation_function');
    this.codeRange();
    if (!isFusedActivation(activation)) {
      return this.fail(
        'BL104',
        `has the fused activation ${activation}`,
        'Make the activation an operator of its own',
      );
    }
    const bounds = activationClamp(activation, this.outputTensor().format);
    const isKnown = !Number.isNaN(bounds.min) && !Number.isNaN(bounds.max);
    return isKnown ? bounds : this.fail('BL107', 'has a fused activation but no output scale');
  }

  /** All codes of output 0; of real numbers all. */
  codeRange(): Clamp {
    const { type } = this.outputTensor().format;
    if (type === 'int8' || type === 'int16') return INTEGER_RANGE[type];
    if (type === 'float32') return UNCLAMPED;
    return this.fail('BL105', `computes ${type}`, 'Quantize the model to int8 or int16x8 (full integer)');
  }

  /** Demands that `option` is NONE or absent. */
  requireNoActivation(): void {
    const activation = this.text('fused_activation_function');
    if (activation !== 'NONE') {
      this.fail(
        'BL104',
        `has the fused activation ${activation}`,
        'Make the activation an operator of its own',
      );
    }
  }

  /** Says something about this operator that the user should know. */
  note(text: string): void {
    const { operator, index } = this.#operator;
    this.#builder.note(`${shortName(operator)} #${index}: ${text}`);
  }

  /** Throws, naming this operator. */
  fail(code: DiagnosticCode, problem: string, wayOut = 'Convert the model again'): never {
    const { outputs, index, operator } = this.#operator;
    const output = this.#builder.file.tensors[outputs[0] ?? -1]?.name ?? '';
    throw new BitloomError(
      code,
      `${shortName(operator)} #${index} ('${shortName(output)}') ${problem}`,
      wayOut,
    );
  }
}
