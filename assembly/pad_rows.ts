// PAD of an image by rows: rows [row_begin, row_end) of the output, from rings of rows.
import { copy } from './bytes';
import { ring_row } from './ring';
import { fill } from './strided_copy';

/** `count` elements of `size` bytes a row of the output, of which `runs` of `run` bytes, `step` bytes apart from `offset` on, are the input's. */
// @ts-ignore: decorator
@inline
export function pad_rows(
  output: usize,
  input: usize,
  row_begin: i32,
  row_end: i32,
  value: i32,
  input_height: i32,
  input_ring_rows: i32,
  output_height: i32,
  output_ring_rows: i32,
  pad_top: i32,
  count: i32,
  size: i32,
  runs: i32,
  run: i32,
  offset: i32,
  step: i32,
): void {
  for (let y = row_begin; y < row_end; y++) {
    const to = output + ring_row(y, output_ring_rows, output_height) * count * size;
    const inside = y - pad_top;
    fill(to, value, count, size);
    if (inside < 0 || inside >= input_height) continue;
    const from = input + ring_row(inside, input_ring_rows, input_height) * runs * run;
    for (let i = 0; i < runs; i++) copy(to + offset + i * step, from + i * run, run);
  }
}
