/** TFLM `micro/kernels/svdf_common.cc`, EvalIntegerSvdfReference. */
import { INTEGER_RANGE, scaleOf, zeroPointOf } from '../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../numerics/fixed-point.js';
import { svdfMultipliers } from '../numerics/scales.js';
import type { Call, Operators } from './call.js';

/**
 * Per filter: the input's product with weightsFeature enters the state's newest column, the state's product with
 * weightsTime is summed over the rank and rescaled.
 */
function svdf(call: Call<'SVDF'>): void {
  const { rank, clamp: bounds } = call.attributes;
  const [x, feature, time, state] = [call.input(0), call.input(1), call.input(2), call.input(4)];
  const y = call.output;
  const [batches = 1, inputSize = 1] = x.shape;
  const [filters = 1] = feature.shape;
  const memory = time.shape[1] ?? 1;
  const units = filters / rank;
  const bias = call.bias(3);
  const multipliers = svdfMultipliers(
    scaleOf(x.tensor),
    scaleOf(feature.tensor),
    scaleOf(state.tensor),
    scaleOf(time.tensor),
    scaleOf(y.tensor),
  );
  const [zx, zs, zy] = [zeroPointOf(x.tensor), zeroPointOf(state.tensor), zeroPointOf(y.tensor)];
  const stateRange = INTEGER_RANGE[state.tensor.format.type === 'int16' ? 'int16' : 'int8'];

  // The oldest column of a filter falls into the newest of the one before, which is overwritten below.
  state.data.copyWithin(0, 1);
  for (let b = 0; b < batches; b++) {
    for (let f = 0; f < filters; f++) {
      let sum = 0;
      for (let i = 0; i < inputSize; i++) {
        sum += feature.data[f * inputSize + i]! * (x.data[b * inputSize + i]! - zx);
      }
      const scaled = multiplyByQuantizedMultiplier(sum | 0, multipliers.feature);
      state.data[(b * filters + f) * memory + memory - 1] =
        clamp(scaled, stateRange.min, stateRange.max) + zs;
    }
    for (let u = 0; u < units; u++) {
      let sum = bias?.[u] ?? 0;
      for (let f = u * rank; f < (u + 1) * rank; f++) {
        for (let m = 0; m < memory; m++) {
          sum += time.data[f * memory + m]! * (state.data[(b * filters + f) * memory + m]! - zs);
        }
      }
      const scaled = multiplyByQuantizedMultiplier(sum | 0, multipliers.time);
      y.data[b * units + u] = clamp(scaled + zy, bounds.min, bounds.max);
    }
  }
}

export const stateful: Operators<'SVDF'> = { SVDF: svdf };
