/** Layers with weights or activations below 8 bits. */
import { INTEGER_RANGE, perTensor, plain, type TensorId } from '../../src/graph/tensor.js';
import type { Random } from '../../test/support/random/random.js';
import { BYTES, type Sketch } from '../../test/support/sketch.js';
import { CHANNELS, channelsOf, MOST_MACS, ONE, type Recipes, SIZES, square } from './recipe.js';
import { convolution, dense, depthwise } from './weighted.js';

const INT4 = Array.from({ length: 16 }, (_, i) => i - 8);

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
      sketch.constant([outputs, steps], thresholdsOf(random, outputs, steps), plain('int32')),
    ],
    [name, [1, size, size, outputs], codes],
  );
}

/** A residual of codes, by weights of their own, ending by thresholds; packed ones take a table of all pairs. */
function sum(random: Random, sketch: Sketch, name: string): TensorId {
  const [size, channels] = [random.pick(SIZES), channelsOf(random)];
  const shape = [1, size, size, channels];
  const codes = () => perTensor(random.pick(['int8', 'uint4', 'uint2', 'binary'] as const), 1, 0);
  const type = random.pick(['uint4', 'uint2', 'binary'] as const);
  const rows = random.pick([1, 1, channels]);
  const steps = type === 'binary' ? 1 : INTEGER_RANGE[type].max;
  const weights = Int16Array.from({ length: 2 * rows }, () => random.integer(1, 15));
  const thresholds = Array.from({ length: rows }, () =>
    Array.from({ length: steps }, () => random.integer(-20, 60)).sort((a, b) => a - b),
  );
  const operands = [
    sketch.input(`${name}_a`, shape, codes()),
    sketch.input(`${name}_b`, shape, codes()),
    sketch.constant([rows, 2], weights, perTensor('int16', 1, 0)),
    sketch.constant([rows, steps], Int32Array.from(thresholds.flat()), plain('int32')),
  ];
  return sketch.node('ADD', { clamp: INTEGER_RANGE[type] }, operands, [name, shape, perTensor(type, 1, 0)]);
}

/** A depthwise layer of any codes that ends by thresholds; the image keeps its size. */
function depthwiseByThresholds(random: Random, sketch: Sketch, name: string): TensorId | null {
  const [size, channels, filter] = [random.pick(SIZES), channelsOf(random), random.pick([3, 3, 5])];
  if (size * size * filter * filter * channels > MOST_MACS) return null;
  const input = perTensor(random.pick(['int8', 'uint4', 'uint2'] as const), 1, 0);
  const output = perTensor(random.pick(['uint4', 'uint2', 'binary'] as const), 1, 0);
  const weights = Int8Array.from({ length: filter * filter * channels }, () => random.integer(-8, 7));
  const [pad, clamp] = [(filter - 1) / 2, INTEGER_RANGE[output.type as 'uint4']];
  return sketch.node(
    'DEPTHWISE_CONV_2D',
    {
      stride: ONE,
      dilation: ONE,
      padding: { top: pad, bottom: pad, left: pad, right: pad },
      depthMultiplier: 1,
      clamp,
    },
    [
      sketch.input(`${name}_x`, [1, size, size, channels], input),
      sketch.constant([1, filter, filter, channels], weights, perTensor('int8', 1, 0)),
      null,
      sketch.constant([channels, clamp.max], thresholdsOf(random, channels, clamp.max), plain('int32')),
    ],
    [name, [1, size, size, channels], output],
  );
}

function thresholdsOf(random: Random, channels: number, steps: number): Int32Array {
  const rows = Array.from({ length: channels }, () =>
    Array.from({ length: steps }, () => random.integer(-20, 20)).sort((a, b) => a - b),
  );
  return Int32Array.from(rows.flat());
}

/** Codes of four and two bits between layers of bytes: packed, unpacked, and taken by a depthwise layer. */
function narrowCodes(random: Random, sketch: Sketch, name: string): TensorId | null {
  const size = random.pick(SIZES);
  const codes = perTensor(random.pick(['uint4', 'uint2'] as const), BYTES.scales[0]!, 0);
  const shape = [1, size, size, channelsOf(random)];
  const bytes = (zero: number) => perTensor('int8', BYTES.scales[0]!, zero);
  switch (random.integer(0, 4)) {
    case 0:
      return sketch.node('QUANTIZE', {}, [sketch.input(`${name}_x`, shape, codes)], [name, shape, bytes(0)]);
    case 1:
      return sketch.node(
        'QUANTIZE',
        {},
        [sketch.input(`${name}_x`, shape, bytes(-128))],
        [name, shape, codes],
      );
    case 2:
      return depthwiseByThresholds(random, sketch, name);
    default: {
      const window = {
        input: square(size),
        filter: square(random.pick([3, 3, 5])),
        stride: random.pick([1, 1, 2]),
        same: true,
      };
      return depthwise(random, sketch, name, {
        window,
        inputs: random.pick(CHANNELS),
        multiplier: 1,
        input: codes,
      });
    }
  }
}

export const LOW_BIT_FAMILIES: Recipes = {
  /** Weights of one and two bits, in layers of all the forms above. */
  narrow_weights: (random, sketch, name) =>
    narrow(random, sketch, name, [
      [-1, 0, 1],
      [-1, 1],
    ]),
  /** Grids of two and of four bits. */
  grid_weights: (random, sketch, name) => narrow(random, sketch, name, [[-3, -1, 1, 3], INT4]),
  signs: (random, sketch, name) => packed(random, sketch, name, 'binary', [[-1, 1]]),
  two_bit_codes: (random, sketch, name) => packed(random, sketch, name, 'uint2', [[-1, 1]]),
  two_bit_codes_by_grids: (random, sketch, name) => packed(random, sketch, name, 'uint2', [[-1, 0, 1], INT4]),
  sums: sum,
  'narrow codes': narrowCodes,
};
