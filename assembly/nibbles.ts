/**
 * Nibbles become bytes, when a module is instantiated: 16 bytes at the end of the memory of `vectors` twice 16 bytes are their low
 * nibbles, then their high ones. Each are read before they are overwritten.
 */
export function expand_nibbles(block: usize, free: usize, vectors: i32): void {
  let from = block + (<usize>vectors << 4);
  const end = block + (<usize>vectors << 5);
  const mask = i8x16.splat(15);
  while (block < end) {
    const nibbles = v128.load(from);
    v128.store(block, v128.and(nibbles, mask));
    v128.store(block, v128.and(i16x8.shr_u(nibbles, 4), mask), 16);
    block += 32;
    from += 16;
  }
}
