/** Random small networks as QONNX: quantizers, and between them float operators of every kind that becomes thresholds. */
import type { AttributeSketch, ModelSketch, NodeSketch, TensorSketch } from './onnx.js';
import type { Random } from './random/random.js';

/** What varies by suite. */
export interface QonnxOptions {
  /** Scales are powers of two, so that float sums of products are exact and codes can be compared one by one. */
  readonly exact: boolean;
  /** Most bits of an activation. */
  readonly bits: number;
}

/** Every activation that a quantizer makes is an output of the model, named `q` and a number. */
export function randomQonnx(random: Random, options: QonnxOptions): ModelSketch {
  return new Writer(random, options).write();
}

class Writer {
  readonly #random: Random;
  readonly #options: QonnxOptions;
  readonly #nodes: NodeSketch[] = [];
  readonly #constants: Record<string, TensorSketch> = {};
  readonly #outputs: Record<string, { type: 'float'; shape: readonly number[] }> = {};
  #names = 0;

  constructor(random: Random, options: QonnxOptions) {
    this.#random = random;
    this.#options = options;
  }

  write(): ModelSketch {
    const random = this.#random;
    const image = random.chance(0.6);
    const input = image
      ? [1, random.integer(1, 3), random.integer(4, 6), random.integer(4, 6)]
      : [1, random.integer(3, 20)];
    let { x, shape } = this.#quantized(this.#prelude('x'), input);
    for (let layer = random.integer(1, 3); layer > 0; layer--) {
      if (shape.length === 4 && random.chance(0.3)) ({ x, shape } = this.#flat(x, shape));
      ({ x, shape } = shape.length === 4 ? this.#conv(x, shape) : this.#dense(x, shape));
      ({ x, shape } = this.#between(x, shape));
      ({ x, shape } = this.#quantized(x, shape));
      if (shape.length === 4 && random.chance(0.3)) ({ x, shape } = this.#maximum(x, shape));
      if (random.chance(0.2)) ({ x, shape } = this.#quantized(this.#steps(x, shape), shape));
      if (random.chance(0.3)) ({ x, shape } = this.#residual(x, shape));
      if (random.chance(0.2)) ({ x, shape } = this.#joined(x, shape));
      if (shape.length === 4 && random.chance(0.2)) ({ x, shape } = this.#average(x, shape));
    }
    const inputs = { x: { type: 'float' as const, shape: input } };
    return { nodes: this.#nodes, constants: this.#constants, inputs, outputs: this.#outputs };
  }

  #node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeSketch>> = {},
    domain = '',
  ): string {
    const name = `${op.toLowerCase()}${this.#names++}`;
    this.#nodes.push({ op, domain, inputs, outputs: [name], attributes });
    return name;
  }

  #constant(shape: readonly number[], data: readonly number[], type: 'float' | 'int64' = 'float'): string {
    const name = `c${this.#names++}`;
    this.#constants[name] = { type, shape, data: type === 'float' ? data.map(Math.fround) : data };
    return name;
  }

  #scale(low: number, high: number): number {
    const random = this.#random;
    return this.#options.exact ? 2 ** random.integer(low, high) : random.powerOfTwo(low, high);
  }

  #list(count: number, make: () => number): number[] {
    return Array.from({ length: count }, make);
  }

  /** What may stand before the first quantizer: functions that rise. */
  #prelude(x: string): string {
    const random = this.#random;
    if (random.chance(0.3)) return x;
    const twice = this.#node('Mul', [x, this.#constant([], [random.pick([2, 1.7])])]);
    return this.#node('Sub', [twice, this.#constant([1], [random.pick([1, 0.9])])]);
  }

  /** A quantizer, whose result is an output. */
  #quantized(
    from: string,
    shape: readonly number[],
    counts = this.#names > 1,
  ): { x: string; shape: readonly number[] } {
    const random = this.#random;
    const domain = random.pick(['onnx.brevitas', 'qonnx.custom_op.general']);
    if (counts && random.chance(0.1)) return this.#counted(from, shape, domain);
    const bits = random.integer(1, this.#options.bits);
    // So that most codes are reached by values around one.
    const scale = this.#constant([], [this.#scale(1 - bits, 3 - bits)]);
    let x: string;
    if (bits === 1 && random.chance(0.7)) x = this.#node('BipolarQuant', [from, scale], {}, domain);
    else {
      const signed = bits === 1 ? 0 : random.integer(0, 1);
      const zero = signed === 0 && bits > 1 && random.chance(0.3) ? random.integer(0, 2 ** (bits - 1)) : 0;
      const parameters = [scale, this.#constant([], [zero]), this.#constant([], [bits])];
      const attributes = {
        signed,
        narrow: bits > 1 ? random.integer(0, 1) : 0,
        rounding_mode: random.pick(['ROUND', 'ROUND', 'CEIL', 'FLOOR', 'HALF_UP', 'UP', 'DOWN', 'HALF_DOWN']),
      };
      x = this.#node(random.pick(['Quant', 'IntQuant']), [from, ...parameters], attributes, domain);
    }
    this.#outputs[x] = { type: 'float', shape };
    return { x, shape };
  }

  /** A MultiThreshold of FINN, whose result is an output. */
  #counted(from: string, shape: readonly number[], domain: string) {
    const random = this.#random;
    const steps = random.pick([1, 2, 3, 7]);
    // Before the first layer all channels share them.
    const channels = Object.keys(this.#outputs).length > 0 ? random.pick([1, shape[1]!]) : 1;
    const thresholds = Array.from({ length: channels }, () =>
      this.#list(steps, () => 4 * random.real() - 2).sort((a, b) => a - b),
    );
    const scale = this.#scale(-2, 0);
    const bias = steps === 1 ? -scale / 2 : -scale * random.integer(0, 2);
    const attributes = { out_scale: { float: scale }, out_bias: { float: bias } };
    const x = this.#node(
      'MultiThreshold',
      [from, this.#constant([channels, steps], thresholds.flat())],
      attributes,
      domain,
    );
    this.#outputs[x] = { type: 'float', shape };
    return { x, shape };
  }

  /** Weights behind a quantizer, one scale or one an output channel. */
  #weights(shape: readonly number[]): string {
    const random = this.#random;
    const count = shape.reduce((product, size) => product * size, 1);
    const each = random.chance(0.5);
    const sizes = each ? shape.map((size, d) => (d === 0 ? size : 1)) : [];
    const scale = this.#constant(
      sizes,
      this.#list(each ? shape[0]! : 1, () => this.#scale(-4, -2)),
    );
    const bits = random.integer(1, 4);
    const floats = this.#constant(
      shape,
      this.#list(count, () => (random.real() - 0.5) * 2 ** (bits - 2)),
    );
    if (bits === 1) return this.#node('BipolarQuant', [floats, scale], {}, 'onnx.brevitas');
    const parameters = [scale, this.#constant([], [0]), this.#constant([], [bits])];
    const attributes = { signed: 1, narrow: random.integer(0, 1), rounding_mode: 'ROUND' };
    return this.#node('Quant', [floats, ...parameters], attributes, 'onnx.brevitas');
  }

  #conv(x: string, [, channels = 0, height = 0, width = 0]: readonly number[]) {
    const random = this.#random;
    const depthwise = channels > 1 && random.chance(0.3);
    const outputs = depthwise ? channels : random.integer(1, 6);
    const [kh, kw] = [random.integer(1, Math.min(3, height)), random.integer(1, Math.min(3, width))];
    const pads = [random.integer(0, kh - 1), random.integer(0, kw - 1), 0, 0];
    const strides = [random.integer(1, 2), random.integer(1, 2)];
    const w = this.#weights([outputs, depthwise ? 1 : channels, kh, kw]);
    const bias = random.chance(0.4)
      ? [
          this.#constant(
            [outputs],
            this.#list(outputs, () => random.real() - 0.5),
          ),
        ]
      : [];
    const attributes = { kernel_shape: [kh, kw], pads, strides, group: depthwise ? channels : 1 };
    const positions = (size: number, k: number, pad: number, stride: number) =>
      Math.floor((size + pad - k) / stride) + 1;
    const shape = [
      1,
      outputs,
      positions(height, kh, pads[0]!, strides[0]!),
      positions(width, kw, pads[1]!, strides[1]!),
    ];
    return { x: this.#node('Conv', [x, w, ...bias], attributes), shape };
  }

  #dense(x: string, [, depth = 0]: readonly number[]) {
    const random = this.#random;
    const outputs = random.integer(1, 9);
    const w = this.#weights([outputs, depth]);
    const shape = [1, outputs];
    if (random.chance(0.5)) {
      const transposed = this.#node('Transpose', [w], { perm: [1, 0] });
      return { x: this.#node('MatMul', [x, transposed]), shape };
    }
    const bias = this.#constant(
      [outputs],
      this.#list(outputs, () => random.real() - 0.5),
    );
    return { x: this.#node('Gemm', [x, w, bias], { transB: 1 }), shape };
  }

  /** Operators between a sum and its quantizer. */
  #between(from: string, shape: readonly number[]): { x: string; shape: readonly number[] } {
    const random = this.#random;
    if (shape.length === 4 && random.chance(0.2)) return this.#maximum(from, shape);
    return { x: this.#steps(from, shape), shape };
  }

  #steps(from: string, shape: readonly number[]): string {
    const random = this.#random;
    let x = from;
    for (let steps = random.integer(0, 3); steps > 0; steps--) x = this.#step(x, shape);
    return x;
  }

  #step(x: string, shape: readonly number[]): string {
    const random = this.#random;
    const channels = shape[1]!;
    const operand = (make: () => number) =>
      random.chance(0.5)
        ? this.#constant([], [make()])
        : this.#constant([1, channels, ...shape.slice(2).map(() => 1)], this.#list(channels, make));
    const signed = () => (random.chance(0.2) ? -1 : 1) * (0.3 + random.real());
    switch (random.integer(0, 10)) {
      case 0:
      case 1: {
        const lists = [
          signed,
          () => random.real() - 0.5,
          () => random.real() - 0.5,
          () => 0.2 + random.real(),
        ];
        return this.#node('BatchNormalization', [
          x,
          ...lists.map((make) => this.#constant([channels], this.#list(channels, make))),
        ]);
      }
      case 2:
        return this.#node('Mul', random.chance(0.5) ? [x, operand(signed)] : [operand(signed), x]);
      case 3:
        return this.#node('Add', [x, operand(() => random.real() - 0.5)]);
      case 4:
        return this.#node(
          'Sub',
          random.chance(0.5)
            ? [x, operand(random.real.bind(random))]
            : [operand(random.real.bind(random)), x],
        );
      case 5:
        return this.#node('Div', [x, operand(signed)]);
      case 6:
        return this.#node('Relu', [x]);
      case 7:
        return this.#node('Clip', [
          x,
          this.#constant([], [-random.real()]),
          this.#constant([], [random.real()]),
        ]);
      case 8:
        return this.#node('PRelu', [x, operand(random.real.bind(random))]);
      case 9:
        return this.#node(random.pick(['Sigmoid', 'Tanh']), [x]);
      default:
        return this.#node('Neg', [x]);
    }
  }

  /** The sum or difference of a value and what a branch makes of it. */
  #residual(x: string, shape: readonly number[]): { x: string; shape: readonly number[] } {
    const random = this.#random;
    const branch = this.#quantized(this.#steps(x, shape), shape).x;
    const sum = this.#node(
      random.pick(['Add', 'Add', 'Sub']),
      random.pick([
        [x, branch],
        [branch, x],
      ]),
    );
    return this.#quantized(this.#steps(sum, shape), shape);
  }

  /** A value and what a branch makes of it, one after the other, quantized before or behind. */
  #joined(x: string, shape: readonly number[]): { x: string; shape: readonly number[] } {
    const random = this.#random;
    const branch = this.#steps(x, shape);
    const second = random.chance(0.5) ? branch : this.#quantized(branch, shape).x;
    const joined = this.#node('Concat', [this.#steps(x, shape), second], { axis: 1 });
    const end = random.chance(0.3) ? this.#node('Relu', [joined]) : joined;
    return this.#quantized(end, shape.with(1, 2 * shape[1]!), false);
  }

  #flat(x: string, shape: readonly number[]) {
    return { x: this.#node('Flatten', [x]), shape: [1, shape.reduce((product, size) => product * size, 1)] };
  }

  /** An average, of which the sum is truncated or the mean quantized. */
  #average(from: string, [, channels = 0, height = 0, width = 0]: readonly number[]) {
    const random = this.#random;
    const [kh, kw] = [Math.min(2, height), Math.min(2, width)];
    const shape = [1, channels, height - kh + 1, width - kw + 1];
    if (random.chance(0.3)) {
      const means = this.#node('ReduceMean', [from], { axes: [2, 3], keepdims: 0 });
      return this.#quantized(means, [1, channels]);
    }
    const mean = this.#node('AveragePool', [from], { kernel_shape: [kh, kw] });
    if (random.chance(0.5)) return this.#quantized(mean, shape);
    const sum = this.#node('Mul', [mean, this.#constant([], [kh * kw])]);
    // Scales of quantizers lie between 2^-7 and 4; this one need not be that of the codes.
    const parameters = [this.#scale(-3, -1), 0, 6, random.integer(4, 5)].map((value) =>
      this.#constant([], [value]),
    );
    const attributes = { rounding_mode: random.pick(['FLOOR', 'ROUND', 'CEIL']) };
    const x = this.#node('Trunc', [sum, ...parameters], attributes, 'qonnx.custom_op.general');
    this.#outputs[x] = { type: 'float', shape };
    return { x, shape };
  }

  #maximum(x: string, [, channels = 0, height = 0, width = 0]: readonly number[]) {
    const [kh, kw] = [Math.min(2, height), Math.min(2, width)];
    const shape = [1, channels, height - kh + 1, width - kw + 1];
    return { x: this.#node('MaxPool', [x], { kernel_shape: [kh, kw] }), shape };
  }
}
