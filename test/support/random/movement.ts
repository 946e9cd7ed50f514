import {
  CODES,
  count,
  type ModelBuilder,
  type Recipe,
  sameValueFormat,
  type Value,
  type ValueFormat,
} from './builder.js';

const BOTH = ['INT8', 'INT16'] as const;

const formatOf = (x: ValueFormat): ValueFormat => ({ type: x.type, scale: x.scale, zeroPoint: x.zeroPoint });

function axisOf(b: ModelBuilder, rank: number): { readonly axis: number; readonly written: number } {
  const axis = b.random.integer(0, rank - 1);
  return { axis, written: b.random.chance(0.3) ? axis - rank : axis };
}

/** Values of x's format and shape (apart from `axis`), or new inputs or constants that are. */
function companions(b: ModelBuilder, x: Value, extra: number, axis: number | null): Value[] {
  return Array.from({ length: extra }, () => {
    const live = b.values.filter(
      (v) =>
        sameValueFormat(v, x) &&
        v.shape.length === x.shape.length &&
        v.shape.every((d, i) => i === axis || d === x.shape[i]),
    );
    if (b.random.chance(0.5)) return b.random.pick(live);
    const shape = x.shape.map((size, i) => (i === axis ? b.random.integer(1, 4) : size));
    if (b.random.chance(0.6)) return b.input(shape, formatOf(x));
    return { id: b.constant(shape, formatOf(x)), shape, ...formatOf(x) };
  });
}

const concatenation: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply(b, x) {
    const { axis, written } = axisOf(b, x.shape.length);
    const parts = b.random.shuffle([x, ...companions(b, x, b.random.pick([0, 1, 1, 2, 3]), axis)]);
    const size = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    const shape = x.shape.map((d, i) => (i === axis ? size : d));
    b.operator(
      'CONCATENATION',
      parts.map((p) => p.id),
      shape,
      x,
      { axis: written, fused_activation_function: 'NONE' },
    );
  },
};

function pad(operator: 'PAD' | 'PADV2'): Recipe {
  return {
    types: BOTH,
    ranks: [1, 4],
    apply(b, x) {
      const { random } = b;
      const spatialOnly = x.shape.length === 4 && random.chance(0.75);
      const amounts = x.shape.map((_, i) =>
        spatialOnly && (i === 0 || i === 3) ? [0, 0] : [random.pick([0, 1, 1, 2]), random.pick([0, 1, 1, 3])],
      );
      const shape = x.shape.map((size, i) => size + amounts[i]![0]! + amounts[i]![1]!);
      const { min, max } = CODES[x.type as 'INT8' | 'INT16'];
      const value = random.pick([min, max, x.zeroPoint, random.integer(min, max)]);
      const data = x.type === 'INT8' ? Int8Array.of(value) : Int16Array.of(value);
      const quantization = { scales: [x.scale], zeroPoints: [x.zeroPoint] };
      const constant = () => b.tensor({ type: x.type, shape: [1], data, quantization });
      const paddings = b.int32(amounts.flat(), [x.shape.length, 2]);
      b.operator(operator, operator === 'PAD' ? [x.id, paddings] : [x.id, paddings, constant()], shape, x);
    },
  };
}

const reshape: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply(b, x) {
    const { random } = b;
    const total = count(x.shape);
    const factor = random.pick(Array.from({ length: total }, (_, i) => i + 1).filter((d) => total % d === 0));
    const shape = random.pick([
      [total],
      [1, total],
      [factor, total / factor],
      [1, factor, total / factor],
      [1, factor, 1, total / factor],
    ]);
    const inferred = random.integer(0, shape.length - 1);
    const written = random.chance(0.3) ? shape.map((size, i) => (i === inferred ? -1 : size)) : shape;
    b.operator('RESHAPE', [x.id, b.int32(written)], shape, x, { new_shape: written });
  },
};

const squeeze: Recipe = {
  types: BOTH,
  ranks: [2, 4],
  inputShape: (b) => b.shape(3).map((size, i) => (i === 1 ? 1 : size)),
  accepts: (x) => x.shape.includes(1) && x.shape.some((size) => size > 1),
  apply(b, x) {
    const ones = x.shape.flatMap((size, i) => (size === 1 ? [i] : []));
    const dropped = b.random.chance(0.5) ? ones : [b.random.pick(ones)];
    const shape = x.shape.filter((_, i) => !dropped.includes(i));
    b.operator('SQUEEZE', [x.id], shape, x, { squeeze_dims: dropped });
  },
};

const expandDims: Recipe = {
  types: BOTH,
  ranks: [1, 3],
  apply(b, x) {
    const axis = b.random.integer(0, x.shape.length);
    const shape = [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)];
    const written = b.random.chance(0.3) ? axis - x.shape.length - 1 : axis;
    b.operator('EXPAND_DIMS', [x.id, b.int32([written])], shape, x);
  },
};

const transpose: Recipe = {
  types: BOTH,
  ranks: [2, 4],
  apply(b, x) {
    const identity = x.shape.map((_, i) => i);
    const perm = b.random.chance(0.1) ? identity : b.random.shuffle(identity);
    b.operator(
      'TRANSPOSE',
      [x.id, b.int32(perm)],
      perm.map((p) => x.shape[p]!),
      x,
    );
  },
};

const slice: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply(b, x) {
    const begin = x.shape.map((size) => (b.random.chance(0.4) ? 0 : b.random.integer(0, size - 1)));
    const shape = x.shape.map((size, i) =>
      b.random.chance(0.4) ? size - begin[i]! : b.random.integer(1, size - begin[i]!),
    );
    const written = shape.map((size, i) =>
      size === x.shape[i]! - begin[i]! && b.random.chance(0.3) ? -1 : size,
    );
    b.operator('SLICE', [x.id, b.int32(begin), b.int32(written)], shape, x);
  },
};

const stridedSlice: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply(b, x) {
    const { random } = b;
    const dimensions = x.shape.map((size, i) => {
      const stride = random.pick([1, 1, 1, 2, 3, -1, -2]);
      if (random.chance(0.4)) {
        // Masked: the written bounds do not count.
        return { bit: 1 << i, shrunk: 0, stride, begin: 0, end: 0, size: Math.ceil(size / Math.abs(stride)) };
      }
      const first = random.integer(0, size - 1);
      const steps = random.integer(1, stride > 0 ? size - first : first + 1);
      const end = first + Math.sign(stride) * steps;
      const shrunk = random.chance(0.15) && x.shape.length > 1 ? 1 << i : 0;
      const begin = random.chance(0.3) ? first - size : first;
      if (shrunk !== 0) return { bit: 0, shrunk, stride: 1, begin, end: begin + 1, size: 1 };
      // A bound of -1 would mean "the last": only a mask can name the place before the first.
      if (end < 0) return { bit: 0, shrunk, stride, begin, end: -size - 1, size: Math.ceil(steps / -stride) };
      return { bit: 0, shrunk, stride, begin, end, size: Math.ceil(steps / Math.abs(stride)) };
    });
    const shape = dimensions.filter((d) => d.shrunk === 0).map((d) => d.size);
    const mask = dimensions.reduce((bits, d) => bits | d.bit, 0);
    b.operator(
      'STRIDED_SLICE',
      [
        x.id,
        b.int32(dimensions.map((d) => d.begin)),
        b.int32(dimensions.map((d) => d.end)),
        b.int32(dimensions.map((d) => d.stride)),
      ],
      shape,
      x,
      {
        begin_mask: mask,
        end_mask: mask,
        shrink_axis_mask: dimensions.reduce((bits, d) => bits | d.shrunk, 0),
      },
    );
  },
};

const split: Recipe = {
  types: BOTH,
  ranks: [1, 4],
  apply(b, x) {
    const { axis, written } = axisOf(b, x.shape.length);
    const parts = b.random.pick([1, 2, 3, 4, 5].filter((n) => x.shape[axis]! % n === 0));
    const shape = x.shape.map((size, i) => (i === axis ? size / parts : size));
    b.multiOutput('SPLIT', [b.int32([written], []), x.id], new Array(parts).fill(shape), x, {
      num_splits: parts,
    });
  },
};

const pack: Recipe = {
  types: BOTH,
  ranks: [1, 3],
  apply(b, x) {
    const { axis, written } = axisOf(b, x.shape.length + 1);
    const parts = b.random.shuffle([x, ...companions(b, x, b.random.integer(0, 2), null)]);
    const shape = [...x.shape.slice(0, axis), parts.length, ...x.shape.slice(axis)];
    b.operator(
      'PACK',
      parts.map((p) => p.id),
      shape,
      x,
      { values_count: parts.length, axis: written },
    );
  },
};

const unpack: Recipe = {
  types: BOTH,
  ranks: [2, 4],
  inputShape: (b) => b.shape(3).map((size, i) => (i === 1 ? b.random.integer(1, 5) : size)),
  accepts: (x) => x.shape.some((size) => size <= 5),
  apply(b, x) {
    const axis = b.random.pick(x.shape.flatMap((size, i) => (size <= 5 ? [i] : [])));
    const num = x.shape[axis]!;
    const shape = x.shape.filter((_, i) => i !== axis);
    const written = b.random.chance(0.3) ? axis - x.shape.length : axis;
    b.multiOutput('UNPACK', [x.id], new Array(num).fill(shape), x, { num, axis: written });
  },
};

const gather: Recipe = {
  types: ['INT8'],
  ranks: [1, 4],
  apply(b, x) {
    const { random } = b;
    const rank = x.shape.length;
    const batchDims = rank > 1 && random.chance(0.2) ? 1 : 0;
    const axis = random.integer(batchDims, rank - 1);
    const lead = x.shape.slice(0, batchDims);
    const indexShape = [...lead, ...random.pick([[1], [3], [2, 2]])];
    const shape = [...x.shape.slice(0, axis), ...indexShape.slice(batchDims), ...x.shape.slice(axis + 1)];
    const size = x.shape[axis]!;
    const values = Array.from({ length: count(indexShape) }, () =>
      random.pick([0, size - 1, random.integer(0, size - 1)]),
    );
    const indices = random.chance(0.7) ? b.int32(values, indexShape) : computedIndices(b, indexShape, size);
    const written = random.chance(0.3) ? axis - rank : axis;
    b.operator('GATHER', [x.id, indices], shape, x, { axis: written, batch_dims: batchDims });
  },
};

/** Indices below `size` that are known only when the model runs: ARG_MAX of a new input. */
function computedIndices(b: ModelBuilder, shape: readonly number[], size: number): number {
  const scores = b.input([...shape, size], b.format('INT8'));
  const format = { type: 'INT32', scale: 0, zeroPoint: 0 } as const;
  return b.operator('ARG_MAX', [scores.id, b.int32([shape.length], [])], shape, format, {
    output_type: 'INT32',
  }).id;
}

export const MOVEMENT = {
  CONCATENATION: concatenation,
  PAD: pad('PAD'),
  PADV2: pad('PADV2'),
  RESHAPE: reshape,
  SQUEEZE: squeeze,
  EXPAND_DIMS: expandDims,
  TRANSPOSE: transpose,
  SLICE: slice,
  STRIDED_SLICE: stridedSlice,
  SPLIT: split,
  PACK: pack,
  UNPACK: unpack,
  GATHER: gather,
} satisfies Record<string, Recipe>;
