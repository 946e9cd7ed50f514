// BATCH_MATMUL: [.., rows, depth] by [.., depth, columns], either of them transposed as the strides say. Eight columns at
// a time where they are neighbours, else eight products at a time where those are, else one.
import { clamp, store_x8 } from './output';
import { mbqm, mbqm64, mbqm_right_x4 } from './requantize';

// @ts-ignore: decorator
@inline
function requantize_x4(sums: v128, multiplier: i32, shift: i32, right_shift: i32): v128 {
  if (right_shift) return mbqm_right_x4(sums, i32x4.splat(multiplier), shift);
  let y = i32x4.splat(mbqm(i32x4.extract_lane(sums, 0), multiplier, shift));
  y = i32x4.replace_lane(y, 1, mbqm(i32x4.extract_lane(sums, 1), multiplier, shift));
  y = i32x4.replace_lane(y, 2, mbqm(i32x4.extract_lane(sums, 2), multiplier, shift));
  return i32x4.replace_lane(y, 3, mbqm(i32x4.extract_lane(sums, 3), multiplier, shift));
}

/** T: int8 or int16 activations. A: int32 or int64 sums. */
// @ts-ignore: decorator
@inline
function batch_matmul<T, A>(
  output: usize, a: usize, b: usize, a_offset: i32, b_offset: i32, multiplier: i32, shift: i32, output_offset: i32,
  act_min: i32, act_max: i32, batches_0: i32, batches_1: i32, batches_2: i32, a_batch_0: i32, a_batch_1: i32,
  a_batch_2: i32, b_batch_0: i32, b_batch_1: i32, b_batch_2: i32, rows: i32, columns: i32, depth: i32, a_row: i32,
  a_depth: i32, b_column: i32, b_depth: i32, right_shift: i32,
): void {
  const vectors = sizeof<T>() == 1 && b_column == 1 ? columns & ~7 : 0;
  const steps = sizeof<T>() == 1 && a_depth == 1 && b_depth == 1 ? depth & ~7 : 0;
  const a_offsets = i16x8.splat(<i16>a_offset);
  const b_offsets = i16x8.splat(<i16>b_offset);
  let out = output;
  for (let i = 0; i < batches_0; i++) {
    for (let j = 0; j < batches_1; j++) {
      for (let k = 0; k < batches_2; k++) {
        let a_base = a + (<usize>(i * a_batch_0 + j * a_batch_1 + k * a_batch_2) << alignof<T>());
        const b_base = b + (<usize>(i * b_batch_0 + j * b_batch_1 + k * b_batch_2) << alignof<T>());
        for (let row = 0; row < rows; row++) {
          for (let n = 0; n < vectors; n += 8) {
            let low = i32x4.splat(0);
            let high = i32x4.splat(0);
            let p = a_base;
            let q = b_base + n;
            for (let d = 0; d < depth; d++) {
              const x = i16x8.splat(<i16>(<i32>load<T>(p) + a_offset));
              const w = i16x8.add(v128.load8x8_s(q), b_offsets);
              low = i32x4.add(low, i32x4.extmul_low_i16x8_s(x, w));
              high = i32x4.add(high, i32x4.extmul_high_i16x8_s(x, w));
              p += a_depth;
              q += b_depth;
            }
            low = requantize_x4(low, multiplier, shift, right_shift);
            high = requantize_x4(high, multiplier, shift, right_shift);
            store_x8<T>(out + n, low, high, output_offset, act_min, act_max, 8);
          }
          for (let n = vectors; n < columns; n++) {
            let p = a_base;
            let q = b_base + (<usize>(n * b_column) << alignof<T>());
            let sums = i32x4.splat(0);
            for (let d = 0; d < steps; d += 8) {
              const x = i16x8.add(v128.load8x8_s(p), a_offsets);
              const w = i16x8.add(v128.load8x8_s(q), b_offsets);
              sums = i32x4.add(sums, i32x4.dot_i16x8_s(x, w));
              p += 8;
              q += 8;
            }
            let acc: A = 0;
            if (sizeof<A>() == 4) {
              acc = <A>(i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) +
                i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3));
            }
            for (let d = steps; d < depth; d++) {
              acc += <A>((<i32>load<T>(p) + a_offset) * (<i32>load<T>(q) + b_offset));
              p += <usize>a_depth << alignof<T>();
              q += <usize>b_depth << alignof<T>();
            }
            const code = sizeof<A>() == 8 ? mbqm64(acc, multiplier, shift) : mbqm(<i32>acc, multiplier, shift);
            store<T>(out + (<usize>n << alignof<T>()), <T>clamp(code + output_offset, act_min, act_max));
          }
          a_base += <usize>a_row << alignof<T>();
          out += <usize>columns << alignof<T>();
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function batch_matmul_s8(
  output: usize, a: usize, b: usize, a_offset: i32, b_offset: i32, multiplier: i32, shift: i32,
  output_offset: i32, batches_0: i32, batches_1: i32, batches_2: i32, a_batch_0: i32, a_batch_1: i32,
  a_batch_2: i32, b_batch_0: i32, b_batch_1: i32, b_batch_2: i32, rows: i32, columns: i32, depth: i32,
  a_row: i32, a_depth: i32, b_column: i32, b_depth: i32, right_shift: i32,
): void {
  batch_matmul<i8, i32>(
    output, a, b, a_offset, b_offset, multiplier, shift, output_offset, -128, 127, batches_0, batches_1,
    batches_2, a_batch_0, a_batch_1, a_batch_2, b_batch_0, b_batch_1, b_batch_2, rows, columns, depth,
    a_row, a_depth, b_column, b_depth, right_shift,
  );
}

// @ts-ignore: decorator
@inline
export function batch_matmul_s16(
  output: usize, a: usize, b: usize, multiplier: i32, shift: i32, batches_0: i32, batches_1: i32,
  batches_2: i32, a_batch_0: i32, a_batch_1: i32, a_batch_2: i32, b_batch_0: i32, b_batch_1: i32,
  b_batch_2: i32, rows: i32, columns: i32, depth: i32, a_row: i32, a_depth: i32, b_column: i32,
  b_depth: i32, right_shift: i32,
): void {
  batch_matmul<i16, i64>(
    output, a, b, 0, 0, multiplier, shift, 0, -32768, 32767, batches_0, batches_1, batches_2, a_batch_0,
    a_batch_1, a_batch_2, b_batch_0, b_batch_1, b_batch_2, rows, columns, depth, a_row, a_depth, b_column,
    b_depth, right_shift,
  );
}
