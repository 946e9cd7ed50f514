/** What kernels of DEPTHWISE_CONV_2D by vectors of channels share (`codegen/c/kernels/depthwise_taps.h`). */
import type { Tensor, TypedArray } from '../../graph/tensor.js';
import type { Parameters } from '../kernel.js';
import { clampsCodes, roundsNegatives } from '../weights/code-range.js';
import { type Convolution, leavesImage, windowMembers } from './convolution.js';

/** Taps for which the kernels have room in their list of pointers. */
export const TAPS = 25;

/** The kernels' shape: `group` taps are summed in 16 bits. */
export function tapsShape(conv: Convolution, outputTensor: Tensor, group: number): Parameters {
  const { input, output } = conv;
  return {
    batches: conv.batches,
    input_height: input.height,
    input_width: input.width,
    channels: output.channels,
    input_ring_rows: input.height,
    output_height: output.height,
    output_width: output.width,
    output_ring_rows: output.height,
    ...windowMembers(conv),
    padded: leavesImage(conv) ? 1 : 0,
    group,
    away: roundsNegatives(outputTensor, conv.clamp),
    clamped: clampsCodes(conv.clamp),
  };
}

/**
 * The most consecutive taps whose products with any codes sum up in 16 bits: in every channel, the magnitudes of each
 * group of weights times 128 stay below 2^15.
 */
export function provenGroup(data: TypedArray, taps: number, channels: number): number {
  const fits = (group: number) => {
    for (let c = 0; c < channels; c++) {
      for (let first = 0; first < taps; first += group) {
        let magnitude = 0;
        for (let tap = first; tap < Math.min(first + group, taps); tap++) {
          magnitude += Math.abs(Number(data[tap * channels + c]));
        }
        if (magnitude * 128 >= 2 ** 15) return false;
      }
    }
    return true;
  };
  let group = taps;
  while (group > 1 && !fits(group)) group--;
  return group;
}
