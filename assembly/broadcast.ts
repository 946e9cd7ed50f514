// NumPy broadcasting of two operands over at most five loops, the innermost last. Strides count elements; 0 repeats an
// operand. Sizes are constants at each call, so loops of one turn and strides of 0 fold away.
import { at, load1, load4, load8 } from './lanes';

/** Element at which a row of an operand begins. */
// @ts-ignore: decorator
@inline
export function row_start(
  i: i32, j: i32, k: i32, l: i32, stride_0: i32, stride_1: i32, stride_2: i32, stride_3: i32,
): i32 {
  return i * stride_0 + j * stride_1 + k * stride_2 + l * stride_3;
}

/** Eight elements of a row, or one element in all lanes, as i16x8. */
// @ts-ignore: decorator
@inline
export function row8<T>(row: usize, n: i32, stride: i32): v128 {
  return stride ? load8<T>(at<T>(row, n)) : i16x8.splat(<i16>load<T>(row));
}

/** One element of a row as i32. */
// @ts-ignore: decorator
@inline
export function row1<T>(row: usize, n: i32, stride: i32): i32 {
  return load1<T>(at<T>(row, n * stride));
}

/** Four elements of a row, or one element in all lanes, as i32x4. */
// @ts-ignore: decorator
@inline
export function row4<T>(row: usize, n: i32, stride: i32): v128 {
  return stride ? load4<T>(at<T>(row, n)) : i32x4.splat(load1<T>(row));
}
