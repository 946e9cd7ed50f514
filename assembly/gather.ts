// GATHER.
import { copy } from './bytes';

/**
 * input [batches][outer][axis][run], indices [batches][count], output [batches][outer][count][run]; `run` in bytes. An
 * index outside of the axis reads its nearest end.
 */
// @ts-ignore: decorator
@inline
export function gather(
  output: usize,
  input: usize,
  indices: usize,
  batches: i32,
  outer: i32,
  axis: i32,
  count: i32,
  run: i32,
): void {
  for (let b = 0; b < batches; b++) {
    for (let o = 0; o < outer; o++) {
      for (let n = 0; n < count; n++) {
        const index = min(max(load<i32>(indices + (<usize>n << 2)), 0), axis - 1);
        copy(output, input + index * run, run);
        output += run;
      }
      input += axis * run;
    }
    indices += <usize>count << 2;
  }
}
