import { clamp } from './fixed-point.js';
import { roundHalfAway } from './requantize.js';

/**
 * int16 -> int16 table of 513 entries for linear interpolation: 512 steps over the input's codes and one entry to end
 * the last. Each entry is corrected by half of the interpolation's error in the middle of its step. All arithmetic is
 * float32. TFLM `kernels/internal/common.h`, LUTPopulateInt16<float>.
 * @param f the function, float32 to float32
 */
export function interpolatedTable(
  inputScale: number,
  inputZeroPoint: number,
  outputScale: number,
  f: (x: number) => number,
): Int16Array {
  const fl = Math.fround;
  const inputMin = fl(inputScale * (-32768 - inputZeroPoint));
  const inputMax = fl(inputScale * (32767 - inputZeroPoint));
  const step = fl(fl(inputMax - inputMin) / 512);
  const halfStep = fl(step / 2);
  const outputRange = fl(fl(outputScale * 32767) - fl(outputScale * -32768));
  const inverseScale = fl(65536 / outputRange);
  const code = (y: number) => roundHalfAway(fl(y * inverseScale));

  const table = new Int16Array(513);
  for (let i = 0; i < 512; i++) {
    const x = fl(inputMin + fl(i * step));
    const sample = code(f(x));
    const nextExact = fl(f(fl(inputMin + fl((i + 1) * step))) * inverseScale);
    const middleInterpolated = roundHalfAway(fl(fl(nextExact + sample) / 2));
    const middle = code(f(fl(x + halfStep)));
    const bias = roundHalfAway((middleInterpolated - middle) / 2);
    table[i] = clamp(sample - bias, -32768, 32767);
  }
  table[512] = clamp(code(f(inputMax)), -32768, 32767);
  return table;
}

/** The table at `x`, interpolated and rounded (`LUTLookup`). */
export function lookUpInterpolated(table: Int16Array, x: number): number {
  const index = 256 + (x >> 7);
  const base = table[index]!;
  const slope = ((table[index + 1]! - base) << 16) >> 16;
  return base + ((slope * (x & 127) + 64) >> 7);
}
