// Windows of packed activations as selectors of product tables: a byte for each four bits, 16 times what these hold, which is where
// their table of 16 bytes begins. Out of the image all bits are clear.

/** 2 * bytes selectors of packed `bytes`; up to fifteen bytes behind them are written too. */
// @ts-ignore: decorator
@inline
function select(to: usize, from: usize, count: i32): void {
  const end = to + <usize>count;
  const upper = i8x16.splat(-16);
  while (to < end) {
    const bytes = v128.load64_zero(from);
    const low = v128.and(i16x8.shl(bytes, 4), upper);
    const high = v128.and(bytes, upper);
    v128.store(to, v128.shuffle<i8>(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    to += 16;
    from += 8;
  }
}

// @ts-ignore: decorator
@inline
function clear(to: usize, count: i32): void {
  const end = to + <usize>count;
  while (to < end) {
    v128.store(to, i32x4.splat(0));
    to += 16;
  }
}

/**
 * Writes the selectors of the window whose first tap is at `top`, `left`: `tap_groups` for each tap. Up to fifteen bytes
 * behind them are written too.
 * @returns whether a tap is out of the image
 */
export function select_window(
  to: usize, image: usize, top: i32, left: i32, height: i32, width: i32, window_height: i32, window_width: i32,
  dilation_height: i32, dilation_width: i32, pixel_bytes: i32, tap_groups: i32,
): i32 {
  const last = left + (window_width - 1) * dilation_width;
  const gapless = dilation_width == 1 && tap_groups == 2 * pixel_bytes && left >= 0 && last < width;
  let outside: i32 = left < 0 || last >= width;
  for (let ky = 0; ky < window_height; ky++) {
    const y = top + ky * dilation_height;
    if (y < 0 || y >= height) {
      outside = 1;
      clear(to, window_width * tap_groups);
      to += window_width * tap_groups;
      continue;
    }
    const row = image + <usize>((y * width + left) * pixel_bytes);
    if (gapless) {
      select(to, row, window_width * tap_groups);
      to += window_width * tap_groups;
      continue;
    }
    for (let kx = 0; kx < window_width; kx++) {
      const x = kx * dilation_width;
      if (left + x < 0 || left + x >= width) clear(to, tap_groups);
      else select(to, row + x * pixel_bytes, tap_groups);
      to += tap_groups;
    }
  }
  return outside;
}
