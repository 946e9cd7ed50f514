import type { ActivationType, ModelBuilder, Recipe, Value } from './builder.js';
import { makeFilter } from './filters.js';

interface WindowChoice {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: 'SAME' | 'VALID';
  readonly output: readonly [number, number];
}

/** Kernel larger than the image, stride larger than the kernel, even kernels: whatever gives an output. */
function chooseWindow(b: ModelBuilder, x: Value, maxDilation: number): WindowChoice {
  const { random } = b;
  const pair = (choices: readonly number[]): [number, number] => [random.pick(choices), random.pick(choices)];
  const kernel = pair([1, 2, 3, 3, 4, 5]);
  const stride = pair([1, 1, 2, 3]);
  const dilation: [number, number] = random.chance(0.7)
    ? [1, 1]
    : pair([1, Math.min(2, maxDilation), maxDilation]);
  const reach = kernel.map((k, i) => (k - 1) * dilation[i]! + 1);
  const fits = reach.every((r, i) => r <= x.shape[1 + i]!);
  const padding = fits && random.chance(0.5) ? 'VALID' : 'SAME';
  const extent = (i: 0 | 1) =>
    Math.ceil((x.shape[1 + i]! - (padding === 'VALID' ? reach[i]! - 1 : 0)) / stride[i]!);
  return { kernel, stride, dilation, padding, output: [extent(0), extent(1)] };
}

function convolutionOptions(b: ModelBuilder, w: WindowChoice) {
  return {
    padding: w.padding,
    stride_h: w.stride[0],
    stride_w: w.stride[1],
    dilation_h_factor: w.dilation[0],
    dilation_w_factor: w.dilation[1],
    fused_activation_function: b.activation(),
  };
}

const inputs = (x: Value, filter: number, bias: number) => (bias < 0 ? [x.id, filter] : [x.id, filter, bias]);

const conv2d: Recipe = {
  types: ['INT8', 'INT16'],
  ranks: [4, 4],
  apply(b, x) {
    const channels = x.shape[3]!;
    const divisors = [1, 2, 3, 4, channels].filter((g) => channels % g === 0);
    // TFLM's 16-bit convolution and its int4 filters know groups as well; they only show in the filter's depth.
    const groups = b.random.chance(0.3) ? b.random.pick(divisors) : 1;
    const outputChannels = groups * b.random.pick(groups === 1 ? [1, 2, 3, 4, 5, 7, 8, 16] : [1, 2, 3]);
    const w = chooseWindow(b, x, 3);
    const { filter, bias, output } = makeFilter(b, x, {
      shape: [outputChannels, ...w.kernel, channels / groups],
      axis: 0,
      perChannel: true,
      int4: true,
      wideBias: ['INT64', 'INT32'],
    });
    const shape = [x.shape[0]!, ...w.output, outputChannels];
    b.operator('CONV_2D', inputs(x, filter, bias), shape, output, convolutionOptions(b, w));
  },
};

const depthwiseConv2d: Recipe = {
  types: ['INT8', 'INT16'],
  ranks: [4, 4],
  apply(b, x) {
    const multiplier = b.random.pick([1, 1, 1, 2, 3]);
    const outputChannels = x.shape[3]! * multiplier;
    const w = chooseWindow(b, x, 3);
    const { filter, bias, output } = makeFilter(b, x, {
      shape: [1, ...w.kernel, outputChannels],
      axis: 3,
      perChannel: true,
      int4: true,
      wideBias: ['INT64'],
    });
    const shape = [x.shape[0]!, ...w.output, outputChannels];
    b.operator('DEPTHWISE_CONV_2D', inputs(x, filter, bias), shape, output, {
      ...convolutionOptions(b, w),
      depth_multiplier: multiplier,
    });
  },
};

const transposeConv: Recipe = {
  types: ['INT8', 'INT16'],
  ranks: [4, 4],
  apply(b, x) {
    const { random } = b;
    const outputChannels = random.pick([1, 2, 3, 4, 5]);
    const kernel = [random.integer(1, 4), random.integer(1, 4)];
    const stride = [random.integer(1, 3), random.integer(1, 3)];
    const padding = random.pick(['SAME', 'VALID']);
    // Every output size whose forward convolution gives this input size.
    const size = [0, 1].map((i) => {
      const before = (x.shape[1 + i]! - 1) * stride[i]!;
      return padding === 'SAME'
        ? before + random.integer(1, stride[i]!)
        : before + kernel[i]! + random.integer(0, stride[i]! - 1);
    });
    const { filter, bias, output } = makeFilter(b, x, {
      shape: [outputChannels, ...kernel, x.shape[3]!],
      axis: 0,
      perChannel: true,
      int4: false,
      wideBias: ['INT64'],
    });
    const shape = [x.shape[0]!, ...size, outputChannels];
    const operands = [b.int32(shape), filter, x.id, ...(bias < 0 ? [] : [bias])];
    b.operator('TRANSPOSE_CONV', operands, shape, output, {
      padding,
      stride_h: stride[0]!,
      stride_w: stride[1]!,
      fused_activation_function: b.activation(),
    });
  },
};

function pool(operator: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D'): Recipe {
  return {
    types: ['INT8', 'INT16'],
    ranks: [4, 4],
    apply(b, x) {
      const w = chooseWindow(b, x, 1);
      b.operator(operator, [x.id], [x.shape[0]!, ...w.output, x.shape[3]!], x, {
        padding: w.padding,
        stride_h: w.stride[0],
        stride_w: w.stride[1],
        filter_height: w.kernel[0],
        filter_width: w.kernel[1],
        fused_activation_function: b.activation(),
      });
    },
  };
}

/** @param sized rows and columns of the output, of an input's */
export function resize(
  operator: 'RESIZE_NEAREST_NEIGHBOR' | 'RESIZE_BILINEAR',
  types: readonly ActivationType[],
  sized: (random: ModelBuilder['random'], from: readonly [number, number]) => readonly [number, number],
): Recipe {
  return {
    types,
    ranks: [4, 4],
    apply(b, x) {
      const { random } = b;
      const size = sized(random, [x.shape[1]!, x.shape[2]!]);
      const centres = random.pick(['neither', 'align', 'half']);
      b.operator(operator, [x.id, b.int32([...size])], [x.shape[0]!, ...size, x.shape[3]!], x, {
        align_corners: centres === 'align',
        half_pixel_centers: centres === 'half',
      });
    },
  };
}

const anySize: Parameters<typeof resize>[2] = (random) => [random.integer(1, 9), random.integer(1, 9)];

export const SPATIAL = {
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  TRANSPOSE_CONV: transposeConv,
  AVERAGE_POOL_2D: pool('AVERAGE_POOL_2D'),
  MAX_POOL_2D: pool('MAX_POOL_2D'),
  RESIZE_NEAREST_NEIGHBOR: resize('RESIZE_NEAREST_NEIGHBOR', ['INT8', 'INT16'], anySize),
  RESIZE_BILINEAR: resize('RESIZE_BILINEAR', ['INT8'], anySize),
} satisfies Record<string, Recipe>;
