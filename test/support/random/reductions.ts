import { type ActivationType, count, type Recipe, span, type Value } from './builder.js';

function reduction(operator: 'MEAN' | 'SUM'): Recipe {
  return {
    types: ['INT8', 'INT16'],
    ranks: [1, 4],
    apply(b, x) {
      const { random } = b;
      const rank = x.shape.length;
      const all = x.shape.map((_, i) => i);
      const some = random.shuffle(all).slice(0, random.integer(1, rank));
      const axes = rank === 4 && random.chance(0.5) ? [1, 2] : some;
      const keep = random.chance(0.5);
      const shape = x.shape
        .map((size, i) => (axes.includes(i) ? 1 : size))
        .filter((_, i) => keep || !axes.includes(i));
      const n = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
      const terms = operator === 'SUM' ? n : 1;
      // The mean is taken after the shift: the whole sum bounds it, as for SUM.
      const output =
        random.chance(0.2) && operator === 'MEAN'
          ? x
          : b.outputFormat(x.type as ActivationType, x.scale, span(x) * terms, 2 ** 29 / (span(x) * n));
      const written = axes.map((axis) => (random.chance(0.2) ? axis - rank : axis));
      b.operator(operator, [x.id, b.int32(written)], shape, output, { keep_dims: keep });
    },
  };
}

const softmax: Recipe = {
  types: ['INT8', 'INT16'],
  ranks: [1, 4],
  apply(b, x) {
    const narrow = { type: 'INT8', scale: 1 / 256, zeroPoint: -128 } as const;
    const wide = { type: 'INT16', scale: 1 / 65536, zeroPoint: -32768 } as const;
    const output =
      x.type === 'INT16'
        ? ({ type: 'INT16', scale: 1 / 32768, zeroPoint: 0 } as const)
        : b.random.chance(0.8)
          ? narrow
          : wide;
    b.operator('SOFTMAX', [x.id], x.shape, output, { beta: b.random.pick([1, 1, 0.5, 2, 10]) });
  },
};

/** The indices of the greatest elements of `x` along a random axis. */
export const argMax: Recipe = {
  types: ['INT8'],
  ranks: [1, 4],
  apply(b, x) {
    const rank = x.shape.length;
    const axis = b.random.integer(0, rank - 1);
    const shape = x.shape.filter((_, i) => i !== axis);
    const written = b.random.chance(0.3) ? axis - rank : axis;
    b.operator(
      'ARG_MAX',
      [x.id, b.int32([written], [])],
      shape,
      { type: 'INT32', scale: 0, zeroPoint: 0 },
      { output_type: 'INT32' },
    );
  },
};

const l2Normalization: Recipe = {
  types: ['INT8'],
  ranks: [1, 4],
  accepts: (x: Omit<Value, 'id'>) => count(x.shape) > 0,
  apply: (b, x) => {
    b.operator(
      'L2_NORMALIZATION',
      [x.id],
      x.shape,
      { type: 'INT8', scale: 1 / 128, zeroPoint: 0 },
      { fused_activation_function: 'NONE' },
    );
  },
};

export const REDUCTIONS = {
  MEAN: reduction('MEAN'),
  SUM: reduction('SUM'),
  SOFTMAX: softmax,
  ARG_MAX: argMax,
  L2_NORMALIZATION: l2Normalization,
} satisfies Record<string, Recipe>;
