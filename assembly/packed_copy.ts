// TRANSPOSE, STRIDED_SLICE, CONCATENATION, PAD and RESHAPE of packed elements.
import { load_code, row_bytes, store_code } from './packed';

/** Every element becomes that of which `word` is full; `tail`: bits of a row's last word that hold elements. */
// @ts-ignore: decorator
@inline
export function fill_packed(output: usize, word: i32, rows: i32, words: i32, tail: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < words - 1; i++, output += 4) store<i32>(output, word);
    store<i32>(output, word & tail);
    output += 4;
  }
}

/**
 * Offsets, strides and `run` in bits; the innermost loop last. All are multiples of `unit`: 1, 2, 4, 8, 16 or 32. Input strides
 * may be negative. Leaves all other bits as they are.
 */
// @ts-ignore: decorator
@inline
export function packed_copy(
  output: usize,
  input: usize,
  unit: i32,
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
  const mask: u32 = unit == 32 ? <u32>-1 : (<u32>1 << (unit & 31)) - 1;
  for (let i = 0; i < size_0; i++)
    for (let j = 0; j < size_1; j++)
      for (let k = 0; k < size_2; k++)
        for (let l = 0; l < size_3; l++)
          for (let n = 0; n < size_4; n++) {
            let to = output_offset + i * output_stride_0 + j * output_stride_1 + k * output_stride_2 +
              l * output_stride_3 + n * output_stride_4;
            let from = input_offset + i * input_stride_0 + j * input_stride_1 + k * input_stride_2 +
              l * input_stride_3 + n * input_stride_4;
            const end = to + run;
            for (; to < end; to += unit, from += unit) {
              const field = (load<u32>(input + (<usize>(from >> 5) << 2)) >> (from & 31)) & mask;
              const word = output + (<usize>(to >> 5) << 2);
              store<u32>(word, (load<u32>(word) & ~(mask << (to & 31))) | (field << (to & 31)));
            }
          }
}

/** The same elements in rows of another length. */
// @ts-ignore: decorator
@inline
export function packed_reshape(
  output: usize, input: usize, elements: i32, bits: i32, input_depth: i32, output_depth: i32,
): void {
  let from = 0;
  for (let left = elements; left > 0; left -= output_depth, output += row_bytes(output_depth, bits)) {
    for (let to = 0; to < output_depth; to++) {
      store_code(output, to, load_code(input, from, bits), bits);
      if (++from == input_depth) {
        from = 0;
        input += row_bytes(input_depth, bits);
      }
    }
  }
}
