/** Layers of int8 with weights: what they are made of. */
import type { Padding } from '../../src/graph/ops.js';
import { elementCount, type Format, perTensor, type TensorId } from '../../src/graph/tensor.js';
import type { Random } from '../../test/support/random/random.js';
import { ALL_BYTES, BYTES, type Sketch } from '../../test/support/sketch.js';
import { MOST_MACS, ONE } from './recipe.js';

export interface Window {
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

export function convolution(
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

interface DepthwiseOptions {
  readonly window: Window;
  readonly inputs: number;
  readonly multiplier: number;
  /** That of the input where it is not of int8. */
  readonly input?: Format;
}

export function depthwise(
  random: Random,
  sketch: Sketch,
  name: string,
  { window, inputs, multiplier, input }: DepthwiseOptions,
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
      sketch.input(`${name}_x`, [1, ...window.input, inputs], input ?? activation(random).format),
      ...weights(random, sketch, [1, ...window.filter, channels], options),
    ],
    [name, [1, height, width, channels], format],
  );
}

export function dense(
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
