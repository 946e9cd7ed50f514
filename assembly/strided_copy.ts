// TRANSPOSE, STRIDED_SLICE, CONCATENATION, PAD and copies: runs of bytes between two strided layouts.
import { copy } from './bytes';

/** Every element of `size` bytes, 1, 2 or 4, becomes the low bytes of `value`. */
// @ts-ignore: decorator
@inline
export function fill(output: usize, value: i32, count: i32, size: i32): void {
  if (size == 1) memory.fill(output, <u8>value, count);
  else if (size == 2) for (let i = 0; i < count; i++) store<i16>(output + (<usize>i << 1), <i16>value);
  else for (let i = 0; i < count; i++) store<i32>(output + (<usize>i << 2), value);
}

/** Offsets, strides and `run` in bytes; the innermost loop last. Input strides may be negative. */
// @ts-ignore: decorator
@inline
export function strided_copy(
  output: usize,
  input: usize,
  run: i32,
  size_0: i32,
  size_1: i32,
  size_2: i32,
  size_3: i32,
  size_4: i32,
  input_offset: i32,
  input_stride_0: i32,
  input_stride_1: i32,
  input_stride_2: i32,
  input_stride_3: i32,
  input_stride_4: i32,
  output_offset: i32,
  output_stride_0: i32,
  output_stride_1: i32,
  output_stride_2: i32,
  output_stride_3: i32,
  output_stride_4: i32,
): void {
  for (let i = 0; i < size_0; i++)
    for (let j = 0; j < size_1; j++)
      for (let k = 0; k < size_2; k++)
        for (let l = 0; l < size_3; l++) {
          const to_row = output_offset + i * output_stride_0 + j * output_stride_1 + k * output_stride_2 + l * output_stride_3;
          const from_row = input_offset + i * input_stride_0 + j * input_stride_1 + k * input_stride_2 + l * input_stride_3;
          for (let n = 0; n < size_4; n++)
            copy(output + to_row + n * output_stride_4, input + from_row + n * input_stride_4, run);
        }
}
