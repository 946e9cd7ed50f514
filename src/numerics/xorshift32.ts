/**
 * Marsaglia's generator of pseudo-random words, the same on every machine.
 * @param k any integer: each has a sequence of its own
 * @returns the next word, as int32
 */
export function xorshift32(k: number): () => number {
  let x = 0x9e3779b9 ^ Math.imul(k, 0x01000193);
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x;
  };
}
