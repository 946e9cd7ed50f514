/**
 * How far below an input an output must start where both share memory (`KernelCall.overlap`): far enough that no
 * element is overwritten before its last use.
 */
import { ELEMENT_BYTES, elementCount, type Tensor } from '../graph/tensor.js';

/** For kernels that write output i right after their last use of input i. */
export function sequentialOverlap(input: Tensor, output: Tensor): number {
  const growth = ELEMENT_BYTES[output.format.type] - ELEMENT_BYTES[input.format.type];
  return Math.max(0, (elementCount(output.shape) - 1) * growth);
}

/**
 * For kernels that write groups of `channels` elements in order, each group by parts, and read for group i nothing below
 * `starts[i]`: all counted in elements of one type with `bytes` bytes.
 * @param ahead the most by which the elements that a group has written exceed those, from its start on, that it no longer
 * reads; 0 where element c is written after the last read of anything below `start + c + 1`, null where nothing is read
 * after the group's first write
 */
export function windowOverlap(
  starts: readonly number[],
  channels: number,
  bytes: number,
  ahead: number | null = channels > 1 ? 0 : null,
): number {
  let distance = 0;
  let live = Number.POSITIVE_INFINITY;
  for (let group = starts.length - 1; group >= 0; group--) {
    distance = Math.max(distance, (group + 1) * channels - live);
    if (ahead !== null) distance = Math.max(distance, group * channels + ahead - starts[group]!);
    live = Math.min(live, starts[group]!);
  }
  return distance * bytes;
}

/**
 * For kernels that read all that they need for a block of pixels and then write it, block after block.
 * @param starts as in `windowOverlap`, by pixel
 * @param ends number of pixels written after each block, in order
 */
export function blockOverlap(
  starts: readonly number[],
  ends: readonly number[],
  channels: number,
  bytes: number,
): number {
  let distance = 0;
  let live = Number.POSITIVE_INFINITY;
  let pixel = starts.length;
  for (const end of ends.toReversed()) {
    while (pixel > end) live = Math.min(live, starts[--pixel]!);
    distance = Math.max(distance, end * channels - live);
  }
  return distance * bytes;
}
