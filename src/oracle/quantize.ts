import { INTEGER_RANGE, scaleOf, zeroPointOf } from '../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../numerics/fixed-point.js';
import { roundHalfAway } from '../numerics/requantize.js';
import { rescaleMultiplier } from '../numerics/scales.js';
import type { Call, Operators } from './call.js';

/**
 * From float32: round(fl(x / scale)) + zero point, saturating; NaN gives the least code. TFLM `reference/quantize.h`
 * leaves NaN and values beyond int32 to the machine's conversion. From integers: `reference/requantize.h`, whose
 * shortcut between int8 and uint8 gives the same codes.
 */
function quantize(call: Call<'QUANTIZE'>): void {
  const x = call.input(0);
  const y = call.output;
  const type = y.tensor.format.type;
  const { min, max } = INTEGER_RANGE[type as keyof typeof INTEGER_RANGE];
  const [sy, zy] = [scaleOf(y.tensor), zeroPointOf(y.tensor)];
  if (x.tensor.format.type === 'float32') {
    for (let i = 0; i < y.data.length; i++) {
      const code = roundHalfAway(Math.fround(x.data[i]! / sy)) + zy;
      y.data[i] = Number.isNaN(code) ? min : clamp(code, min, max);
    }
    return;
  }
  const multiplier = rescaleMultiplier(scaleOf(x.tensor), sy);
  const zx = zeroPointOf(x.tensor);
  for (let i = 0; i < y.data.length; i++) {
    const scaled = multiplyByQuantizedMultiplier((x.data[i]! - zx) | 0, multiplier);
    y.data[i] = clamp((scaled + zy) | 0, min, max);
  }
}

/** TFLM `reference/dequantize.h`: the product in binary64, rounded once. */
function dequantize(call: Call<'DEQUANTIZE'>): void {
  const x = call.input(0);
  const [sx, zx] = [scaleOf(x.tensor), zeroPointOf(x.tensor)];
  for (let i = 0; i < x.data.length; i++) call.output.data[i] = sx * (x.data[i]! - zx);
}

export const quantization: Operators<'QUANTIZE' | 'DEQUANTIZE'> = {
  QUANTIZE: quantize,
  DEQUANTIZE: dequantize,
};
