/**
 * A plain evaluation of ONNX models with float32 tensors, node by node, as the definitions of ONNX and QONNX say: what imported models
 * are compared with. Sums are added in double precision and rounded once, so that sums of exact products are exact.
 */
import type { OnnxModel, OnnxNode } from '../../src/import/onnx/model.js';

export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const fl = Math.fround;

/** A model's evaluation: every value by name, from its inputs. Shapes and float32 numbers are kept in doubles. */
export function floatModel(model: OnnxModel): (inputs: readonly Values[]) => ReadonlyMap<string, Values> {
  const fixed = new Map<string, Values>();
  for (const [name, { shape, data }] of model.constants)
    fixed.set(name, { shape, data: Float64Array.from(data) });
  // What depends on constants alone is computed once.
  const varying = model.nodes.filter((node) => {
    if (!node.inputs.every((name) => name === '' || fixed.has(name))) return true;
    apply(node, fixed);
    return false;
  });
  return (inputs) => {
    const values = new Map(fixed);
    for (const [i, { name }] of model.inputs.entries()) values.set(name, inputs[i]!);
    for (const node of varying) apply(node, values);
    return values;
  };
}

/** Adds the outputs of a node to the values. */
function apply(node: OnnxNode, values: Map<string, Values>): void {
  const operator = OPERATORS[node.op];
  if (!operator) throw new Error(`no ${node.op}`);
  const operands = node.inputs.map((name) => values.get(name) ?? NONE) as [Values, ...Values[]];
  for (const [i, made] of [operator(new Call(node), ...operands)].flat().entries())
    values.set(node.outputs[i]!, made);
}

const NONE: Values = { shape: [], data: new Float64Array() };

class Call {
  readonly node: OnnxNode;
  constructor(node: OnnxNode) {
    this.node = node;
  }
  number(name: string, fallback: number): number {
    return Number(this.node.attributes.get(name) ?? fallback);
  }
  numbers(name: string, fallback: readonly number[]): readonly number[] {
    return (this.node.attributes.get(name) as readonly number[] | undefined) ?? fallback;
  }
}

/** What it gives is its output, or all of them. */
type Operator = (call: Call, x: Values, ...more: Values[]) => Values | Values[];

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

function mapped(x: Values, f: (value: number, i: number) => number): Values {
  return { shape: x.shape, data: x.data.map((value, i) => fl(f(value, i))) };
}

/** Broadcast as NumPy does. */
function pairwise(f: (a: number, b: number) => number): Operator {
  return (_, a, b) => combined(f, a, b!);
}

function combined(f: (a: number, b: number) => number, a: Values, b: Values): Values {
  if (b.data.length === 1 && b.shape.length <= a.shape.length)
    return mapped(a, (value) => f(value, b.data[0]!));
  const rank = Math.max(a.shape.length, b.shape.length);
  const sizes = (x: Values) => [...Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const [left, right] = [sizes(a), sizes(b)];
  const shape = left.map((size, d) => Math.max(size, right[d]!));
  const data = new Float64Array(count(shape));
  for (let i = 0; i < data.length; i++)
    data[i] = fl(f(a.data[source(shape, left, i)]!, b.data[source(shape, right, i)]!));
  return { shape, data };
}

/** Index in an array of `sizes` that is broadcast to `shape`. */
function source(shape: readonly number[], sizes: readonly number[], i: number): number {
  let [rest, at, stride] = [i, 0, 1];
  for (let d = shape.length - 1; d >= 0; d--) {
    const index = rest % shape[d]!;
    rest = Math.floor(rest / shape[d]!);
    if (sizes[d] !== 1) at += index * stride;
    stride *= sizes[d]!;
  }
  return at;
}

function transposed(x: Values, perm: readonly number[]): Values {
  const shape = perm.map((d) => x.shape[d]!);
  const strides = x.shape.map((_, d) => count(x.shape.slice(d + 1)));
  const data = new Float64Array(x.data.length);
  for (let i = 0; i < data.length; i++) {
    let [rest, at] = [i, 0];
    for (let d = shape.length - 1; d >= 0; d--) {
      at += (rest % shape[d]!) * strides[perm[d]!]!;
      rest = Math.floor(rest / shape[d]!);
    }
    data[i] = x.data[at]!;
  }
  return { shape, data };
}

function product(a: Values, b: Values): Values {
  const [k, n] = b.shape as [number, number];
  const rows = a.data.length / k;
  const data = new Float64Array(rows * n);
  for (let m = 0; m < rows; m++) {
    const sums = data.subarray(m * n, (m + 1) * n);
    for (let i = 0; i < k; i++) {
      const factor = a.data[m * k + i]!;
      for (let o = 0; o < n; o++) sums[o]! += factor * b.data[i * n + o]!;
    }
  }
  data.forEach((sum, i) => {
    data[i] = fl(sum);
  });
  return { shape: [...a.shape.slice(0, -1), n], data };
}

/** For each output position of an image its taps inside of the image. */
function windows(
  call: Call,
  [height, width]: readonly [number, number],
  [kh, kw]: readonly [number, number],
  visit: (y: number, x: number, taps: readonly { at: number; tap: number }[]) => void,
): readonly [number, number] {
  const [sh = 1, sw = 1] = call.numbers('strides', [1, 1]);
  const [top = 0, left = 0, bottom = 0, right = 0] = call.numbers('pads', [0, 0, 0, 0]);
  const size: [number, number] = [
    Math.floor((height + top + bottom - kh) / sh) + 1,
    Math.floor((width + left + right - kw) / sw) + 1,
  ];
  for (let y = 0; y < size[0]; y++) {
    for (let x = 0; x < size[1]; x++) {
      const taps: { at: number; tap: number }[] = [];
      for (let i = 0; i < kh * kw; i++) {
        const [iy, ix] = [y * sh - top + Math.floor(i / kw), x * sw - left + (i % kw)];
        if (iy >= 0 && iy < height && ix >= 0 && ix < width) taps.push({ at: iy * width + ix, tap: i });
      }
      visit(y, x, taps);
    }
  }
  return size;
}

const conv: Operator = (call, x, w, bias) => {
  const [, , height, width] = x.shape as [number, number, number, number];
  const [outputs, depth, kh, kw] = w!.shape as [number, number, number, number];
  const perGroup = outputs / call.number('group', 1);
  const sums: number[][] = Array.from({ length: outputs }, () => []);
  const size = windows(call, [height, width], [kh, kw], (_y, _x, taps) => {
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let c = 0; c < depth; c++) {
        const plane = (Math.floor(o / perGroup) * depth + c) * height * width;
        for (const { at, tap } of taps)
          sum += x.data[plane + at]! * w!.data[(o * depth + c) * kh * kw + tap]!;
      }
      sums[o]!.push(bias?.data.length ? fl(fl(sum) + bias.data[o]!) : fl(sum));
    }
  });
  return { shape: [1, outputs, ...size], data: Float64Array.from(sums.flat()) };
};

function pool(reduce: (list: readonly number[]) => number): Operator {
  return (call, x) => {
    const [, channels, height, width] = x.shape as [number, number, number, number];
    const kernel = call.numbers('kernel_shape', [1, 1]) as readonly [number, number];
    let size: readonly [number, number] = [0, 0];
    const planes = Array.from({ length: channels }, (_, c) => {
      const out: number[] = [];
      size = windows(call, [height, width], kernel, (_y, _x, taps) =>
        out.push(fl(reduce(taps.map(({ at }) => x.data[c * height * width + at]!)))),
      );
      return out;
    });
    return { shape: [1, channels, ...size], data: Float64Array.from(planes.flat()) };
  };
}

const halfEven = (x: number) => {
  const floor = Math.floor(x);
  return x - floor > 0.5 || (x - floor === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
};

/** The definition's function body, but for data that are zeros alone, of which it says nothing. */
const dynamicQuantize: Operator = (_, x) => {
  const [low, high] = [Math.min(0, ...x.data), Math.max(0, ...x.data)];
  const scale = fl((fl(high - low) || 1) / 255);
  const saturated = (value: number) => Math.min(Math.max(value, 0), 255);
  const zero = halfEven(saturated(fl(0 - fl(low / scale))));
  const codes = mapped(x, (value) => saturated(halfEven(fl(value / scale)) + zero));
  const number = (value: number): Values => ({ shape: [], data: Float64Array.of(value) });
  return [codes, number(scale), number(zero)];
};

/** Codes less their zero points, of weights one for all or one an index of the last dimension or of the first. */
function differences(x: Values, zero: Values | undefined, along: 'last' | 'first'): Values {
  const points = zero?.data.length ? zero.data : Float64Array.of(0);
  const inner = along === 'last' ? 1 : count(x.shape.slice(1));
  return {
    shape: x.shape,
    data: x.data.map((code, i) => code - points[Math.floor(i / inner) % points.length]!),
  };
}

const ROUNDINGS: Readonly<Record<string, (x: number) => number>> = {
  ROUND: halfEven,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  UP: (x) => Math.sign(x) * Math.ceil(Math.abs(x)),
  DOWN: Math.trunc,
  HALF_UP: (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5),
  HALF_DOWN: (x) => Math.sign(x) * Math.ceil(Math.abs(x) - 0.5),
};

const quant: Operator = (call, x, scale, zero, bits) => {
  const signed = call.number('signed', 1) === 1;
  const narrow = call.number('narrow', 0);
  const n = bits!.data[0]!;
  const most = signed ? 2 ** (n - 1) - 1 : 2 ** n - 1 - narrow;
  const least = signed ? -(2 ** (n - 1)) + narrow : 0;
  const round = ROUNDINGS[String(call.node.attributes.get('rounding_mode') ?? 'ROUND')]!;
  const place = combined(
    (a, b) => a + b,
    combined((a, b) => a / b, x, scale!),
    zero!,
  );
  const codes = mapped(place, (value) =>
    n === 1 && signed ? (value >= 0 ? 1 : -1) : round(Math.min(Math.max(value, least), most)),
  );
  return combined(
    (a, b) => a * b,
    combined((a, b) => a - b, codes, zero!),
    scale!,
  );
};

const trunc: Operator = (call, x, scale, zero, bits, outBits) => {
  const round = ROUNDINGS[String(call.node.attributes.get('rounding_mode') ?? 'FLOOR')]!;
  const [s, z] = [scale!.data[0]!, zero!.data[0]!];
  const divisor = 2 ** (bits!.data[0]! - outBits!.data[0]!);
  return mapped(x, (value) => (round(halfEven(fl(fl(value / s) + z)) / divisor) - z) * s);
};

const normalization: Operator = (call, x, gamma, beta, mean, variance) => {
  const channels = x.shape[1]!;
  const inner = count(x.shape.slice(2));
  const epsilon = call.number('epsilon', 1e-5);
  return mapped(x, (value, i) => {
    const c = Math.floor(i / inner) % channels;
    const deviation = fl(Math.sqrt(fl(variance!.data[c]! + fl(epsilon))));
    return fl(fl(gamma!.data[c]! * fl(value - mean!.data[c]!)) / deviation) + beta!.data[c]!;
  });
};

const list = (data: readonly number[]): Values => ({ shape: [data.length], data: Float64Array.from(data) });

const OPERATORS: Readonly<Record<string, Operator>> = {
  Abs: (_, x) => mapped(x, Math.abs),
  Add: pairwise((a, b) => a + b),
  AveragePool: pool((values) => values.reduce((a, b) => a + b, 0) / values.length),
  BatchNormalization: normalization,
  Cast: (_, x) => mapped(x, (value) => value),
  BipolarQuant: (_, x, scale) => combined((value, s) => (value >= 0 ? s : -s), x, scale!),
  Clip: (_, x, low, high) =>
    mapped(x, (value) => Math.min(Math.max(value, low!.data[0]!), high?.data[0] ?? Number.POSITIVE_INFINITY)),
  Concat: (call, ...parts) => {
    const axis = call.number('axis', 0);
    const { shape } = parts[0]!;
    const outer = count(shape.slice(0, axis));
    const data = Array.from({ length: outer }, (_, i) =>
      parts.flatMap((part) => [
        ...part.data.subarray((i * part.data.length) / outer, ((i + 1) * part.data.length) / outer),
      ]),
    );
    const size = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    return { shape: shape.with(axis, size), data: Float64Array.from(data.flat()) };
  },
  Conv: conv,
  ConvInteger: (call, x, w, zero, points) =>
    conv(call, differences(x, zero, 'last'), differences(w!, points, 'first'), NONE),
  // The codes of what QuantizeLinear makes stand for themselves.
  DequantizeLinear: (_, x, scale) => mapped(x, (code) => code * scale!.data[0]!),
  Div: pairwise((a, b) => a / b),
  DynamicQuantizeLinear: dynamicQuantize,
  Flatten: (_, x) => ({ ...x, shape: [x.shape[0]!, count(x.shape.slice(1))] }),
  Gather: (_, x, indices) => ({ shape: indices!.shape, data: indices!.data.map((i) => x.data[i]!) }),
  Gemm: (call, a, b, c) => {
    const sum = product(a, call.number('transB', 0) === 1 ? transposed(b!, [1, 0]) : b!);
    return c?.data.length ? combined((x, y) => x + y, sum, c) : sum;
  },
  IntQuant: quant,
  MatMul: (_, a, b) => product(a, b!),
  MatMulInteger: (_, a, b, zero, points) =>
    product(differences(a, zero, 'last'), differences(b!, points, 'last')),
  Max: pairwise(Math.max),
  MaxPool: pool((values) => Math.max(...values)),
  Mul: pairwise((a, b) => a * b),
  MultiThreshold: (call, x, thresholds) => {
    const [channels, steps] = thresholds!.shape as [number, number];
    const inner = count(x.shape.slice(2));
    return mapped(x, (value, i) => {
      const c = channels === 1 ? 0 : Math.floor(i / inner) % channels;
      const row = thresholds!.data.subarray(c * steps, (c + 1) * steps);
      const reached = row.filter((threshold) => value >= threshold).length;
      return call.number('out_scale', 1) * reached + call.number('out_bias', 0);
    });
  },
  Neg: (_, x) => mapped(x, (value) => -value),
  Pow: pairwise((a, b) => a ** b),
  PRelu: pairwise((x, slope) => (x < 0 ? x * slope : x)),
  Quant: quant,
  // To int16.
  QuantizeLinear: (_, x, scale) =>
    mapped(x, (value) => Math.min(Math.max(halfEven(fl(value / scale!.data[0]!)), -32768), 32767)),
  // Of rows, which stay.
  ReduceMax: (_, x) => {
    const depth = x.shape.at(-1)!;
    const data = Float64Array.from({ length: x.data.length / depth }, (_row, i) =>
      Math.max(...x.data.subarray(i * depth, (i + 1) * depth)),
    );
    return { shape: [...x.shape.slice(0, -1), 1], data };
  },
  ReduceMean: (_, x) => {
    const [n, channels, ...sizes] = x.shape as [number, number, ...number[]];
    const area = count(sizes);
    const data = Float64Array.from({ length: channels }, (_, c) =>
      fl(fl(x.data.subarray(c * area, (c + 1) * area).reduce((a, b) => a + b, 0)) / area),
    );
    return { shape: [n, channels], data };
  },
  Relu: (_, x) => mapped(x, (value) => Math.max(value, 0)),
  Reshape: (_, x, shape) => {
    const sizes = [...shape!.data].map((size, d) => (size === 0 ? x.shape[d]! : size));
    const rest = x.data.length / count(sizes.filter((size) => size >= 0));
    return { ...x, shape: sizes.map((size) => (size < 0 ? rest : size)) };
  },
  Shape: (_, x) => list([...x.shape]),
  Sigmoid: (_, x) => mapped(x, (value) => 1 / (1 + Math.exp(-value))),
  Sub: pairwise((a, b) => a - b),
  Tanh: (_, x) => mapped(x, Math.tanh),
  Transpose: (call, x) =>
    transposed(
      x,
      call.numbers(
        'perm',
        x.shape.map((_, d) => x.shape.length - 1 - d),
      ),
    ),
  Trunc: trunc,
  Unsqueeze: (call, x) => {
    const shape = [...x.shape];
    for (const axis of call.numbers('axes', [])) shape.splice(axis, 0, 1);
    return { ...x, shape };
  },
};
