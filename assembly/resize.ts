// RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR; the generator computes where each row and column comes from. Rows [row_begin, row_end) of
// the output, from rings of rows.
import { copy } from './bytes';
import { ring_row } from './ring';

/** rows[y] and columns[x], i16, are the input's row and column; `pixel` in bytes. */
// @ts-ignore: decorator
@inline
export function resize_nearest_neighbor(
  output: usize,
  input: usize,
  rows: usize,
  columns: usize,
  row_begin: i32,
  row_end: i32,
  batches: i32,
  input_height: i32,
  input_width: i32,
  input_ring_rows: i32,
  output_height: i32,
  output_width: i32,
  output_ring_rows: i32,
  pixel: i32,
): void {
  for (let b = 0; b < batches; b++) {
    for (let y = row_begin; y < row_end; y++) {
      const from = b * input_ring_rows + ring_row(<i32>load<i16>(rows + (<usize>y << 1)), input_ring_rows, input_height);
      const row = input + from * input_width * pixel;
      let to = output + (b * output_ring_rows + ring_row(y, output_ring_rows, output_height)) * output_width * pixel;
      for (let x = 0; x < output_width; x++) {
        copy(to, row + <i32>load<i16>(columns + (<usize>x << 1)) * pixel, pixel);
        to += pixel;
      }
    }
  }
}

/** (sum > 0 ? sum + 2^19 : sum - 2^19) / 2^20, truncated. */
// @ts-ignore: decorator
@inline
function round(sum: i32): i32 {
  return (sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20);
}

/** As `round`: shifting the magnitude truncates, and the sign comes back by the exclusive or. */
// @ts-ignore: decorator
@inline
function round_x4(sum: v128): v128 {
  const magnitude = i32x4.shr_u(i32x4.add(i32x4.abs(sum), i32x4.splat(1 << 19)), 20);
  const sign = i32x4.shr_s(sum, 31);
  return i32x4.sub(v128.xor(magnitude, sign), sign);
}

/** near * weights[0] + far * weights[1] of eight i16 lanes; `half` 0: lanes 0-3, 1: lanes 4-7. */
// @ts-ignore: decorator
@inline
function blend(near: v128, far: v128, weights: v128, high: bool): v128 {
  return high
    ? i32x4.dot_i16x8_s(v128.shuffle<i16>(near, far, 4, 12, 5, 13, 6, 14, 7, 15), weights)
    : i32x4.dot_i16x8_s(v128.shuffle<i16>(near, far, 0, 8, 1, 9, 2, 10, 3, 11), weights);
}

/**
 * rows and columns hold pairs of i16: the lower of the two rows (columns), and the weight of the upper one in 1/1024. A
 * weight of 0 leaves the upper one unread. TensorFlow Lite Micro's ResizeBilinearInteger.
 */
// @ts-ignore: decorator
@inline
export function resize_bilinear_s8(
  output: usize,
  input: usize,
  rows: usize,
  columns: usize,
  row_begin: i32,
  row_end: i32,
  batches: i32,
  input_height: i32,
  input_width: i32,
  input_ring_rows: i32,
  output_height: i32,
  output_width: i32,
  output_ring_rows: i32,
  channels: i32,
): void {
  const row_bytes = input_width * channels;
  for (let b = 0; b < batches; b++) {
    const image = input + b * input_ring_rows * row_bytes;
    for (let y = row_begin; y < row_end; y++) {
      const down = <i32>load<i16>(rows + (<usize>y << 2), 2);
      const above = <i32>load<i16>(rows + (<usize>y << 2));
      const upper = image + ring_row(above, input_ring_rows, input_height) * row_bytes;
      const lower = down ? image + ring_row(above + 1, input_ring_rows, input_height) * row_bytes : upper;
      let to = output + (b * output_ring_rows + ring_row(y, output_ring_rows, output_height)) * output_width * channels;
      const up_x4 = i32x4.splat(1024 - down);
      const down_x4 = i32x4.splat(down);
      for (let x = 0; x < output_width; x++) {
        const right = <i32>load<i16>(columns + (<usize>x << 2), 2);
        const near = <i32>load<i16>(columns + (<usize>x << 2)) * channels;
        const far = right ? near + channels : near;
        const weights = i32x4.splat((right << 16) | (1024 - right));
        let c = 0;
        for (; c <= channels - 8; c += 8) {
          const a = v128.load8x8_s(upper + near + c);
          const a_far = v128.load8x8_s(upper + far + c);
          const z = v128.load8x8_s(lower + near + c);
          const z_far = v128.load8x8_s(lower + far + c);
          const low = i32x4.add(
            i32x4.mul(blend(a, a_far, weights, false), up_x4),
            i32x4.mul(blend(z, z_far, weights, false), down_x4),
          );
          const high = i32x4.add(
            i32x4.mul(blend(a, a_far, weights, true), up_x4),
            i32x4.mul(blend(z, z_far, weights, true), down_x4),
          );
          const words = i16x8.narrow_i32x4_s(round_x4(low), round_x4(high));
          v128.store64_lane(to, i8x16.narrow_i16x8_s(words, words), 0);
          to += 8;
        }
        for (; c < channels; c++) {
          const top = <i32>load<i8>(upper + near + c) * (1024 - right) + <i32>load<i8>(upper + far + c) * right;
          const bottom = <i32>load<i8>(lower + near + c) * (1024 - right) + <i32>load<i8>(lower + far + c) * right;
          store<i8>(to++, <i8>round(top * (1024 - down) + bottom * down));
        }
      }
    }
  }
}
