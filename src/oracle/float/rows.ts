/** Operators over the last dimension of real numbers. TFLite `reference/softmax.h`, `reference/l2normalization.h`. */
import { exp } from '../../numerics/activation.js';
import type { Call, Operators } from '../call.js';

/** The least norm that rows are divided by. */
const EPSILON = 1e-6;

/** Calls `visit` with each row of the input; what it gives is written to the output. */
function forEachRow(
  call: Call<'SOFTMAX' | 'L2_NORMALIZATION'>,
  visit: (row: readonly number[]) => readonly number[],
): void {
  const { data, shape } = call.input(0);
  const depth = shape.at(-1) ?? 1;
  for (let at = 0; at < data.length; at += depth) {
    call.output.data.set(visit(Array.from(data.subarray(at, at + depth))), at);
  }
}

const sum = (row: readonly number[]) => row.reduce((total, value) => total + value, 0);

export const rows: Operators<'SOFTMAX' | 'L2_NORMALIZATION'> = {
  SOFTMAX: (call) =>
    forEachRow(call, (row) => {
      const most = row.reduce((a, b) => Math.max(a, b));
      const powers = row.map((x) => exp(call.attributes.beta * (x - most)));
      const total = sum(powers);
      return powers.map((power) => power / total);
    }),
  L2_NORMALIZATION: (call) =>
    forEachRow(call, (row) => {
      const norm = Math.max(Math.sqrt(sum(row.map((x) => x * x))), EPSILON);
      return row.map((x) => x / norm);
    }),
};
