// Rows of an int8 image with its padding filled in, so that kernels of windows know no borders. Lines are of int16 or, where
// bytes are multiplied, of int8.
import { ring_row } from './ring';

/** `count` codes as elements of T; the rest of the last vector is written too. */
// @ts-ignore: decorator
@inline
function copy<T>(to: usize, from: usize, count: i32): void {
  const end = to + <usize>count * sizeof<T>();
  while (to < end) {
    v128.store(to, sizeof<T>() == 1 ? v128.load(from) : v128.load8x8_s(from));
    to += 16;
    from += 16 / sizeof<T>();
  }
}

/** `count` elements of T with the value of `value`; the rest of the last vector is written too. */
// @ts-ignore: decorator
@inline
function fill<T>(to: usize, value: v128, count: i32): void {
  const end = to + <usize>count * sizeof<T>();
  while (to < end) {
    v128.store(to, value);
    to += 16;
  }
}

/**
 * Writes where the window of each pixel of a band begins, in bytes from the first line on: int32, at least four.
 * @returns where the lines begin
 */
export function place_windows(windows: usize, rows: i32, width: i32, row_bytes: i32, column_bytes: i32): usize {
  for (let y = 0; y < rows; y++) {
    let offset = y * row_bytes;
    for (let x = 0; x < width; x++) {
      store<i32>(windows, offset);
      offset += column_bytes;
      windows += 4;
    }
  }
  v128.store(windows, i32x4.splat(0));
  return (windows + 31) & ~15;
}

/**
 * Writes where each pair of int16 of a window lies, in bytes from where the window begins: int32. A window is `rows` by
 * `columns` runs of `run` int16 (even).
 * @returns what follows, a multiple of 16 behind `taps`
 */
export function place_taps(taps: usize, rows: i32, columns: i32, run: i32, row_bytes: i32, column_bytes: i32): usize {
  const begin = taps;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let k = 0; k < run; k += 2) {
        store<i32>(taps, y * row_bytes + x * column_bytes + (k << 1));
        taps += 4;
      }
    }
  }
  return begin + (taps - begin + 15 & ~15);
}

/**
 * Lines of `width` pixels of an image in a ring of `ring_rows`: rows from `top` on, columns from -pad_left on. Whatever lies
 * outside of the image becomes `zero_point`. In ascending order, so that each part ends where the next begins.
 */
export function lines_of<T>(
  lines: usize, image: usize, top: i32, count: i32, width: i32, pad_left: i32, zero_point: i32, height: i32,
  ring_rows: i32, row_width: i32, channels: i32,
): void {
  const row = row_width * channels;
  const line = width * channels;
  const left = min(pad_left, width) * channels;
  const inside = min(row, line - left);
  if (line == row && left == 0 && top >= 0 && top + count <= min(height, ring_rows)) {
    copy<T>(lines, image + top * row, count * row);
    return;
  }
  const zero = v128.splat<T>(<T>zero_point);
  for (let y = top; y < top + count; y++) {
    if (y >= 0 && y < height) {
      fill<T>(lines, zero, left);
      copy<T>(lines + <usize>left * sizeof<T>(), image + ring_row(y, ring_rows, height) * row, inside);
      fill<T>(lines + <usize>(left + inside) * sizeof<T>(), zero, line - left - inside);
    } else {
      fill<T>(lines, zero, line);
    }
    lines += <usize>line * sizeof<T>();
  }
}

/** Bytes of a and b in turn as int16; up to fourteen lanes behind them are written too. */
// @ts-ignore: decorator
@inline
function widen_pairs(to: usize, a: usize, b: usize, count: i32): void {
  const end = to + <usize>(count << 2);
  while (to < end) {
    const pairs = v128.shuffle<i8>(
      v128.load64_zero(a), v128.load64_zero(b), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
    );
    v128.store(to, i16x8.extend_low_i8x16_s(pairs));
    v128.store(to, i16x8.extend_high_i8x16_s(pairs), 16);
    to += 32;
    a += 8;
    b += 8;
  }
}

/**
 * Lines of pairs: each code of a row beside the one `distance` rows below it. `count` lines, `step` rows apart, and behind
 * them one row of zero points.
 */
export function widen_line_pairs(
  lines: usize, image: usize, top: i32, count: i32, step: i32, distance: i32, width: i32, pad_left: i32,
  zero_point: i32, height: i32, row_width: i32, channels: i32,
): void {
  const row = row_width * channels;
  const line = width * channels;
  const left = min(pad_left, width) * channels;
  const inside = min(row, line - left);
  const zero = i16x8.splat(<i16>zero_point);
  const zeros = lines + (count * line << 2) + SLACK_OF_PAIRS;
  memory.fill(zeros, <u8>zero_point, inside);
  for (; count > 0; count--) {
    const a = top >= 0 && top < height ? image + top * row : zeros;
    const b = top + distance >= 0 && top + distance < height ? image + (top + distance) * row : zeros;
    fill<i16>(lines, zero, left << 1);
    widen_pairs(lines + (left << 2), a, b, inside);
    fill<i16>(lines + (left + inside << 2), zero, line - left - inside << 1);
    lines += line << 2;
    top += step;
  }
}

/** Bytes by which the last line of pairs may be written too far. */
const SLACK_OF_PAIRS = 32;
