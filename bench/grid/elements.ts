/** Layers without weights. */
import { perTensor, plain } from '../../src/graph/tensor.js';
import { ALL_BYTES } from '../../test/support/sketch.js';
import { channelsOf, type Recipes, SIZES, square2 } from './recipe.js';

export const ELEMENT_FAMILIES: Recipes = {
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
  'whole images'(random, sketch, name) {
    const [size, channels] = [random.pick(SIZES), channelsOf(random)];
    const x = sketch.input(`${name}_x`, [1, size, size, channels]);
    if (random.chance(0.6)) return sketch.node('MEAN', { axes: [1, 2] }, [x], [name, [1, channels]]);
    const window = { filter: square2(size), stride: square2(1), clamp: ALL_BYTES };
    const padding = { top: 0, bottom: 0, left: 0, right: 0 };
    return sketch.node('AVERAGE_POOL_2D', { ...window, padding }, [x], [name, [1, 1, 1, channels]]);
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
};
