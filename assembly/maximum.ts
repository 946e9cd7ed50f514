// MAXIMUM and MINIMUM of tensors of one format: the order of codes is the order of values.
import { row1, row8, row_start } from './broadcast';
import { at, store8 } from './lanes';

// @ts-ignore: decorator
@inline
function choose<T>(
  greater: bool, output: usize, a: usize, b: usize, size_0: i32, size_1: i32, size_2: i32, size_3: i32,
  size_4: i32, a_stride_0: i32, a_stride_1: i32, a_stride_2: i32, a_stride_3: i32, a_stride_4: i32,
  b_stride_0: i32, b_stride_1: i32, b_stride_2: i32, b_stride_3: i32, b_stride_4: i32,
): void {
  for (let i = 0; i < size_0; i++) {
    for (let j = 0; j < size_1; j++) {
      for (let k = 0; k < size_2; k++) {
        for (let l = 0; l < size_3; l++) {
          const a_row = at<T>(a, row_start(i, j, k, l, a_stride_0, a_stride_1, a_stride_2, a_stride_3));
          const b_row = at<T>(b, row_start(i, j, k, l, b_stride_0, b_stride_1, b_stride_2, b_stride_3));
          let n = 0;
          for (; n <= size_4 - 8; n += 8) {
            const x = row8<T>(a_row, n, a_stride_4);
            const y = row8<T>(b_row, n, b_stride_4);
            store8<T>(at<T>(output, n), greater ? i16x8.max_s(x, y) : i16x8.min_s(x, y));
          }
          for (; n < size_4; n++) {
            const x = row1<T>(a_row, n, a_stride_4);
            const y = row1<T>(b_row, n, b_stride_4);
            store<T>(at<T>(output, n), <T>(greater ? max(x, y) : min(x, y)));
          }
          output = at<T>(output, size_4);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function maximum<T>(
  output: usize, a: usize, b: usize, size_0: i32, size_1: i32, size_2: i32, size_3: i32, size_4: i32,
  a_stride_0: i32, a_stride_1: i32, a_stride_2: i32, a_stride_3: i32, a_stride_4: i32, b_stride_0: i32,
  b_stride_1: i32, b_stride_2: i32, b_stride_3: i32, b_stride_4: i32,
): void {
  choose<T>(
    true, output, a, b, size_0, size_1, size_2, size_3, size_4, a_stride_0, a_stride_1, a_stride_2, a_stride_3,
    a_stride_4, b_stride_0, b_stride_1, b_stride_2, b_stride_3, b_stride_4,
  );
}

// @ts-ignore: decorator
@inline
export function minimum<T>(
  output: usize, a: usize, b: usize, size_0: i32, size_1: i32, size_2: i32, size_3: i32, size_4: i32,
  a_stride_0: i32, a_stride_1: i32, a_stride_2: i32, a_stride_3: i32, a_stride_4: i32, b_stride_0: i32,
  b_stride_1: i32, b_stride_2: i32, b_stride_3: i32, b_stride_4: i32,
): void {
  choose<T>(
    false, output, a, b, size_0, size_1, size_2, size_3, size_4, a_stride_0, a_stride_1, a_stride_2, a_stride_3,
    a_stride_4, b_stride_0, b_stride_1, b_stride_2, b_stride_3, b_stride_4,
  );
}
