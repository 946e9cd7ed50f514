/** Where row `row` of an image of `height` rows lies in a ring of `ring_rows`; a whole image needs no division. */
// @ts-ignore: decorator
@inline
export function ring_row(row: i32, ring_rows: i32, height: i32): i32 {
  return ring_rows >= height ? row : row % ring_rows;
}
