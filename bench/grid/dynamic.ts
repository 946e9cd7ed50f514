/** Layers whose scale and zero point follow their whole input. */
import { perTensor, plain, type TensorId } from '../../src/graph/tensor.js';
import type { Random } from '../../test/support/random/random.js';
import type { Sketch } from '../../test/support/sketch.js';
import { channelsOf, SIZES } from './recipe.js';

const FLOAT = plain('float32');

/** What dynamic quantization puts before and behind sums to int32. */
export function dynamicLayer(random: Random, sketch: Sketch, name: string): TensorId {
  const [size, channels] = [random.pick(SIZES.slice(0, 5)), channelsOf(random)];
  const shape = [1, size, size, channels];
  const x = () => sketch.input(`${name}_x`, shape, FLOAT);
  const scale = () => sketch.input(`${name}_scale`, [], FLOAT);
  const zero = () => sketch.input(`${name}_zero`, [], plain('uint8'));
  switch (random.integer(0, 4)) {
    case 0:
      return sketch.node('DYNAMIC_SCALE', {}, [x()], [name, [], FLOAT]);
    case 1:
      return sketch.node('DYNAMIC_ZERO_POINT', {}, [x(), scale()], [name, [], plain('uint8')]);
    case 2: {
      const side = random.integer(0, 1);
      const padding = { top: side, bottom: side, left: side, right: side };
      const padded = [1, size + 2 * side, size + 2 * side, channels];
      const codes = perTensor('int8', 1, -128);
      return sketch.node('DYNAMIC_QUANTIZE', { padding }, [x(), scale(), zero()], [name, padded, codes]);
    }
    default: {
      const numbers = (count: number) => Float32Array.from({ length: count }, () => random.real() / 50);
      const operands = [
        sketch.input(`${name}_sums`, shape, perTensor('int32', 1, 0)),
        scale(),
        zero(),
        sketch.constant([channels], new Int32Array(channels).fill(1000), plain('int32')),
        sketch.constant([1], numbers(1), FLOAT),
        ...(random.chance(0.7) ? [sketch.constant([channels], numbers(channels), FLOAT)] : []),
      ];
      const low = random.chance(0.5) ? 0 : Number.NEGATIVE_INFINITY;
      const bounds = { low, high: Number.POSITIVE_INFINITY };
      return sketch.node('DYNAMIC_DEQUANTIZE', bounds, operands, [name, shape, FLOAT]);
    }
  }
}
