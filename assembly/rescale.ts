// RESCALE: sums of a row by the row's factor, with 64-bit accumulators (docs/formats.md). `channels` holds a word a channel, or one
// for all: the reduced multiplier (requantize.ts) and above it, from bit 16 on, the shift. Behind these stand the biases, each of
// `bias_words` words, the low one first.
import { at, clamp } from './lanes';

// @ts-ignore: decorator
@inline
function bias64(biases: usize, channel: i32, words: i32): i64 {
  return words == 1 ? <i64>load<i32>(at<i32>(biases, channel)) : load<i64>(at<i64>(biases, channel));
}

/** T is the type of the outputs; there are `outputs` of them in a row. */
// @ts-ignore: decorator
@inline
export function rescale<T>(
  output: usize, input: usize, factors: usize, channels: usize, output_offset: i32, act_min: i32, act_max: i32,
  rows: i32, outputs: i32, per_channel: i32, bias_words: i32,
): void {
  const biases = at<i32>(channels, per_channel ? outputs : 1);
  for (let row = 0; row < rows; row++) {
    const factor = <i32>load<i16>(at<i16>(factors, row));
    for (let n = 0; n < outputs; n++) {
      const scale = load<i32>(at<i32>(channels, per_channel ? n : 0));
      const multiplier = scale & 0xffff;
      const shift = <i64>(15 - (scale >> 16));
      // mbqm64 of input * factor + bias; factor and multiplier have 31 bits together.
      let product = <i64>load<i32>(at<i32>(input, n)) * <i64>(factor * multiplier);
      if (bias_words) product += bias64(biases, n, bias_words) * <i64>multiplier;
      const code = <i32>((product + (<i64>1 << (shift - 1))) >> shift) + output_offset;
      store<T>(at<T>(output, n), <T>clamp(code, act_min, act_max));
    }
    input = at<i32>(input, outputs);
    output = at<T>(output, outputs);
  }
}
