/** TFLM `reference/integer_ops/fully_connected.h`, `reference/batch_matmul.h` and their micro/kernels. */
import { UNCLAMPED } from '../graph/float.js';
import { INTEGER_RANGE, scaleOf, zeroPointOf } from '../graph/tensor.js';
import { batchMatmulMultiplier, fullyConnectedMultipliers } from '../numerics/scales.js';
import type { Call, Operators } from './call.js';
import { broadcastOffsets } from './offsets.js';
import { ending, requantizer } from './requantizer.js';

function fullyConnected(call: Call<'FULLY_CONNECTED'>): void {
  const x = call.input(0);
  const filter = call.input(1);
  const [xs, ws, ys] = [x.data, filter.data, call.output.data];
  const [outputs = 1, depth = 1] = filter.shape;
  const { scales, zeroPoints } = filter.tensor.format;
  const zx = zeroPointOf(x.tensor);
  const requantize = ending(call, () =>
    fullyConnectedMultipliers(scaleOf(x.tensor), scales, scaleOf(call.output.tensor), outputs),
  );
  for (let row = 0; row < ys.length / outputs; row++) {
    for (let o = 0; o < outputs; o++) {
      const zw = zeroPoints[o] ?? zeroPoints[0] ?? 0;
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += (xs[row * depth + k]! - zx) * (ws[o * depth + k]! - zw);
      ys[row * outputs + o] = requantize(sum, o);
    }
  }
}

function batchMatmul(call: Call<'BATCH_MATMUL'>): void {
  const { adjX, adjY } = call.attributes;
  const a = call.input(0);
  const b = call.input(1);
  const y = call.output;
  const [as, bs, ys] = [a.data, b.data, y.data];
  const [za, zb] = [zeroPointOf(a.tensor), zeroPointOf(b.tensor)];
  const multipliers = () => [batchMatmulMultiplier(scaleOf(a.tensor), scaleOf(b.tensor), scaleOf(y.tensor))];
  const { type } = y.tensor.format;
  const range = type === 'float32' ? UNCLAMPED : INTEGER_RANGE[type === 'int16' ? 'int16' : 'int8'];
  const requantize = requantizer(call, 2, multipliers, range);

  const rows = y.shape.at(-2)!;
  const columns = y.shape.at(-1)!;
  const depth = a.shape.at(adjX ? -2 : -1)!;
  const [aRow, aDepth] = adjX ? [1, rows] : [depth, 1];
  const [bColumn, bDepth] = adjY ? [depth, 1] : [1, columns];
  const matrices = y.shape.slice(0, -2);
  const aMatrices = broadcastOffsets(a.shape.slice(0, -2), matrices);
  const bMatrices = broadcastOffsets(b.shape.slice(0, -2), matrices);
  let at = 0;
  for (let i = 0; i < aMatrices.length; i++) {
    const aBase = aMatrices[i]! * rows * depth;
    const bBase = bMatrices[i]! * depth * columns;
    for (let m = 0; m < rows; m++) {
      for (let n = 0; n < columns; n++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) {
          const value = as[aBase + m * aRow + k * aDepth]! - za;
          sum += value * (bs[bBase + n * bColumn + k * bDepth]! - zb);
        }
        ys[at++] = requantize(sum, 0);
      }
    }
  }
}

export const matmul: Operators<'FULLY_CONNECTED' | 'BATCH_MATMUL'> = {
  FULLY_CONNECTED: fullyConnected,
  BATCH_MATMUL: batchMatmul,
};
