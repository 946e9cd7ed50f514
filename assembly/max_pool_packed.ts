// MAX_POOL_2D of packed codes, a word at a time.
import { ring_row } from './ring';

/** The greater of each two unsigned fields of `bits` bits, of which `high` has the highest ones. A bit that is set stands for -1. */
// @ts-ignore: decorator
@inline
function max_fields(a: u32, b: u32, bits: i32, high: u32): u32 {
  if (bits == 1) return a & b;
  const lower = (a | high) - (b & ~high);
  const reaches = ((a & ~b) | (~(a ^ b) & lower)) & high;
  const mask = (reaches - (reaches >> (bits - 1))) | reaches;
  return (a & mask) | (b & ~mask);
}

/** `high`, `act_min`, `act_max`: words full of the code's highest bit and bounds; `tail`: bits of a row's last word in use. */
// @ts-ignore: decorator
@inline
export function max_pool_packed(
  output: usize, input: usize, row_begin: i32, row_end: i32, batches: i32, words: i32, bits: i32, high: i32, tail: i32,
  input_height: i32, input_width: i32, input_ring_rows: i32, output_height: i32, output_width: i32,
  output_ring_rows: i32, filter_height: i32, filter_width: i32, stride_height: i32, stride_width: i32, pad_top: i32,
  pad_left: i32, act_min: i32, act_max: i32,
): void {
  const row_size = input_width * words;
  for (let batch = 0; batch < batches; batch++) {
    const image = input + <usize>(batch * input_ring_rows * row_size << 2);
    for (let y = row_begin; y < row_end; y++) {
      const top = y * stride_height - pad_top;
      const ky_begin = max(0, -top);
      const ky_end = min(filter_height, input_height - top);
      const out_row = batch * output_ring_rows + ring_row(y, output_ring_rows, output_height);
      let out = output + <usize>(out_row * output_width * words << 2);
      for (let x = 0; x < output_width; x++) {
        const left = x * stride_width - pad_left;
        const kx_begin = max(0, -left);
        const kx_end = min(filter_width, input_width - left);
        for (let w = 0; w < words; w++) {
          let largest = <u32>act_min;
          for (let ky = ky_begin; ky < ky_end; ky++) {
            const row = ring_row(top + ky, input_ring_rows, input_height) * row_size;
            for (let kx = kx_begin; kx < kx_end; kx++) {
              const tap = load<u32>(image + <usize>(row + (left + kx) * words + w << 2));
              largest = max_fields(largest, tap, bits, high);
            }
          }
          if (bits > 1) largest ^= act_max ^ max_fields(largest, act_max, bits, high);
          store<u32>(out, w + 1 == words ? largest & tail : largest);
          out += 4;
        }
      }
    }
  }
}
