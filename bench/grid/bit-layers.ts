/** Layers whose scales follow each row. */
import { type Format, INTEGER_RANGE, perTensor, plain, type TensorId } from '../../src/graph/tensor.js';
import type { Random } from '../../test/support/random/random.js';
import { ALL_BYTES, BYTES, type Sketch } from '../../test/support/sketch.js';

/** What a layer of BitNet consists of: sums to int32 of any weights, and the rows' absmax before and behind them. */
export function bitLayer(random: Random, sketch: Sketch, name: string): TensorId {
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
