/** Where row `row` of an image of `height` rows lies in a ring of `ring_rows`; a whole image needs no division. */
// @ts-ignore: decorator
@inline
export function ring_row(row: i32, ring_rows: i32, height: i32): i32 {
  return ring_rows >= height ? row : row % ring_rows;
}

/**
 * How many of `height` rows can be made out of the first `rows` of `input_height`: row y reads those below y * stride + reach, as
 * far as there are such.
 */
// @ts-ignore: decorator
@inline
export function rows_ready(rows: i32, input_height: i32, stride: i32, reach: i32, height: i32): i32 {
  return rows >= input_height ? height : rows < reach ? 0 : min(height, (rows - reach) / stride + 1);
}
