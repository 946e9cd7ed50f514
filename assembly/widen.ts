/**
 * int8 at `block + count` becomes int16 at `block`: each eight are read before they are overwritten. `count` is a multiple
 * of eight.
 */
export function widen(block: usize, count: i32): void {
  const end = block + <usize>(count << 1);
  let from = block + <usize>count;
  while (block < end) {
    v128.store(block, v128.load8x8_s(from));
    block += 16;
    from += 8;
  }
}
