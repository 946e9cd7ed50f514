/** Networks of BitNet b1.58 as QONNX: before each layer its input is quantized by a scale a row. */
import type { ModelSketch, NodeSketch, TensorSketch } from './onnx.js';
import { Random } from './random/random.js';

export interface BitLayers {
  readonly seed: number;
  /** Inputs of the first layer, then outputs of each. */
  readonly sizes: readonly number[];
  /** Positions, which have a scale each. */
  readonly rows?: number;
  /** Bits of the activations between layers. */
  readonly bits?: 8 | 16;
  readonly perChannel?: boolean;
  readonly bias?: boolean;
  /** Where the epsilon is: none, or before the division, or behind it. */
  readonly epsilon?: 'Max' | 'Clip';
  /** The last layer is not quantized. */
  readonly open?: boolean;
  /** What the absmax is divided by; 127 unless given. */
  readonly steps?: 127 | 128;
}

const DOMAIN = 'qonnx.custom_op.general';

/** x [rows, sizes[0]] of float, quantized as it comes in. Activations of quantizers between layers are outputs as well. */
export function bitLayers(options: BitLayers): ModelSketch {
  const {
    seed,
    sizes,
    rows = 1,
    bits = 8,
    perChannel = false,
    bias = false,
    epsilon,
    open = false,
    steps = 127,
  } = options;
  const random = new Random(seed);
  const nodes: NodeSketch[] = [];
  const constants: Record<string, TensorSketch> = {
    zero: scalar(0),
    eight: scalar(8),
    two: scalar(2),
    most: scalar(steps),
    epsilon: scalar(1e-5),
    least: scalar(1e-5 / steps),
    axes: { type: 'int64', shape: [1], data: [-1] },
    // int16 has no Quant.
    word: { type: 'int16', shape: [], data: [0] },
  };
  const outputs: Record<string, { type: 'float'; shape: readonly number[] }> = {};
  const add = (
    op: string,
    inputs: readonly string[],
    attributes: NodeSketch['attributes'] = {},
    domain = '',
  ) => {
    const name = `${op.toLowerCase()}${nodes.length}`;
    nodes.push({ op, domain, inputs, outputs: [name], attributes });
    return name;
  };
  const constant = (shape: readonly number[], data: readonly number[]) => {
    const name = `c${Object.keys(constants).length}`;
    constants[name] = { type: 'float', shape, data: data.map(Math.fround) };
    return name;
  };
  const fixed = (x: string, size: number, reach: number) => {
    const scale = constant([], [reach / (bits === 8 ? 127 : 32767)]);
    const y =
      bits === 8
        ? add('Quant', [x, scale, 'zero', 'eight'], { signed: 1, narrow: 0, rounding_mode: 'ROUND' }, DOMAIN)
        : add('DequantizeLinear', [add('QuantizeLinear', [x, scale, 'word']), scale, 'word']);
    outputs[y] = { type: 'float', shape: [rows, size] };
    return y;
  };
  const byRows = (x: string) => {
    const absmax = add('ReduceMax', [add('Abs', [x]), 'axes'], { keepdims: 1 });
    const bounded = epsilon === 'Max' ? add('Max', [absmax, 'epsilon']) : absmax;
    const divided = add('Div', [bounded, 'most']);
    const scale = epsilon === 'Clip' ? add('Clip', [divided, 'least']) : divided;
    return add(
      'Quant',
      [x, scale, 'zero', 'eight'],
      { signed: 1, narrow: 0, rounding_mode: 'ROUND' },
      DOMAIN,
    );
  };
  let x = fixed('x', sizes[0]!, 4);
  sizes.slice(1).forEach((size, i) => {
    const inputs = sizes[i]!;
    const floats = Array.from({ length: inputs * size }, () => random.real() * 2 - 1);
    const scales = Array.from({ length: perChannel ? size : 1 }, () => 0.5 + random.real());
    const scale = constant(perChannel ? [1, size] : [], scales);
    const w = add(
      'Quant',
      [constant([inputs, size], floats), scale, 'zero', 'two'],
      { signed: 1, narrow: 1 },
      DOMAIN,
    );
    x = add('MatMul', [byRows(x), w]);
    const offsets = Array.from({ length: size }, () => random.real() * 4 - 2);
    if (bias) x = add('Add', [x, constant([size], offsets)]);
    if (i < sizes.length - 2) x = add('Relu', [x]);
    else if (open) outputs[x] = { type: 'float', shape: [rows, size] };
    if (i < sizes.length - 2 || !open) x = fixed(x, size, 2 * Math.sqrt(inputs));
  });
  return { nodes, constants, inputs: { x: { type: 'float', shape: [rows, sizes[0]!] } }, outputs };
}

function scalar(value: number): TensorSketch {
  return { type: 'float', shape: [], data: [value] };
}
