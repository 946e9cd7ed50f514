/** Graphs of separate layers, of the shapes that small networks have, to measure kernels by. */
import type { Graph } from '../src/graph/graph.js';
import type { Padding } from '../src/graph/ops.js';
import { elementCount, type Format, perTensor, type TensorId } from '../src/graph/tensor.js';
import { Random } from '../test/support/random/random.js';
import { ALL_BYTES, BYTES, Sketch } from '../test/support/sketch.js';

const LAYERS = 16;
const MOST_MACS = 400_000;

/** A layer of random shape; null where that shape is not of use. */
type Recipe = (random: Random, sketch: Sketch, name: string) => TensorId | null;

const SIZES = [4, 5, 6, 8, 10, 12, 16, 20, 24];
const CHANNELS = [8, 16, 24, 32, 40, 48, 64, 96, 128];

const ONE = { height: 1, width: 1 };

interface Window {
  readonly input: readonly [height: number, width: number];
  readonly filter: readonly [height: number, width: number];
  readonly stride: number;
  readonly same: boolean;
}

/** Sizes and padding of a convolution, as TensorFlow's SAME and VALID have it. */
function slide({ input, filter, stride, same }: Window) {
  const axis = (size: number, taps: number) => {
    const outputs = same ? Math.ceil(size / stride) : Math.floor((size - taps) / stride) + 1;
    const room = Math.max(0, (outputs - 1) * stride + taps - size);
    return { outputs, before: Math.floor(room / 2), after: Math.ceil(room / 2) };
  };
  const [y, x] = [axis(input[0], filter[0]), axis(input[1], filter[1])];
  const padding: Padding = { top: y.before, bottom: y.after, left: x.before, right: x.after };
  return { height: y.outputs, width: x.outputs, padding, stride: { height: stride, width: stride } };
}

/** Random weights and biases, and the scales by which a sum of `taps` products fills the codes. */
function weights(
  random: Random,
  sketch: Sketch,
  shape: readonly number[],
  { axis, taps, perChannel }: { axis: number; taps: number; perChannel: boolean },
): TensorId[] {
  const channels = shape[axis]!;
  const scale = BYTES.scales[0]!;
  const fill = 1 / (137 * Math.sqrt(taps));
  const scales = Array.from({ length: perChannel ? channels : 1 }, () =>
    Math.fround(fill * (0.5 + random.real())),
  );
  const format: Format = {
    type: 'int8',
    scales,
    zeroPoints: scales.map(() => 0),
    axis: perChannel ? axis : null,
  };
  const filter = Int8Array.from({ length: elementCount(shape) }, () => random.integer(-127, 127));
  const bias = Int32Array.from({ length: channels }, () => random.integer(-4000, 4000));
  return [
    sketch.constant(shape, filter, format),
    sketch.constant([channels], bias, perTensor('int32', scale * scales[0]!, 0)),
  ];
}

function convolution(
  random: Random,
  sketch: Sketch,
  name: string,
  { window, inputs, outputs }: { window: Window; inputs: number; outputs: number },
): TensorId | null {
  const { height, width, padding, stride } = slide(window);
  const taps = window.filter[0] * window.filter[1] * inputs;
  if (height < 1 || width < 1 || height * width * outputs * taps > MOST_MACS) return null;
  const x = sketch.input(`${name}_x`, [1, ...window.input, inputs]);
  const options = { axis: 0, taps, perChannel: true };
  return sketch.node(
    'CONV_2D',
    { stride, dilation: ONE, padding, clamp: ALL_BYTES },
    [x, ...weights(random, sketch, [outputs, ...window.filter, inputs], options)],
    [name, [1, height, width, outputs]],
  );
}

const square = (size: number): readonly [number, number] => [size, size];

export const FAMILIES: Readonly<Record<string, Recipe>> = {
  pointwise: (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: { input: square(random.pick(SIZES)), filter: [1, 1], stride: 1, same: true },
      inputs: random.pick(CHANNELS),
      outputs: random.pick(CHANNELS),
    }),
  spatial: (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: {
        input: square(random.pick(SIZES)),
        filter: square(random.pick([3, 3, 3, 5])),
        stride: random.pick([1, 1, 2]),
        same: random.chance(0.8),
      },
      inputs: random.pick(CHANNELS),
      outputs: random.pick(CHANNELS),
    }),
  first: (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: {
        input: [random.pick([24, 32, 49]), random.pick([10, 24, 32])],
        filter: random.pick([square(3), square(3), [10, 4], [8, 10]]),
        stride: random.pick([1, 2]),
        same: true,
      },
      inputs: random.pick([1, 3]),
      outputs: random.pick([8, 16, 24, 32, 64]),
    }),
  depthwise(random, sketch, name) {
    const window = {
      input: square(random.pick(SIZES)),
      filter: random.pick([square(3), square(3), square(3), square(3), square(5), square(7)]),
      stride: random.pick([1, 1, 2]),
      same: true,
    };
    const channels = random.pick(CHANNELS);
    const { height, width, padding, stride } = slide(window);
    const taps = window.filter[0] * window.filter[1];
    if (height * width * channels * taps > MOST_MACS) return null;
    const options = { axis: 3, taps, perChannel: true };
    return sketch.node(
      'DEPTHWISE_CONV_2D',
      { stride, dilation: ONE, padding, depthMultiplier: 1, clamp: ALL_BYTES },
      [
        sketch.input(`${name}_x`, [1, ...window.input, channels]),
        ...weights(random, sketch, [1, ...window.filter, channels], options),
      ],
      [name, [1, height, width, channels]],
    );
  },
  dense(random, sketch, name) {
    const inputs = random.pick([32, 64, 100, 128, 192, 256, 400, 640]);
    const outputs = random.pick([2, 4, 8, 10, 12, 16, 64, 128, 256]);
    if (inputs * outputs > 50_000) return null;
    const options = { axis: 0, taps: inputs, perChannel: random.chance(0.4) };
    return sketch.node(
      'FULLY_CONNECTED',
      { clamp: ALL_BYTES },
      [sketch.input(`${name}_x`, [1, inputs]), ...weights(random, sketch, [outputs, inputs], options)],
      [name, [1, outputs]],
    );
  },
  others(random, sketch, name) {
    const [size, channels] = [random.pick(SIZES), random.pick(CHANNELS)];
    const shape = [1, size, size, channels];
    const input = (suffix: string, of = shape) => sketch.input(`${name}_${suffix}`, of);
    const pool = {
      filter: { height: size, width: size },
      stride: ONE,
      padding: { top: 0, bottom: 0, left: 0, right: 0 },
      clamp: ALL_BYTES,
    };
    switch (random.integer(0, 3)) {
      case 0:
        return sketch.node(
          'ADD',
          { clamp: ALL_BYTES },
          [input('a'), input('b')],
          [name, shape, perTensor('int8', 0.08, 5)],
        );
      case 1:
        return sketch.node('AVERAGE_POOL_2D', pool, [input('x')], [name, [1, 1, 1, channels]]);
      case 2:
        return sketch.node('MAX_POOL_2D', pool, [input('x')], [name, [1, 1, 1, channels]]);
      default:
        return sketch.node(
          'SOFTMAX',
          { beta: 1 },
          [input('x', [1, channels])],
          [name, [1, channels], perTensor('int8', 1 / 256, -128)],
        );
    }
  },
};

/** Layers of a family, the same for the same seed. */
export function layersOf(family: string, seed: number): Graph {
  const random = new Random(seed);
  const sketch = new Sketch();
  const outputs: TensorId[] = [];
  while (outputs.length < LAYERS) {
    const output = FAMILIES[family]!(random, sketch, `y${outputs.length}`);
    if (output !== null) outputs.push(output);
  }
  return sketch.graph(...outputs);
}
