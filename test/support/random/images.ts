/** What networks on images have more often than random shapes would: the rows stay, as far as they can. */
import { type ActivationType, count, type ModelBuilder, type Recipe, span, type Value } from './builder.js';
import { makeFilter } from './filters.js';
import { resize } from './spatial.js';

const BOTH = ['INT8', 'INT16'] as const;
const RANKS = [4, 4] as const;

/** Larger or smaller by a usual factor. */
const scaled: Parameters<typeof resize>[2] = (random, [height, width]) => {
  const of = (size: number) => Math.max(1, Math.round(size * random.pick([2, 2, 1.5, 3, 0.5, 0.7, 1.2])));
  return [of(height), of(width)];
};

/** Rows, columns and sometimes channels of zeros around the image, or in front of it and behind it. */
const pad: Recipe = {
  types: BOTH,
  ranks: RANKS,
  apply(b, x) {
    const { random } = b;
    const some = () => random.pick([0, 1, 1, 2]);
    const amounts = x.shape.map((_, d) => {
      return d === 0 || (d === 3 && random.chance(0.8)) ? [0, 0] : [some(), some()];
    });
    const shape = x.shape.map((size, d) => size + amounts[d]![0]! + amounts[d]![1]!);
    b.operator('PAD', [x.id, b.int32(amounts.flat(), [4, 2])], shape, x);
  },
};

/** Some columns and channels, every second or backwards too, now and then not all rows. */
const slice: Recipe = {
  types: BOTH,
  ranks: RANKS,
  apply(b, x) {
    const { random } = b;
    const dimensions = x.shape.map((size, d) => {
      const isWhole = d === 0 || size === 1 || random.chance(d === 1 ? 0.7 : 0.4);
      const first = isWhole ? 0 : random.integer(0, Math.floor(size / 3));
      const end = isWhole ? size : random.integer(first + 1, size);
      const stride = isWhole ? 1 : random.pick([1, 1, 2]);
      if (d < 2 || isWhole || random.chance(0.8)) return { begin: first, end, stride };
      return { begin: end - 1, end: first - 1 - size, stride: -1, size: end - first };
    });
    const shape = dimensions.map(({ begin, end, stride, size }) => size ?? Math.ceil((end - begin) / stride));
    const bounds = (['begin', 'end', 'stride'] as const).map((name) =>
      b.int32(dimensions.map((d) => d[name])),
    );
    b.operator('STRIDED_SLICE', [x.id, ...bounds], shape, x);
  },
};

/** Groups of channels, of which the others may be read later on. */
const split: Recipe = {
  types: BOTH,
  ranks: RANKS,
  accepts: ({ shape }) => shape[3]! % 2 === 0,
  apply(b, x) {
    const shape = x.shape.with(3, x.shape[3]! / 2);
    b.multiOutput('SPLIT', [b.int32([3], []), x.id], [shape, shape], x, { num_splits: 2 });
  },
};

/** Channels weighted by what is made of their means: MEAN, two convolutions of 1x1, LOGISTIC, and MUL with the image. */
const squeezeAndExcite: Recipe = {
  types: BOTH,
  ranks: RANKS,
  accepts: ({ shape }) => count(shape.slice(1, 3)) > 1,
  apply(b, x) {
    const type = x.type as ActivationType;
    const [batches = 1, height = 1, width = 1, channels = 1] = x.shape;
    const peak = span(x) * height * width;
    const format = b.outputFormat(type, x.scale, span(x), 2 ** 29 / peak);
    const vector = [batches, 1, 1, channels];
    const mean = b.operator('MEAN', [x.id, b.int32([1, 2])], vector, format, { keep_dims: true });
    const squeezed = pointwise(b, mean, b.random.integer(1, 4), 'RELU');
    const excited = pointwise(b, squeezed, channels, 'NONE');
    // As LOGISTIC takes it: TFLite Micro's form of 16 bits knows no larger scales.
    const isTaken = type === 'INT8' || excited.scale * 12288 <= 32767;
    const unit = {
      type,
      scale: type === 'INT8' ? 1 / 256 : 1 / 32768,
      zeroPoint: type === 'INT8' ? -128 : 0,
    };
    const weights = isTaken ? b.operator('LOGISTIC', [excited.id], vector, unit) : excited;
    const output = b.outputFormat(type, x.scale * weights.scale, span(x) * span(weights));
    b.operator('MUL', [x.id, weights.id], x.shape, output, { fused_activation_function: b.activation() });
  },
};

function pointwise(b: ModelBuilder, x: Value, channels: number, activation: string): Value {
  const { filter, bias, output } = makeFilter(b, x, {
    shape: [channels, 1, 1, x.shape[3]!],
    axis: 0,
    perChannel: true,
    int4: false,
    wideBias: ['INT64'],
  });
  const operands = bias < 0 ? [x.id, filter] : [x.id, filter, bias];
  return b.operator('CONV_2D', operands, x.shape.with(3, channels), output, {
    padding: 'SAME',
    stride_h: 1,
    stride_w: 1,
    dilation_h_factor: 1,
    dilation_w_factor: 1,
    fused_activation_function: activation,
  });
}

/** An operator that makes one row of all rows of an image, as networks that classify images end. */
export function reduceHeight(b: ModelBuilder, x: Value): void {
  const [batches = 1, height = 1, width = 1, channels = 1] = x.shape;
  const columns = b.random.pick([width, width, b.random.integer(1, width)]);
  if (b.random.chance(0.5)) {
    const shape = [batches, 1, width - columns + 1, channels];
    b.operator('AVERAGE_POOL_2D', [x.id], shape, x, {
      padding: 'VALID',
      stride_h: 1,
      stride_w: 1,
      filter_height: height,
      filter_width: columns,
      fused_activation_function: b.activation(),
    });
  } else {
    const shape = columns === width ? [batches, channels] : [batches, width, channels];
    const axes = b.int32(columns === width ? [1, 2] : [1]);
    const output = b.outputFormat(
      x.type as 'INT8' | 'INT16',
      x.scale,
      span(x),
      2 ** 29 / (span(x) * height * width),
    );
    b.operator('MEAN', [x.id, axes], shape, output, { keep_dims: false });
  }
}

export const IMAGES = {
  RESIZE_NEAREST_NEIGHBOR: resize('RESIZE_NEAREST_NEIGHBOR', BOTH, scaled),
  RESIZE_BILINEAR: resize('RESIZE_BILINEAR', ['INT8'], scaled),
  PAD: pad,
  STRIDED_SLICE: slice,
  SPLIT: split,
  SQUEEZE_AND_EXCITE: squeezeAndExcite,
} satisfies Record<string, Recipe>;
