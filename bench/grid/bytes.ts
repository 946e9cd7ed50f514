/** Layers with weights of int8. */
import { channelsOf, type Recipes, SIZES, square } from './recipe.js';
import { convolution, dense, depthwise, type Window } from './weighted.js';

export const BYTE_FAMILIES: Recipes = {
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
  dense(random, sketch, name) {
    const inputs = random.chance(0.85)
      ? random.pick([32, 64, 100, 128, 192, 256, 400, 640])
      : random.integer(5, 300);
    const outputs = random.pick([2, 3, 4, 8, 10, 12, 16, 64, 128, 256]);
    return dense(random, sketch, name, { inputs, outputs });
  },
};
