// Filters of fully_connected.ts: int8 [outputs / 32][pairs of inputs][32][2], then [rest / 8, rounded up][pairs of inputs][8][2], of an
// even number of pairs. Where RELAXED, once, when a module is instantiated, unsigned groups of four where two pairs were: of the
// lower four outputs of each eight in place of the first pairs, of the upper four in place of the second ones.
import { RELAXED } from './dot';

/** Blocks of `outputs` outputs, a multiple of eight, that share inputs. */
// @ts-ignore: decorator
@inline
function group_pairs(filter: usize, blocks: i32, groups: i32, outputs: usize): usize {
  const sign = i8x16.splat(-128);
  const half = outputs << 1;
  for (let rows = blocks * groups; rows > 0; rows--) {
    for (const end = filter + half; filter < end; filter += 16) {
      const a = v128.xor(v128.load(filter), sign);
      const b = v128.xor(v128.load(filter + half), sign);
      v128.store(filter, v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
      v128.store(filter + half, v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
    }
    filter += half;
  }
  return filter;
}

/** `wide` blocks of 32 outputs and `rest` of 8, of so many groups of four inputs. */
export function group_weights(filter: usize, free: usize, wide: i32, rest: i32, groups: i32): void {
  if (!RELAXED) return;
  group_pairs(group_pairs(filter, wide, groups, 32), rest, groups, 8);
}
