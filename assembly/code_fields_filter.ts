// Filters of code_fields.ts, out of those whose bytes hold four codes of a channel, one for each of four inputs. They are made in
// place when the module is instantiated.
import { RELAXED } from './dot';

/** Exchanges the bits of `mask`, `shift` higher ones, with each other. */
// @ts-ignore: decorator
@inline
function exchange(codes: v128, mask: i32, shift: i32): v128 {
  const differing = v128.and(v128.xor(codes, i32x4.shr_u(codes, shift)), i32x4.splat(mask));
  return v128.xor(codes, v128.xor(differing, i32x4.shl(differing, shift)));
}

/** Of each four channels, the bytes of a channel become those of an input. */
export function transpose_codes(filter: usize, free: usize, vectors: i32): void {
  if (!RELAXED) return;
  const end = filter + (<usize>vectors << 4);
  for (; filter < end; filter += 16) {
    const pairs = exchange(v128.load(filter), 0x00cc00cc, 6);
    v128.store(filter, exchange(pairs, 0x0000f0f0, 12));
  }
}
