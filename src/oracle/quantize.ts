import { INTEGER_RANGE, scaleOf, type Tensor, zeroPointOf } from '../graph/tensor.js';
import { clamp } from '../numerics/fixed-point.js';
import { roundHalfAway } from '../numerics/requantize.js';
import { type Codes, rescale } from '../numerics/unary.js';
import type { Call, Operators } from './call.js';

/**
 * From float32: round(fl(x / scale)) + zero point, saturating; NaN gives the least code. TFLM `reference/quantize.h`
 * leaves NaN and values beyond int32 to the machine's conversion. From integers: `reference/requantize.h`.
 */
function quantize(call: Call<'QUANTIZE'>): void {
  const x = call.input(0);
  const y = call.output;
  const type = y.tensor.format.type;
  const { min, max } = INTEGER_RANGE[type as keyof typeof INTEGER_RANGE];
  const [sy, zy] = [scaleOf(y.tensor), zeroPointOf(y.tensor)];
  const thresholds = call.inputs[1];
  if (thresholds) {
    const step = type === 'binary' ? 2 : 1;
    // NaN reaches none.
    for (let i = 0; i < y.data.length; i++) {
      y.data[i] = min + step * thresholds.data.filter((threshold) => x.data[i]! >= threshold).length;
    }
    return;
  }
  if (x.tensor.format.type === 'float32') {
    for (let i = 0; i < y.data.length; i++) {
      const code = roundHalfAway(Math.fround(x.data[i]! / sy)) + zy;
      y.data[i] = Number.isNaN(code) ? min : clamp(code, min, max);
    }
    return;
  }
  const codes = (tensor: Tensor): Codes => ({
    scale: scaleOf(tensor),
    zeroPoint: zeroPointOf(tensor),
    ...INTEGER_RANGE[tensor.format.type as keyof typeof INTEGER_RANGE],
  });
  const f = rescale(codes(x.tensor), codes(y.tensor));
  for (let i = 0; i < y.data.length; i++) y.data[i] = f(x.data[i]!);
}

/** TFLM `reference/dequantize.h`: the product in binary64, rounded once. */
function dequantize(call: Call<'DEQUANTIZE'>): void {
  const x = call.input(0);
  const zx = zeroPointOf(x.tensor);
  const scales = call.inputs[1]?.data ?? Float32Array.of(scaleOf(x.tensor));
  for (let i = 0; i < x.data.length; i++)
    call.output.data[i] = scales[i % scales.length]! * (x.data[i]! - zx);
}

export const quantization: Operators<'QUANTIZE' | 'DEQUANTIZE'> = {
  QUANTIZE: quantize,
  DEQUANTIZE: dequantize,
};
