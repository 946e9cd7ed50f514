/** Graphs of separate layers, of the shapes that small networks have, to measure kernels by. */
import type { Graph } from '../src/graph/graph.js';
import type { Padding, Size2 } from '../src/graph/ops.js';
import {
  elementCount,
  type Format,
  INTEGER_RANGE,
  perTensor,
  plain,
  type TensorId,
} from '../src/graph/tensor.js';
import { Random } from '../test/support/random/random.js';
import { ALL_BYTES, BYTES, Sketch } from '../test/support/sketch.js';

const LAYERS = 16;
const MOST_MACS = 250_000;

/** A layer of random shape; null where that shape is not of use. */
type Recipe = (random: Random, sketch: Sketch, name: string) => TensorId | null;

const SIZES = [4, 5, 6, 8, 10, 12, 16, 20, 24];
const CHANNELS = [8, 16, 24, 32, 40, 48, 64, 96, 128];
/** No whole blocks of any kernel. */
const ODD_CHANNELS = [3, 5, 6, 7, 10, 12, 18, 20, 27, 36, 60];

const square2 = (size: number): Size2 => ({ height: size, width: size });
const ONE = square2(1);

interface Window {
  readonly input: readonly [height: number, width: number];
  readonly filter: readonly [height: number, width: number];
  readonly stride: number | readonly [height: number, width: number];
  readonly same: boolean;
}

/** Sizes and padding of a convolution, as TensorFlow's SAME and VALID have it. */
function slide({ input, filter, stride, same }: Window) {
  const [height, width] = typeof stride === 'number' ? [stride, stride] : stride;
  const axis = (size: number, taps: number, step: number) => {
    const outputs = same ? Math.ceil(size / step) : Math.floor((size - taps) / step) + 1;
    const room = Math.max(0, (outputs - 1) * step + taps - size);
    return { outputs, before: Math.floor(room / 2), after: Math.ceil(room / 2) };
  };
  const [y, x] = [axis(input[0], filter[0], height), axis(input[1], filter[1], width)];
  const padding: Padding = { top: y.before, bottom: y.after, left: x.before, right: x.after };
  return { height: y.outputs, width: x.outputs, padding, stride: { height, width } };
}

/** The format of an activation and the clamp of the layer that writes it: mostly RELU's, else none or RELU6's. */
function activation(random: Random): { format: Format; clamp: { min: number; max: number } } {
  const kind = random.pick(['relu', 'relu', 'relu', 'none', 'none', 'relu6']);
  const zero = kind === 'relu' ? -128 : random.integer(-30, 30);
  const format = perTensor('int8', BYTES.scales[0]!, zero);
  return { format, clamp: kind === 'relu6' ? { min: zero, max: Math.min(127, zero + 120) } : ALL_BYTES };
}

/** The number of channels of most layers, and of some an odd one. */
function channelsOf(random: Random): number {
  return random.chance(0.85) ? random.pick(CHANNELS) : random.pick(ODD_CHANNELS);
}

interface FilterOptions {
  readonly axis: number;
  readonly taps: number;
  readonly perChannel: boolean;
  /** What weights are, where they are not all of int8. */
  readonly values?: readonly number[];
}

/** Random weights and biases, and the scales by which a sum of `taps` products fills the codes. */
function weights(
  random: Random,
  sketch: Sketch,
  shape: readonly number[],
  { axis, taps, perChannel, values }: FilterOptions,
): TensorId[] {
  const channels = shape[axis]!;
  const scale = BYTES.scales[0]!;
  const fill = 1 / ((values ? 1.3 * Math.max(...values) : 137) * Math.sqrt(taps));
  const scales = Array.from({ length: perChannel ? channels : 1 }, () =>
    Math.fround(fill * (0.5 + random.real())),
  );
  // As converted from uint8.
  const zero = !perChannel && !values && random.chance(0.5) ? random.integer(-20, 20) : 0;
  const format: Format = {
    type: 'int8',
    scales,
    zeroPoints: scales.map(() => zero),
    axis: perChannel ? axis : null,
  };
  const filter = Int8Array.from({ length: elementCount(shape) }, () =>
    values ? random.pick(values) : random.integer(-127, 127),
  );
  const bias = Int32Array.from({ length: channels }, () => random.integer(-4000, 4000));
  return [
    sketch.constant(shape, filter, format),
    sketch.constant([channels], bias, perTensor('int32', scale * scales[0]!, 0)),
  ];
}

interface ConvolutionOptions {
  readonly window: Window;
  readonly inputs: number;
  readonly outputs: number;
  readonly values?: readonly number[];
}

function convolution(
  random: Random,
  sketch: Sketch,
  name: string,
  { window, inputs, outputs, values }: ConvolutionOptions,
): TensorId | null {
  const { height, width, padding, stride } = slide(window);
  const taps = window.filter[0] * window.filter[1] * inputs;
  if (height < 1 || width < 1 || height * width * outputs * taps > MOST_MACS) return null;
  const x = sketch.input(`${name}_x`, [1, ...window.input, inputs], activation(random).format);
  const options = { axis: 0, taps, perChannel: random.chance(0.8), ...(values && { values }) };
  const { format, clamp } = activation(random);
  return sketch.node(
    'CONV_2D',
    { stride, dilation: ONE, padding, clamp },
    [x, ...weights(random, sketch, [outputs, ...window.filter, inputs], options)],
    [name, [1, height, width, outputs], format],
  );
}

function depthwise(
  random: Random,
  sketch: Sketch,
  name: string,
  { window, inputs, multiplier }: { window: Window; inputs: number; multiplier: number },
): TensorId | null {
  const channels = inputs * multiplier;
  const { height, width, padding, stride } = slide(window);
  const taps = window.filter[0] * window.filter[1];
  if (height < 1 || width < 1 || height * width * channels * taps > MOST_MACS) return null;
  const options = { axis: 3, taps, perChannel: random.chance(0.85) };
  const { format, clamp } = activation(random);
  return sketch.node(
    'DEPTHWISE_CONV_2D',
    { stride, dilation: ONE, padding, depthMultiplier: multiplier, clamp },
    [
      sketch.input(`${name}_x`, [1, ...window.input, inputs], activation(random).format),
      ...weights(random, sketch, [1, ...window.filter, channels], options),
    ],
    [name, [1, height, width, channels], format],
  );
}

function dense(
  random: Random,
  sketch: Sketch,
  name: string,
  { inputs, outputs, values }: Omit<ConvolutionOptions, 'window'>,
): TensorId | null {
  if (inputs * outputs > 50_000) return null;
  const options = { axis: 0, taps: inputs, perChannel: random.chance(0.3), ...(values && { values }) };
  const { format, clamp } = activation(random);
  return sketch.node(
    'FULLY_CONNECTED',
    { clamp },
    [
      sketch.input(`${name}_x`, [1, inputs], activation(random).format),
      ...weights(random, sketch, [outputs, inputs], options),
    ],
    [name, [1, outputs], format],
  );
}

const square = (size: number): readonly [number, number] => [size, size];

/** A layer whose weights draw from one of the lists. */
function narrow(
  random: Random,
  sketch: Sketch,
  name: string,
  lists: readonly (readonly number[])[],
): TensorId | null {
  const values = random.pick(lists);
  if (random.chance(0.3))
    return dense(random, sketch, name, {
      inputs: random.pick([64, 128, 256, 400, 640, 1000]),
      outputs: random.pick([10, 32, 64, 128, 256]),
      values,
    });
  const filter = random.chance(0.5) ? square(1) : square(3);
  return convolution(random, sketch, name, {
    window: {
      input: square(random.pick([3, 4, 5, 6, 8, 12])),
      filter,
      stride: random.pick([1, 1, 1, 2]),
      same: random.chance(0.8),
    },
    inputs: channelsOf(random),
    outputs: channelsOf(random),
    values,
  });
}

const INT4 = Array.from({ length: 16 }, (_, i) => i - 8);

/** Of packed codes, with weights that draw from one of the lists, ending by thresholds; the image keeps its size. */
function packed(
  random: Random,
  sketch: Sketch,
  name: string,
  type: 'binary' | 'uint2',
  lists: readonly (readonly number[])[],
): TensorId | null {
  const weights = lists.length === 1 ? lists[0]! : random.pick(lists);
  const [size, filter] = [random.pick([1, ...SIZES]), random.pick([1, 1, 3, 3, 5])];
  const [inputs, outputs] = [random.pick([...CHANNELS, 256, 1000]), random.pick(CHANNELS)];
  if (size * size * filter * filter * inputs * outputs > 4 * MOST_MACS) return null;
  const codes = perTensor(type, 1, 0);
  const steps = type === 'binary' ? 1 : INTEGER_RANGE[type].max;
  const values = Int8Array.from({ length: outputs * filter * filter * inputs }, () => random.pick(weights));
  const thresholds = Array.from({ length: outputs }, () =>
    Array.from({ length: steps }, () => random.integer(-20, 20)).sort((a, b) => a - b),
  );
  const pad = (filter - 1) / 2;
  return sketch.node(
    'CONV_2D',
    {
      stride: ONE,
      dilation: ONE,
      padding: { top: pad, bottom: pad, left: pad, right: pad },
      clamp: INTEGER_RANGE[type],
    },
    [
      sketch.input(`${name}_x`, [1, size, size, inputs], codes),
      sketch.constant([outputs, filter, filter, inputs], values, perTensor('int8', 1, 0)),
      null,
      sketch.constant([outputs, steps], Int32Array.from(thresholds.flat()), plain('int32')),
    ],
    [name, [1, size, size, outputs], codes],
  );
}

export const FAMILIES: Readonly<Record<string, Recipe>> = {
  pointwise: (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: {
        input: square(random.pick([1, 2, 3, ...SIZES])),
        filter: [1, 1],
        stride: random.pick([1, 1, 1, 2]),
        same: true,
      },
      inputs: channelsOf(random),
      outputs: channelsOf(random),
    }),
  spatial: (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: {
        input: square(random.pick(SIZES)),
        filter: square(random.pick([3, 3, 3, 5])),
        stride: random.pick([1, 1, 2]),
        same: random.chance(0.8),
      },
      inputs: channelsOf(random),
      outputs: channelsOf(random),
    }),
  first: (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: {
        input: [random.integer(24, 52), random.pick([10, 24, 32, 40])],
        filter: random.chance(0.7) ? square(3) : [random.integer(3, 11), random.integer(3, 9)],
        stride: random.pick([1, 2, 2]),
        same: true,
      },
      inputs: random.pick([1, 3]),
      outputs: random.pick([8, 16, 24, 32, 64]),
    }),
  /** Of one channel and about one size, larger than whatever else there is: without memory to spare for scratch. */
  spectrogram: (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: {
        input: [random.integer(40, 50), 40],
        filter: [random.integer(3, 11), random.integer(3, 9)],
        stride: 2,
        same: true,
      },
      inputs: 1,
      outputs: random.integer(3, 8),
    }),
  depthwise: (random, sketch, name) =>
    depthwise(random, sketch, name, {
      window: {
        input: square(random.pick(SIZES)),
        filter: square(random.pick([3, 3, 3, 3, 5, 7])),
        stride: random.pick([1, 1, 2]),
        same: random.chance(0.9),
      },
      inputs: channelsOf(random),
      multiplier: 1,
    }),
  /** Along one axis, as streaming models have them, and with several outputs a channel. */
  narrow(random, sketch, name) {
    const window: Window = {
      input: [random.integer(8, 60), random.pick([1, 1, 8])],
      filter: [random.integer(3, 12), 1],
      stride: [random.pick([1, 1, 2]), 1],
      same: random.chance(0.3),
    };
    if (random.chance(0.3)) {
      const [inputs, outputs] = [channelsOf(random), channelsOf(random)];
      return convolution(random, sketch, name, { window, inputs, outputs });
    }
    const [inputs, multiplier] = random.pick([
      [1, 8],
      [1, 16],
      [channelsOf(random), 1],
      [channelsOf(random), 1],
      [channelsOf(random), 2],
    ] as const);
    return depthwise(random, sketch, name, { window, inputs, multiplier });
  },
  /** Weights of one and two bits, in layers of all the forms above. */
  narrow_weights: (random, sketch, name) =>
    narrow(random, sketch, name, [
      [-1, 0, 1],
      [-1, 1],
    ]),
  /** Grids of two and of four bits. */
  grid_weights: (random, sketch, name) => narrow(random, sketch, name, [[-3, -1, 1, 3], INT4]),
  dense(random, sketch, name) {
    const inputs = random.chance(0.85)
      ? random.pick([32, 64, 100, 128, 192, 256, 400, 640])
      : random.integer(5, 300);
    const outputs = random.pick([2, 3, 4, 8, 10, 12, 16, 64, 128, 256]);
    return dense(random, sketch, name, { inputs, outputs });
  },
  signs: (random, sketch, name) => packed(random, sketch, name, 'binary', [[-1, 1]]),
  two_bit_codes: (random, sketch, name) => packed(random, sketch, name, 'uint2', [[-1, 1]]),
  two_bit_codes_by_grids: (random, sketch, name) => packed(random, sketch, name, 'uint2', [[-1, 0, 1], INT4]),
  pools(random, sketch, name) {
    const [size, channels] = [random.pick(SIZES), channelsOf(random)];
    const window = random.chance(0.5) ? size : Math.min(size, random.pick([2, 3]));
    const pooled = Math.floor(size / window);
    return sketch.node(
      random.pick(['AVERAGE_POOL_2D', 'AVERAGE_POOL_2D', 'MAX_POOL_2D'] as const),
      {
        filter: square2(window),
        stride: square2(window),
        padding: { top: 0, bottom: 0, left: 0, right: 0 },
        clamp: ALL_BYTES,
      },
      [sketch.input(`${name}_x`, [1, size, size, channels])],
      [name, [1, pooled, pooled, channels]],
    );
  },
  elements(random, sketch, name) {
    const [size, channels] = [random.pick(SIZES), channelsOf(random)];
    const shape = [1, size, size, channels];
    const input = (suffix: string) => sketch.input(`${name}_${suffix}`, shape);
    const sum = perTensor('int8', random.pick([0.05, 0.08, 0.0731]), random.integer(-20, 20));
    const clamp = random.chance(0.5) ? ALL_BYTES : { min: sum.zeroPoints[0]!, max: 127 };
    const float = plain('float32');
    switch (random.integer(0, 7)) {
      case 0:
      case 1:
      case 2:
        return sketch.node('ADD', { clamp }, [input('a'), input('b')], [name, shape, sum]);
      case 3:
        return sketch.node('MUL', { clamp }, [input('a'), input('b')], [name, shape, sum]);
      case 4:
        return sketch.node('QUANTIZE', {}, [sketch.input(`${name}_x`, shape, float)], [name, shape]);
      case 5:
        return sketch.node('DEQUANTIZE', {}, [input('x')], [name, shape, float]);
      case 6:
        return sketch.node('MAXIMUM', {}, [input('a'), input('b')], [name, shape]);
      default:
        return sketch.node('LOGISTIC', {}, [input('x')], [name, shape, perTensor('int8', 1 / 256, -128)]);
    }
  },
  rows(random, sketch, name) {
    const [size, channels] = [random.pick(SIZES), channelsOf(random)];
    const shape = [1, size, size, channels];
    const x = sketch.input(`${name}_x`, shape);
    switch (random.integer(0, 5)) {
      case 0:
      case 1: {
        const classes = random.pick([2, 2, 4, 10, 12, 100]);
        const scores = sketch.input(`${name}_s`, [1, classes]);
        const probabilities = perTensor('int8', 1 / 256, -128);
        return sketch.node('SOFTMAX', { beta: 1 }, [scores], [name, [1, classes], probabilities]);
      }
      case 2:
        return sketch.node('MEAN', { axes: [1, 2] }, [x], [name, [1, channels]]);
      case 3:
        return sketch.node('TRANSPOSE', { perm: [0, 3, 1, 2] }, [x], [name, [1, channels, size, size]]);
      case 4: {
        const padding = { before: [0, 1, 1, 0], after: [0, 1, 1, 0], value: -3 };
        return sketch.node('PAD', padding, [x], [name, [1, size + 2, size + 2, channels]]);
      }
      default: {
        const other = sketch.input(`${name}_b`, shape);
        return sketch.node('CONCATENATION', { axis: 3 }, [x, other], [name, [1, size, size, 2 * channels]]);
      }
    }
  },
  'bit layers': bitLayer,
};

/** What a layer of BitNet consists of: sums to int32 of any weights, and the rows' absmax before and behind them. */
function bitLayer(random: Random, sketch: Sketch, name: string): TensorId {
  const depth = random.pick([16, 33, 64, 100, 128, 256, 400]);
  const outputs = random.pick([10, 32, 64, 100, 128]);
  const shares = perTensor('int8', 1 / 127, 0);
  const factor = perTensor('int16', BYTES.scales[0]!, 0);
  const x = (format: Format) => sketch.input(`${name}_x`, [1, depth], format);
  switch (random.integer(0, 5)) {
    case 0:
      return sketch.node('ABSMAX', {}, [x(BYTES)], [name, [1, 1], factor]);
    case 1:
      return sketch.node('ABSMAX_NORMALIZATION', {}, [x(BYTES)], [name, [1, depth], shares]);
    case 2: {
      const operands = [
        sketch.input(`${name}_sums`, [1, outputs], perTensor('int32', 1 / 127, 0)),
        sketch.input(`${name}_m`, [1, 1], factor),
        sketch.constant([1], Float32Array.of(0.02), plain('float32')),
      ];
      return sketch.node('RESCALE', { clamp: ALL_BYTES }, operands, [name, [1, outputs]]);
    }
    default: {
      const values = random.pick([
        [-1, 0, 1],
        [-1, 1],
        [-128, -77, -40, -5, 0, 3, 29, 66, 90, 127],
      ]);
      const data = Int8Array.from({ length: outputs * depth }, () => random.pick(values));
      const filter = sketch.constant([outputs, depth], data, perTensor('int8', 1, 0));
      const clamp = INTEGER_RANGE.int32;
      const sums = perTensor('int32', 1 / 127, 0);
      return sketch.node('FULLY_CONNECTED', { clamp }, [x(shares), filter], [name, [1, outputs], sums]);
    }
  }
}

/** Layers of a family, the same for the same seed. */
export function gridOf(family: string, seed: number): Graph {
  const random = new Random(seed);
  const sketch = new Sketch();
  const outputs: TensorId[] = [];
  while (outputs.length < LAYERS) {
    const output = FAMILIES[family]!(random, sketch, `y${outputs.length}`);
    if (output !== null) outputs.push(output);
  }
  return sketch.graph(...outputs);
}
