// How weighted sums of low-bit layers end: from a sum of an output channel to what memory holds of its code. `values` holds, for
// all output channels:
// - accumulators (ending = 0): what is added to the sum of each channel
// - multiplier (1): the same, then the multipliers (one, or one a channel), then as many shifts of a byte
// - thresholds (2): 2^n - 1 for each channel, rising, with what would be added to the sum taken off; unused ones are never reached
import { clamp } from './output';
import { store_code } from './packed';
import { mbqm } from './requantize';

/** How many of 2^n - 1 rising thresholds the sum reaches. */
// @ts-ignore: decorator
@inline
export function reached_of(sum: i32, thresholds: usize, count: i32): i32 {
  let reached = 0;
  for (let half = (count + 1) >> 1; half > 0; half >>= 1) {
    if (sum >= load<i32>(thresholds + (<usize>(reached + half - 1) << 2))) reached += half;
  }
  return reached;
}

/** What memory holds of the code of channel `c`; its last parameters are those of a kernel's shape. */
// @ts-ignore: decorator
@inline
export function end_sum(
  sum: i32, c: i32, values: usize, channels: i32, ending: i32, output_bits: i32, thresholds: i32, per_channel: i32,
  right_shift: i32, output_offset: i32, act_min: i32, act_max: i32,
): i32 {
  if (ending == 2) {
    const reached = reached_of(sum, values + (<usize>(c * thresholds) << 2), thresholds);
    return output_bits == 1 ? 1 - reached : act_min + reached;
  }
  const total = sum + load<i32>(values + (<usize>c << 2));
  if (ending == 0) return total;
  const count = per_channel ? channels : 1;
  const i = per_channel ? c : 0;
  const multiplier = load<i32>(values + (<usize>(channels + i) << 2));
  const shift = <i32>load<i8>(values + (<usize>(channels + count) << 2) + i);
  return clamp(mbqm(total, multiplier, shift) + output_offset, act_min, act_max);
}

/** Stores the code of channel `c` of a pixel, whose channels must come in rising order. */
// @ts-ignore: decorator
@inline
export function store_sum(
  pixel: usize, sum: i32, c: i32, values: usize, channels: i32, ending: i32, output_bits: i32, thresholds: i32,
  per_channel: i32, right_shift: i32, output_offset: i32, act_min: i32, act_max: i32,
): void {
  const code = end_sum(
    sum, c, values, channels, ending, output_bits, thresholds, per_channel, right_shift, output_offset, act_min, act_max,
  );
  store_code(pixel, c, code, output_bits);
}
