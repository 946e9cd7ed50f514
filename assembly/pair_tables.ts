// Products as in product_tables.ts where entries have at most six steps, as those of binary by binary do: a table for four bits of each
// of two pixels, whose entries are nibbles, the first pixel's below the second's. Three entries are added before nibbles part.
import { high_nibbles, look_up_x16, nibble_mask } from './look_up';

/** [four bits of the second pixel][four of the first][16] of the layer that is computed. */
const TABLES = memory.data(4096, 16);

/** Makes them of the tables of one pixel. */
export function place_pair_tables(tables: usize): void {
  let to = TABLES;
  for (let second: usize = 0; second < 256; second += 16) {
    const upper = i16x8.shl(v128.load(tables + second), 4);
    for (let first: usize = 0; first < 256; first += 16) {
      v128.store(to, v128.or(upper, v128.load(tables + first)));
      to += 16;
    }
  }
}

/** Selectors of two windows (packed_windows.ts) become those of both, in place of the first's; up to fifteen behind them too. */
export function pair_selectors(first: usize, second: usize, count: i32): void {
  for (const end = first + <usize>count; first < end; first += 16) {
    v128.store(first, v128.or(i16x8.shr_u(v128.load(first), 4), v128.load(second)));
    second += 16;
  }
}

// @ts-ignore: decorator
@inline
function table_at(selector: usize): v128 {
  return v128.load(<usize>load<u8>(selector) << 4, TABLES);
}

/** An entry of each table. */
// @ts-ignore: decorator
@inline
function add_three(x: v128, in_x: v128, y: v128, in_y: v128, z: v128, in_z: v128): v128 {
  return i8x16.add(i8x16.add(look_up_x16(x, in_x), look_up_x16(y, in_y)), look_up_x16(z, in_z));
}

/** Sixteen sums of 8 bits, unsigned, are added to those of 16 bits. */
// @ts-ignore: decorator
@inline
function flush_sums(parts: usize, sums: v128): void {
  v128.store(parts, i16x8.add(v128.load(parts), i16x8.extend_low_i8x16_u(sums)));
  v128.store(parts, i16x8.add(v128.load(parts, 16), i16x8.extend_high_i8x16_u(sums)), 16);
}

/** Sixteen sums of 16 bits, in steps, become sums of 32 bits. */
// @ts-ignore: decorator
@inline
function end_sums(sums: usize, parts: usize, step: v128): void {
  const low = v128.load(parts);
  const high = v128.load(parts, 16);
  v128.store(sums, i32x4.extmul_low_i16x8_s(low, step));
  v128.store(sums, i32x4.extmul_high_i16x8_s(low, step), 16);
  v128.store(sums, i32x4.extmul_low_i16x8_s(high, step), 32);
  v128.store(sums, i32x4.extmul_high_i16x8_s(high, step), 48);
}

/**
 * The sums of two windows for `width` blocks of channels, 1 or 2, whose sums are `block_sums` apart; those of the second window behind
 * those of the first one. `row` bytes on are a group's next entries. `groups` is a multiple of three, as is `flush`, of which sums
 * of 8 bits hold as many.
 */
// @ts-ignore: decorator
@inline
export function sum_pairs(
  sums: usize, block_sums: usize, parts: usize, selectors: usize, w: usize, row: usize, groups: i32, flush: i32, step: i32,
  width: i32,
): void {
  const end = selectors + <usize>groups;
  const mask = nibble_mask();
  const zero = i32x4.splat(0);
  for (let i = 0; i < width << 6; i += 16) v128.store(parts + i, zero);
  do {
    const flush_end = min(end, selectors + <usize>flush);
    let a0 = zero;
    let a1 = zero;
    let b0 = zero;
    let b1 = zero;
    do {
      const x = table_at(selectors);
      const y = table_at(selectors + 1);
      const z = table_at(selectors + 2);
      const v0 = add_three(x, v128.load(w), y, v128.load(w + row), z, v128.load(w + 2 * row));
      const low0 = v128.and(v0, mask);
      a0 = i8x16.add(a0, low0);
      b0 = i8x16.add(b0, high_nibbles(v0, low0));
      if (width > 1) {
        const v1 = add_three(x, v128.load(w, 16), y, v128.load(w + row, 16), z, v128.load(w + 2 * row, 16));
        const low1 = v128.and(v1, mask);
        a1 = i8x16.add(a1, low1);
        b1 = i8x16.add(b1, high_nibbles(v1, low1));
      }
      selectors += 3;
      w += 3 * row;
    } while (selectors < flush_end);
    flush_sums(parts, a0);
    flush_sums(parts + 32, b0);
    if (width > 1) {
      flush_sums(parts + 64, a1);
      flush_sums(parts + 96, b1);
    }
  } while (selectors < end);
  const steps = i16x8.splat(<i16>step);
  for (let i = 0; i < width; i++) {
    end_sums(sums + <usize>i * block_sums, parts + <usize>(i << 6), steps);
    end_sums(sums + <usize>i * block_sums + 64, parts + <usize>(i << 6) + 32, steps);
  }
}
