import {
  type AttributeSketch,
  type ModelSketch,
  type NodeSketch,
  type SketchType,
  type TensorSketch,
  writeOnnx,
} from './onnx.js';
import { Random } from './random/random.js';

/** Builds a quantized network step by step: QDQ form around float operators. */
export class QdqSketch {
  readonly nodes: NodeSketch[] = [];
  readonly constants: Record<string, TensorSketch> = {};
  readonly #random: Random;
  #count = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  name(): string {
    return `v${this.#count++}`;
  }

  constant(type: SketchType, shape: readonly number[], data?: readonly number[]): string {
    const name = this.name();
    const count = shape.reduce((product, size) => product * size, 1);
    const [low, high] = LIMITS[type] ?? [-100, 100];
    this.constants[name] = {
      type,
      shape,
      data: data ?? Array.from({ length: count }, () => this.#random.integer(low, high)),
    };
    return name;
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeSketch>> = {},
    domain = '',
  ): string {
    const output = this.name();
    this.nodes.push({ op, domain, inputs, outputs: [output], attributes });
    return output;
  }

  /** Scale and zero point as constants. */
  parameters(scale: number | readonly number[], zero = 0, type: SketchType = 'int8'): readonly string[] {
    const scales = typeof scale === 'number' ? [scale] : scale;
    const shape = typeof scale === 'number' ? [] : [scales.length];
    return [
      this.constant('float', shape, scales),
      this.constant(
        type,
        shape,
        scales.map(() => zero),
      ),
    ];
  }

  /** QuantizeLinear and DequantizeLinear. */
  quantized(x: string, scale: number, zero = 0, type: SketchType = 'int8'): string {
    const parameters = this.parameters(scale, zero, type);
    return this.node('DequantizeLinear', [this.node('QuantizeLinear', [x, ...parameters]), ...parameters]);
  }

  /** Random codes behind DequantizeLinear. */
  weights(
    type: SketchType,
    shape: readonly number[],
    scale: number | readonly number[] = 0.01,
    axis = 0,
    block = 0,
  ): string {
    const count = typeof scale === 'number' ? 1 : scale.length;
    const sizes = block > 0 ? shape.map((size, d) => (d === axis ? Math.ceil(size / block) : size)) : [count];
    const scales = this.constant(
      'float',
      typeof scale === 'number' ? [] : sizes,
      typeof scale === 'number' ? [scale] : scale,
    );
    const attributes = { axis, ...(block > 0 && { block_size: block }) };
    const zeros = this.constant(
      type,
      this.constants[scales]!.shape,
      this.constants[scales]!.data.map(() => 0),
    );
    return this.node('DequantizeLinear', [this.constant(type, shape), scales, zeros], attributes);
  }

  write(inputs: ModelSketch['inputs'], outputs: ModelSketch['outputs'], opset = 21): Uint8Array {
    return writeOnnx({ nodes: this.nodes, constants: this.constants, inputs, outputs, opset });
  }
}

const LIMITS: Partial<Record<SketchType, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int4: [-8, 7],
  uint4: [0, 15],
  int2: [-2, 1],
  uint2: [0, 3],
  int32: [-1000, 1000],
};

/** Small networks that take most ways through the importer. */
export function onnxNetworks(): Readonly<Record<string, Uint8Array>> {
  return { image: imageNetwork(), sequence: sequenceNetwork(), operators: operatorNetwork() };
}

/** A convolutional network: NCHW input, batch normalization, pools, a residual sum, Flatten and Gemm, Softmax. */
function imageNetwork(): Uint8Array {
  const net = new QdqSketch(1);
  const x = net.quantized('x', 0.02);
  const w = net.weights('int8', [4, 3, 3, 3], [0.01, 0.02, 0.03, 0.04]);
  const conv = net.node('Conv', [x, w, net.constant('float', [4], [0.1, 0, -0.1, 0.2])], {
    pads: [1, 1, 1, 1],
  });
  const normal = net.node('BatchNormalization', [
    conv,
    net.constant('float', [4], [1, -0.5, 2, 0.25]),
    net.constant('float', [4], [0, 0.1, 0.2, 0.3]),
    net.constant('float', [4], [0.5, 0, 0, 0.1]),
    net.constant('float', [4], [1, 2, 0.5, 1]),
  ]);
  const a = net.quantized(net.node('Relu', [normal]), 0.05, -128);
  const pooled = net.node('MaxPool', [a], { kernel_shape: [2, 2], strides: [2, 2] });
  const deep = net.node('Conv', [pooled, net.weights('int4', [4, 1, 3, 3], 0.1)], {
    group: 4,
    pads: [1, 1, 1, 1],
  });
  const b = net.quantized(
    net.node('Clip', [deep, net.constant('float', [], [0]), net.constant('float', [], [6])]),
    0.03,
    -128,
  );
  const sum = net.quantized(net.node('Add', [pooled, b]), 0.06, -100);
  const flat = net.node('Flatten', [sum]);
  const y = net.quantized(
    net.node(
      'Gemm',
      [flat, net.weights('uint4', [5, 36], 0.02), net.constant('float', [5], [1, 2, 3, 4, 5])],
      { transB: 1 },
    ),
    0.5,
    3,
  );
  const out = net.node('Softmax', [y]);
  return net.write(
    { x: { type: 'float', shape: ['N', 3, 6, 6] } },
    { [out]: { type: 'float', shape: [1, 5] } },
  );
}

/** Matrices, slices and tables over a sequence. */
function sequenceNetwork(): Uint8Array {
  const net = new QdqSketch(2);
  const x = net.quantized('x', 0.03, 10);
  const h = net.quantized(
    net.node('MatMul', [
      x,
      net.weights('int4', [8, 6], [0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2], 0, 4),
    ]),
    0.1,
  );
  const gate = net.quantized(net.node('Sigmoid', [h]), 1 / 256, -128);
  const mixed = net.quantized(net.node('Mul', [h, gate]), 0.05);
  const turned = net.node('Transpose', [mixed], { perm: [0, 2, 1] });
  const part = net.node('Slice', [
    turned,
    net.constant('int64', [1], [1]),
    net.constant('int64', [1], [5]),
    net.constant('int64', [1], [1]),
  ]);
  const joined = net.quantized(net.node('Concat', [part, turned], { axis: 1 }), 0.08, 1);
  const mean = net.quantized(
    net.node('ReduceMean', [joined, net.constant('int64', [1], [2])], { keepdims: 0 }),
    0.04,
  );
  const out = net.node('Reshape', [mean, net.constant('int64', [2], [2, -1])]);
  return net.write({ x: { type: 'float', shape: [1, 5, 8] } }, { [out]: { type: 'float', shape: [2, 5] } });
}

/** The operator form, with codes as input and output. */
function operatorNetwork(): Uint8Array {
  const net = new QdqSketch(3);
  const scaled = (scale: number, zero: number) => net.parameters(scale, zero, 'uint8');
  const input = scaled(0.02, 120);
  const middle = scaled(0.05, 0);
  const conv = net.node('QLinearConv', [
    'x',
    ...input,
    net.constant('int8', [4, 2, 3, 3]),
    ...net.parameters(0.01),
    ...middle,
    net.constant('int32', [4]),
  ]);
  const pooled = net.node(
    'QLinearAveragePool',
    [conv, ...middle, ...scaled(0.04, 2)],
    { kernel_shape: [2, 2] },
    'com.microsoft',
  );
  const pool = net.node(
    'QLinearGlobalAveragePool',
    [pooled, ...scaled(0.04, 2), ...scaled(0.04, 2)],
    {},
    'com.microsoft',
  );
  const flat = net.node('Flatten', [pool]);
  const y = net.node(
    'QGemm',
    [
      flat,
      ...scaled(0.04, 2),
      net.constant('int8', [4, 6]),
      ...net.parameters(0.02),
      net.constant('int32', [6]),
      ...scaled(0.1, 128),
    ],
    {},
    'com.microsoft',
  );
  const out = net.node(
    'QLinearAdd',
    [y, ...scaled(0.1, 128), net.constant('uint8', [6]), ...scaled(0.01, 7), ...scaled(0.11, 100)],
    {},
    'com.microsoft',
  );
  return net.write(
    { x: { type: 'uint8', shape: [1, 2, 6, 7] } },
    { [out]: { type: 'uint8', shape: [1, 6] } },
  );
}

/** One operator on random codes, and its input. */
export interface Sample {
  readonly model: Uint8Array;
  readonly type: 'uint8';
  readonly shape: readonly number[];
  readonly input: Uint8Array;
}

/** Operators of the operator form by name, each on several random inputs, scales and zero points. Inputs are matrices, so that order is no matter. */
export function operatorSamples(): Readonly<Record<string, readonly Sample[]>> {
  const [rows, columns] = [64, 64];
  const sample = (
    seed: number,
    make: (net: QdqSketch, x: readonly string[], random: Random) => string,
  ): Sample => {
    const random = new Random(seed);
    const net = new QdqSketch(seed);
    const x = ['x', ...net.parameters(random.integer(10, 99) / 1234, random.integer(0, 255), 'uint8')];
    const out = make(net, x, random);
    const input = Uint8Array.from({ length: rows * columns }, () => random.integer(0, 255));
    const described = { type: 'uint8', shape: [rows, columns] } as const;
    return {
      model: net.write({ x: described }, { [out]: described }),
      type: 'uint8',
      shape: [rows, columns],
      input,
    };
  };
  const series = (make: Parameters<typeof sample>[1]) =>
    Array.from({ length: 10 }, (_, seed) => sample(seed + 1, make));
  const output = (net: QdqSketch, random: Random, scale: number) =>
    net.parameters((scale * random.integer(70, 130)) / 100, random.integer(60, 200), 'uint8');
  const MICROSOFT = 'com.microsoft';
  return {
    QLinearMatMul: series((net, x, random) =>
      net.node('QLinearMatMul', [
        ...x,
        net.constant('int8', [columns, columns]),
        ...net.parameters(0.01),
        ...output(net, random, 0.3),
      ]),
    ),
    QGemm: series((net, x, random) =>
      net.node(
        'QGemm',
        [
          ...x,
          net.constant('int8', [columns, columns]),
          ...net.parameters(0.01),
          net.constant('int32', [columns]),
          ...output(net, random, 0.3),
        ],
        {},
        MICROSOFT,
      ),
    ),
    QLinearAdd: series((net, x, random) =>
      net.node(
        'QLinearAdd',
        [
          ...x,
          net.constant('uint8', [columns]),
          ...net.parameters(0.03, 100, 'uint8'),
          ...output(net, random, 0.08),
        ],
        {},
        MICROSOFT,
      ),
    ),
    QLinearMul: series((net, x, random) =>
      net.node(
        'QLinearMul',
        [
          ...x,
          net.constant('uint8', [columns]),
          ...net.parameters(0.03, 100, 'uint8'),
          ...output(net, random, 0.2),
        ],
        {},
        MICROSOFT,
      ),
    ),
    QLinearSigmoid: series((net, x) =>
      net.node('QLinearSigmoid', [...x, ...net.parameters(1 / 256, 0, 'uint8')], {}, MICROSOFT),
    ),
    QLinearSoftmax: series((net, x) =>
      net.node(
        'QLinearSoftmax',
        [...x, ...net.parameters(1 / 256, 0, 'uint8')],
        { opset: 13, axis: -1 },
        MICROSOFT,
      ),
    ),
    'DequantizeLinear, Relu, QuantizeLinear': series((net, x, random) => {
      const real = net.node('Relu', [net.node('DequantizeLinear', x)]);
      return net.node('QuantizeLinear', [real, ...output(net, random, 0.05)]);
    }),
  };
}

/** How many inputs of a network have recorded outputs. */
export const RECORDED_INPUTS = 8;

/** An input of a network: one of `onnxNetworks` by its name, or a keyword-spotting network that takes spectrograms. */
export function networkInput(
  name: string,
  seed: number,
): { type: 'float32' | 'uint8'; data: Float32Array | Uint8Array; shape: readonly number[] } {
  const random = new Random(seed);
  const shapes: Record<string, readonly number[]> = {
    image: [1, 3, 6, 6],
    sequence: [1, 5, 8],
    operators: [1, 2, 6, 7],
  };
  const shape = shapes[name];
  if (!shape) return { type: 'float32', data: spectrogram(random), shape: [1, 1960] };
  const codes = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.integer(0, 255));
  if (name === 'operators') return { type: 'uint8', data: codes, shape };
  return { type: 'float32', data: Float32Array.from(codes, (code) => (code - 128) / 50), shape };
}

/** 49 rows of 40 channels: four voices that drift slowly, and noise, in steps of 0.1. */
function spectrogram(random: Random): Float32Array {
  const voices = Array.from({ length: 4 }, () => ({
    at: random.integer(0, 39),
    drift: random.integer(-10, 10) / 20,
    level: random.integer(80, 255),
  }));
  return Float32Array.from({ length: 1960 }, (_, i) => {
    const [row, column] = [Math.floor(i / 40), i % 40];
    const heard = voices.map(
      ({ at, drift, level }) => level * Math.exp(-(((column - at - drift * row) / 3) ** 2)),
    );
    return Math.floor(Math.min(255, Math.max(...heard) + random.integer(0, 20))) / 10;
  });
}
