import {
  type ActivationType,
  CODES,
  type ModelBuilder,
  type Recipe,
  sameValueFormat,
  span,
  type Value,
  type ValueFormat,
} from './builder.js';

const BOTH = ['INT8', 'INT16'] as const;
const BYTE = ['INT8'] as const;

function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const at = (shape: readonly number[], i: number) => shape[i - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, i) => Math.max(at(a, i), at(b, i)));
}

/** The second operand of a binary operator: another value, a constant, a new input, or `x` itself; maybe broadcast. */
function operand(
  b: ModelBuilder,
  x: Value,
  format: () => ValueFormat,
  accepts: (f: ValueFormat) => boolean,
): Value {
  const { random } = b;
  const others = b.values.filter(
    (v) =>
      v.id !== x.id &&
      v.type === x.type &&
      accepts(v) &&
      v.shape.length === x.shape.length &&
      v.shape.every((d, i) => d === x.shape[i]),
  );
  if (others.length > 0 && random.chance(0.4)) return random.pick(others);
  if (random.chance(0.08)) return x;
  const full = x.shape.map((size) => {
    if (size === 1) return random.chance(0.2) ? 2 : 1;
    return random.chance(0.35) ? 1 : size;
  });
  const shape = random.pick([x.shape, full, full, [x.shape.at(-1)!], [1]]);
  const chosen = format();
  if (random.chance(0.4)) return b.input(shape, chosen);
  return { id: b.constant(shape, chosen), shape, ...chosen };
}

function binary(operator: 'ADD' | 'SUB' | 'MUL'): Recipe {
  return {
    types: BOTH,
    ranks: [1, 4],
    apply(b, x) {
      const { random } = b;
      const type = x.type as ActivationType;
      const format = () => (random.chance(0.2) ? { ...b.format(type), scale: x.scale } : b.format(type));
      const y = operand(b, x, format, () => true);
      const output =
        operator === 'MUL'
          ? b.outputFormat(type, x.scale * y.scale, span(x) * span(y))
          : sumFormat(b, type, x, y);
      const operands = random.shuffle([x, y]);
      b.operator(
        operator,
        operands.map((v) => v.id),
        broadcastShape(x.shape, y.shape),
        output,
        { fused_activation_function: b.activation() },
      );
    },
  };
}

/** ADD and SUB need 2 * max(s1, s2) < 2^20 * s_out (2^15 with 16 bits). */
function sumFormat(b: ModelBuilder, type: ActivationType, x: Value, y: Value): ValueFormat {
  const reach = b.random.pick([
    () => b.random.powerOfTwo(-2, 2),
    () => b.random.powerOfTwo(type === 'INT8' ? -17 : -12, 10),
  ])();
  return { ...b.format(type), scale: Math.fround(Math.max(x.scale, y.scale) * reach) };
}

function extremum(operator: 'MAXIMUM' | 'MINIMUM'): Recipe {
  return {
    types: BOTH,
    ranks: [1, 4],
    apply(b, x) {
      const y = operand(
        b,
        x,
        () => ({ type: x.type, scale: x.scale, zeroPoint: x.zeroPoint }),
        (f) => sameValueFormat(f, x),
      );
      b.operator(operator, [x.id, y.id], broadcastShape(x.shape, y.shape), x);
    },
  };
}

const outputOf = (type: string, scales: Readonly<Record<string, readonly [number, number]>>): ValueFormat => {
  const [scale, zeroPoint] = scales[type]!;
  return { type: type as ActivationType, scale, zeroPoint };
};

// TFLM's 16-bit sigmoid takes scales up to 32767 / (4096 * 3).
const tableInput = (x: Omit<Value, 'id'>) => x.type === 'INT8' || x.scale * 12288 <= 32767;

const logistic: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  accepts: tableInput,
  apply: (b, x) => {
    b.operator(
      'LOGISTIC',
      [x.id],
      x.shape,
      outputOf(x.type, { INT8: [1 / 256, -128], INT16: [1 / 32768, 0] }),
    );
  },
};

const tanh: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  accepts: tableInput,
  apply: (b, x) => {
    b.operator('TANH', [x.id], x.shape, outputOf(x.type, { INT8: [1 / 128, 0], INT16: [1 / 32768, 0] }));
  },
};

/** An operator of one input whose output may have any format that keeps `s_in / s_out * gain` shiftable. */
function unary(
  operator: string,
  types: readonly ActivationType[],
  gain: (b: ModelBuilder) => {
    readonly gain: number;
    readonly options: Readonly<Record<string, number | boolean>>;
  },
): Recipe {
  return {
    types,
    ranks: [1, 4],
    apply(b, x) {
      const { gain: g, options } = gain(b);
      const reach = span(x) * Math.max(1, Math.abs(g));
      b.operator(
        operator,
        [x.id],
        x.shape,
        b.outputFormat(x.type as ActivationType, x.scale, reach),
        options,
      );
    },
  };
}

const hardSwish: Recipe = {
  types: BYTE,
  ranks: [1, 4],
  apply(b, x) {
    // The output multiplier s_in / (128 * s_out) must be below 1.
    const output = b.outputFormat('INT8', x.scale, span(x), 120);
    b.operator('HARD_SWISH', [x.id], x.shape, output);
  },
};

const relu: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply(b, x) {
    const output = b.random.chance(0.5) ? x : b.outputFormat(x.type as ActivationType, x.scale, span(x));
    b.operator('RELU', [x.id], x.shape, output);
  },
};

function bounded(operator: 'RELU6' | 'RELU_N1_TO_1', high: number): Recipe {
  return {
    types: BOTH,
    ranks: [1, 4],
    // TFLM rejects a bound that is not a code.
    accepts: (x) => x.zeroPoint + Math.round(high / x.scale) <= CODES[x.type as ActivationType].max,
    apply: (b, x) => {
      b.operator(operator, [x.id], x.shape, x);
    },
  };
}

const prelu: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply(b, x) {
    const type = x.type as ActivationType;
    const alpha = b.format('INT8');
    const shape = b.random.pick([
      [1],
      [x.shape.at(-1)!],
      x.shape,
      x.shape.map((d, i) => (i === x.shape.length - 1 ? d : 1)),
    ]);
    const reach = span(x) * Math.max(1, span(alpha) * alpha.scale);
    const peakShift = 2 ** 29 / (span(x) * span(alpha));
    const output = b.outputFormat(type, x.scale, reach, Math.min(peakShift / alpha.scale, 2 ** 29 / span(x)));
    b.operator('PRELU', [x.id, b.constant(shape, alpha)], x.shape, output);
  },
};

const FLOAT: ValueFormat = { type: 'FLOAT32', scale: 0, zeroPoint: 0 };

const quantize: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply(b, x) {
    const type = b.random.pick<ActivationType>(['INT8', 'INT8', 'INT16']);
    const same = type === x.type && b.random.chance(0.1);
    const output = same ? x : b.outputFormat(type, x.scale, span(x));
    const source = b.random.chance(0.2) ? b.operator('DEQUANTIZE', [x.id], x.shape, FLOAT) : x;
    b.operator('QUANTIZE', [source.id], x.shape, output);
  },
};

const dequantize: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply: (b, x) => {
    b.operator('DEQUANTIZE', [x.id], x.shape, FLOAT);
  },
};

const none = { gain: 1, options: {} };

export const ELEMENTWISE = {
  ADD: binary('ADD'),
  SUB: binary('SUB'),
  MUL: binary('MUL'),
  MAXIMUM: extremum('MAXIMUM'),
  MINIMUM: extremum('MINIMUM'),
  LOGISTIC: logistic,
  TANH: tanh,
  HARD_SWISH: hardSwish,
  GELU: unary('GELU', BYTE, (b) => ({ ...none, options: { approximate: b.random.chance(0.5) } })),
  LEAKY_RELU: unary('LEAKY_RELU', BOTH, (b) => {
    const alpha = b.random.pick([0.01, 0.1, 0.2, 0, 1, -0.5, 1.5]);
    return { gain: alpha, options: { alpha: Math.fround(alpha) } };
  }),
  PRELU: prelu,
  RELU: relu,
  RELU6: bounded('RELU6', 6),
  RELU_N1_TO_1: bounded('RELU_N1_TO_1', 1),
  QUANTIZE: quantize,
  DEQUANTIZE: dequantize,
} satisfies Record<string, Recipe>;
