/** Layers as stages and strips have them: images of few columns. */
import type { Random } from '../../test/support/random/random.js';
import { ALL_BYTES } from '../../test/support/sketch.js';
import { CHANNELS, channelsOf, type Recipes, square, square2 } from './recipe.js';
import { convolution, depthwise } from './weighted.js';

function imageOf(random: Random): readonly [height: number, width: number] {
  return [random.integer(8, 16), random.pick([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 28, 40])];
}

/** As the first layers of a network have them, too. */
function fewChannels(random: Random): number {
  return random.chance(0.4) ? random.pick([1, 3, 4, 8, 12]) : channelsOf(random);
}

export const ROW_FAMILIES: Recipes = {
  'rows, pointwise': (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: { input: imageOf(random), filter: [1, 1], stride: random.pick([1, 1, 1, 2]), same: true },
      inputs: fewChannels(random),
      outputs: channelsOf(random),
    }),
  'rows, spatial': (random, sketch, name) =>
    convolution(random, sketch, name, {
      window: {
        input: imageOf(random),
        filter: square(random.pick([3, 3, 3, 5])),
        stride: random.pick([1, 1, 2]),
        same: true,
      },
      inputs: fewChannels(random),
      outputs: random.pick([3, 8, 8, 12, 16, 24, 32]),
    }),
  'rows, depthwise': (random, sketch, name) =>
    depthwise(random, sketch, name, {
      window: {
        input: imageOf(random),
        filter: square(random.pick([3, 3, 3, 3, 5, 7])),
        stride: random.pick([1, 1, 2]),
        same: true,
      },
      inputs: fewChannels(random),
      multiplier: 1,
    }),
  'rows, without weights'(random, sketch, name) {
    const [height, width] = imageOf(random);
    const channels = random.pick(CHANNELS);
    const shape = [1, height, width, channels];
    const x = sketch.input(`${name}_x`, shape);
    if (random.chance(0.4)) {
      const size = Math.min(width, random.pick([2, 3]));
      const pooled = [1, Math.floor(height / size), Math.floor(width / size), channels];
      const padding = { top: 0, bottom: 0, left: 0, right: 0 };
      const window = { filter: square2(size), stride: square2(size), padding, clamp: ALL_BYTES };
      return sketch.node(
        random.pick(['AVERAGE_POOL_2D', 'MAX_POOL_2D'] as const),
        window,
        [x],
        [name, pooled],
      );
    }
    if (random.chance(0.5))
      return sketch.node('ADD', { clamp: ALL_BYTES }, [x, sketch.input(`${name}_b`, shape)], [name, shape]);
    const begin = [0, 0, random.integer(0, width - 1), 0];
    const part = [1, height, random.integer(1, width - begin[2]!), channels];
    return sketch.node('STRIDED_SLICE', { begin, stride: [1, 1, 1, 1] }, [x], [name, part]);
  },
};
