/**
 * TFLM `reference/integer_ops/conv.h`, `depthwise_conv.h`, `transpose_conv.h` and their micro/kernels. Sums are exact
 * in binary64; an int32 accumulator is its sum modulo 2^32. Real numbers, whose zero point is 0, are added up in binary64 too.
 */
import { scaleOf, zeroPointOf } from '../graph/tensor.js';
import { convMultipliers } from '../numerics/scales.js';
import type { Call, Operators } from './call.js';
import { ending, requantizer } from './requantizer.js';

/** Sizes of an NHWC tensor. */
function nhwc(shape: readonly number[]): { n: number; h: number; w: number; c: number } {
  const [n = 1, h = 1, w = 1, c = 1] = shape;
  return { n, h, w, c };
}

/** One multiplier a channel. */
function multipliersOf(
  call: Call<'CONV_2D'> | Call<'DEPTHWISE_CONV_2D'> | Call<'TRANSPOSE_CONV'>,
  channels: number,
) {
  const x = call.input(0).tensor;
  const filter = call.input(1).tensor;
  const y = call.output.tensor;
  return convMultipliers(scaleOf(x), filter.format.scales, scaleOf(y), channels);
}

/** Zero point of the filter's channel `c`: not 0 only in filters that come from legacy uint8 models. */
function filterZeroPoints(zeroPoints: readonly number[], channels: number): number[] {
  return Array.from({ length: channels }, (_, c) => zeroPoints[c] ?? zeroPoints[0] ?? 0);
}

function conv2d(call: Call<'CONV_2D'>): void {
  const { stride, dilation, padding } = call.attributes;
  const x = call.input(0);
  const filter = call.input(1);
  const input = nhwc(x.shape);
  const kernel = nhwc(filter.shape);
  const output = nhwc(call.output.shape);
  const [xs, ws, ys] = [x.data, filter.data, call.output.data];
  const zx = zeroPointOf(x.tensor);
  const zws = filterZeroPoints(filter.tensor.format.zeroPoints, output.c);
  const requantize = ending(call, () => multipliersOf(call, output.c));
  const depth = kernel.c;
  const channelsPerGroup = output.c / (input.c / depth);

  let at = 0;
  for (let n = 0; n < output.n; n++) {
    for (let oy = 0; oy < output.h; oy++) {
      const top = oy * stride.height - padding.top;
      for (let ox = 0; ox < output.w; ox++) {
        const left = ox * stride.width - padding.left;
        for (let oc = 0; oc < output.c; oc++) {
          const group = Math.floor(oc / channelsPerGroup);
          const zw = zws[oc]!;
          let sum = 0;
          for (let ky = 0; ky < kernel.h; ky++) {
            const iy = top + ky * dilation.height;
            if (iy < 0 || iy >= input.h) continue;
            for (let kx = 0; kx < kernel.w; kx++) {
              const ix = left + kx * dilation.width;
              if (ix < 0 || ix >= input.w) continue;
              const from = ((n * input.h + iy) * input.w + ix) * input.c + group * depth;
              const weights = ((oc * kernel.h + ky) * kernel.w + kx) * depth;
              for (let c = 0; c < depth; c++) sum += (xs[from + c]! - zx) * (ws[weights + c]! - zw);
            }
          }
          ys[at++] = requantize(sum, oc);
        }
      }
    }
  }
}

function depthwiseConv2d(call: Call<'DEPTHWISE_CONV_2D'>): void {
  const { stride, dilation, padding, depthMultiplier } = call.attributes;
  const x = call.input(0);
  const filter = call.input(1);
  const input = nhwc(x.shape);
  const kernel = nhwc(filter.shape);
  const output = nhwc(call.output.shape);
  const [xs, ws, ys] = [x.data, filter.data, call.output.data];
  const zx = zeroPointOf(x.tensor);
  const zws = filterZeroPoints(filter.tensor.format.zeroPoints, output.c);
  const requantize = ending(call, () => multipliersOf(call, output.c));

  let at = 0;
  for (let n = 0; n < output.n; n++) {
    for (let oy = 0; oy < output.h; oy++) {
      const top = oy * stride.height - padding.top;
      for (let ox = 0; ox < output.w; ox++) {
        const left = ox * stride.width - padding.left;
        for (let oc = 0; oc < output.c; oc++) {
          const ic = Math.floor(oc / depthMultiplier);
          const zw = zws[oc]!;
          let sum = 0;
          for (let ky = 0; ky < kernel.h; ky++) {
            const iy = top + ky * dilation.height;
            if (iy < 0 || iy >= input.h) continue;
            for (let kx = 0; kx < kernel.w; kx++) {
              const ix = left + kx * dilation.width;
              if (ix < 0 || ix >= input.w) continue;
              const value = xs[((n * input.h + iy) * input.w + ix) * input.c + ic]! - zx;
              sum += value * (ws[(ky * kernel.w + kx) * output.c + oc]! - zw);
            }
          }
          ys[at++] = requantize(sum, oc);
        }
      }
    }
  }
}

/** Each input element adds its product with the filter to the window of the output that it stems from. */
function transposeConv(call: Call<'TRANSPOSE_CONV'>): void {
  const { stride, padding } = call.attributes;
  const x = call.input(0);
  const filter = call.input(1);
  const input = nhwc(x.shape);
  const kernel = nhwc(filter.shape);
  const output = nhwc(call.output.shape);
  const [xs, ws, ys] = [x.data, filter.data, call.output.data];
  const zx = zeroPointOf(x.tensor);
  const zws = filterZeroPoints(filter.tensor.format.zeroPoints, output.c);
  const requantize = requantizer(call, 2, () => multipliersOf(call, output.c), call.attributes.clamp);

  const sums = new Float64Array(ys.length);
  for (let n = 0; n < input.n; n++) {
    for (let iy = 0; iy < input.h; iy++) {
      for (let ix = 0; ix < input.w; ix++) {
        const from = ((n * input.h + iy) * input.w + ix) * input.c;
        for (let ky = 0; ky < kernel.h; ky++) {
          const oy = iy * stride.height - padding.top + ky;
          if (oy < 0 || oy >= output.h) continue;
          for (let kx = 0; kx < kernel.w; kx++) {
            const ox = ix * stride.width - padding.left + kx;
            if (ox < 0 || ox >= output.w) continue;
            const to = ((n * output.h + oy) * output.w + ox) * output.c;
            for (let oc = 0; oc < output.c; oc++) {
              const weights = ((oc * kernel.h + ky) * kernel.w + kx) * input.c;
              let sum = 0;
              for (let c = 0; c < input.c; c++) sum += (xs[from + c]! - zx) * (ws[weights + c]! - zws[oc]!);
              sums[to + oc]! += sum;
            }
          }
        }
      }
    }
  }
  for (let i = 0; i < ys.length; i++) ys[i] = requantize(sums[i]!, i % output.c);
}

export const convolution: Operators<'CONV_2D' | 'DEPTHWISE_CONV_2D' | 'TRANSPOSE_CONV'> = {
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  TRANSPOSE_CONV: transposeConv,
};
