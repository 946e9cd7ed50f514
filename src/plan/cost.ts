import type { Kernel, Target } from '../kernels/kernel.js';
import type { Buffers } from './memory/buffers.js';

/**
 * Stack that the model's own functions need at most: the run function, a specialised function and its inlined kernel.
 * Nothing recurses and nothing is allocated on the stack by size.
 */
export const STACK_BYTES = 448;

/** Thumb-1 code against Thumb-2, as GCC's -O2 makes it of KWS (1.24) and VWW (1.5). */
const THUMB_1_GROWTH = 1.4;

/** Predicted bytes of one specialised copy of the kernel. */
export function codeBytes(kernel: Kernel, { isa }: Target): number {
  return isa === 'armv6-m' ? Math.round(kernel.codeBytes * THUMB_1_GROWTH) : kernel.codeBytes;
}

/** Bytes of the arena that belong to some buffer while `step` runs; bytes that two share count once. */
export function liveBytes({ list }: Buffers, offsets: readonly number[], step: number): number {
  const spans = list
    .flatMap(({ first, last, bytes }, i) =>
      first <= step && last >= step ? [{ from: offsets[i]!, to: offsets[i]! + bytes }] : [],
    )
    .sort((x, y) => x.from - y.from);
  let covered = 0;
  let top = 0;
  for (const { from, to } of spans) {
    covered += Math.max(0, to - Math.max(from, top));
    top = Math.max(top, to);
  }
  return covered;
}
