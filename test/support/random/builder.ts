import type {
  OptionValue,
  TfliteModel,
  TfliteOperator,
  TfliteTensor,
} from '../../../src/export/tflite/model.js';
import type { TypedArray } from '../../../src/graph/tensor.js';
import type { Random } from './random.js';

export type TypeName = TfliteTensor['type'];
export type ActivationType = 'INT8' | 'INT16';

/** A per-tensor number format; scale 0 stands for "not quantized". */
export interface ValueFormat {
  readonly type: TypeName;
  readonly scale: number;
  readonly zeroPoint: number;
}

/** An activation of the model under construction. */
export interface Value extends ValueFormat {
  readonly id: number;
  readonly shape: readonly number[];
}

export const CODES = {
  INT8: { min: -128, max: 127 },
  INT16: { min: -32768, max: 32767 },
  UINT8: { min: 0, max: 255 },
} as const;

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The largest |code - zeroPoint| of a format. */
export function span(format: ValueFormat): number {
  const { min, max } = CODES[format.type as keyof typeof CODES];
  return Math.max(max - format.zeroPoint, format.zeroPoint - min);
}

export function sameValueFormat(a: ValueFormat, b: ValueFormat): boolean {
  return a.type === b.type && a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

const EXTENTS = [1, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];

/** Tensors and operators of a model in the making, and the random choices that operators share. */
export class ModelBuilder {
  readonly tensors: TfliteTensor[] = [];
  readonly operators: TfliteOperator[] = [];
  readonly inputs: Value[] = [];
  /** Every activation made so far, graph inputs included. */
  readonly values: Value[] = [];

  constructor(readonly random: Random) {}

  /** A new graph input. */
  input(shape: readonly number[], format: ValueFormat): Value {
    const value = this.#activation(`input_${this.inputs.length}`, shape, format);
    this.inputs.push(value);
    return value;
  }

  /** Appends an operator and its output. */
  operator(
    operator: string,
    inputs: readonly number[],
    shape: readonly number[],
    format: ValueFormat,
    options: Readonly<Record<string, OptionValue>> = {},
  ): Value {
    return this.multiOutput(operator, inputs, [shape], format, options)[0]!;
  }

  /** Appends an operator with several outputs of one format. */
  multiOutput(
    operator: string,
    inputs: readonly number[],
    shapes: readonly (readonly number[])[],
    format: ValueFormat,
    options: Readonly<Record<string, OptionValue>>,
  ): Value[] {
    const outputs = shapes.map((shape, i) =>
      this.#activation(`${operator.toLowerCase()}_${this.operators.length}_${i}`, shape, format),
    );
    this.operators.push({ operator, inputs, outputs: outputs.map((o) => o.id), options });
    return outputs;
  }

  /** A constant or a variable tensor; returns its index. */
  tensor(tensor: Omit<TfliteTensor, 'name'>): number {
    this.tensors.push({ name: `tensor_${this.tensors.length}`, ...tensor });
    return this.tensors.length - 1;
  }

  /** An int32 constant such as a shape, axes or paddings. */
  int32(values: readonly number[], shape: readonly number[] = [values.length]): number {
    return this.tensor({ type: 'INT32', shape, data: Int32Array.from(values) });
  }

  /** A constant of random codes. */
  constant(shape: readonly number[], format: ValueFormat): number {
    const { min, max } = CODES[format.type as ActivationType];
    const codes = Array.from({ length: count(shape) }, () => this.random.integer(min, max));
    const data: TypedArray = format.type === 'INT8' ? Int8Array.from(codes) : Int16Array.from(codes);
    return this.tensor({ type: format.type, shape, data, ...quantization(format) });
  }

  /** Any valid format of `type`; zero points and scales at their extremes now and then. */
  format(type: ActivationType): ValueFormat {
    const { random } = this;
    const scale = random.pick([
      () => random.powerOfTwo(-9, -3),
      () => random.powerOfTwo(-9, -3),
      () => 2 ** random.integer(-9, -2),
      () => random.powerOfTwo(-14, 2),
    ])();
    const zeroPoint = type === 'INT8' ? random.pick([-128, 0, 127, random.integer(-128, 127)]) : 0;
    return { type, scale, zeroPoint };
  }

  /**
   * A format for results whose accumulator has scale `scale` and magnitude at most `peak`. Usually the
   * accumulator spreads over the codes; sometimes nearly all saturate or vanish. The multiplier `scale / s_out`
   * never shifts `peak` out of 31 bits.
   */
  outputFormat(
    type: ActivationType,
    scale: number,
    peak: number,
    maxMultiplier = Number.POSITIVE_INFINITY,
  ): ValueFormat {
    const { random } = this;
    const spread = CODES[type].max / peak;
    const wanted = spread * random.pick([() => random.powerOfTwo(-1, 5), () => random.powerOfTwo(-12, 12)])();
    const multiplier = Math.min(wanted, maxMultiplier / 2, 2 ** 29 / peak);
    return {
      ...this.format(type),
      scale: Math.fround(Math.min(Math.max(scale / multiplier, 2 ** -40), 2 ** 40)),
    };
  }

  activation(): string {
    return this.random.pick(['NONE', 'NONE', 'NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1']);
  }

  /** A shape of `rank` dimensions with at most `limit` elements, the last one counting channels. */
  shape(rank: number, limit = 900): number[] {
    for (;;) {
      const shape = Array.from({ length: rank }, (_, i) =>
        this.random.pick(i === rank - 1 ? CHANNELS : EXTENTS),
      );
      if (rank === 4) shape[0] = this.random.pick([1, 1, 1, 2, 3]);
      if (count(shape) <= limit) return shape;
    }
  }

  /** The finished model. Outputs are the activations that nothing reads, and those in `alsoOutputs`. */
  finish(description: string, alsoOutputs: readonly Value[] = []): TfliteModel {
    const read = new Set(this.operators.flatMap((o) => o.inputs));
    const outputs = this.values.filter((v) => !read.has(v.id) || alsoOutputs.includes(v)).map((v) => v.id);
    return {
      description,
      tensors: this.tensors,
      operators: this.operators,
      inputs: this.inputs.map((i) => i.id),
      outputs,
    };
  }

  #activation(name: string, shape: readonly number[], format: ValueFormat): Value {
    const id = this.tensors.length;
    this.tensors.push({ name, type: format.type, shape, ...quantization(format) });
    const value = { id, shape, type: format.type, scale: format.scale, zeroPoint: format.zeroPoint };
    this.values.push(value);
    return value;
  }
}

function quantization(format: ValueFormat): Pick<TfliteTensor, 'quantization'> {
  if (format.scale === 0) return {};
  return { quantization: { scales: [Math.fround(format.scale)], zeroPoints: [format.zeroPoint] } };
}

/** How one operator's random applications are made. */
export interface Recipe {
  /** Element types of the first input. */
  readonly types: readonly ActivationType[];
  /** Least and greatest rank of the first input. */
  readonly ranks: readonly [number, number];
  /** Whether `x` can be the first input, beyond type and rank. */
  accepts?(x: Omit<Value, 'id'>): boolean;
  /** Shape of a first input made for this operator alone. */
  inputShape?(b: ModelBuilder): readonly number[];
  /** Applies the operator to `x`, with whatever else it needs. */
  apply(b: ModelBuilder, x: Value): void;
}
