/** Preprocessing of pixels in C. */
import { type Format, INTEGER_RANGE } from '../../graph/tensor.js';
import { roundHalfAway } from '../../numerics/requantize.js';
import { pixelTables } from './pixels.js';
import type { ImagePreprocess } from './preprocess.js';

/** Bits behind the point, unless products need the room. */
const SHIFT = 16;

/**
 * How a pixel of 0 to 255 becomes the code of a quantized input, in integers of 32 bits: `code = pixel - 128;` where that is all,
 * a statement for each channel where they differ. Checked on all 256 pixels, and where it can be 1 code beside rounding, it says so.
 */
export function pixelCode(image: ImagePreprocess, format: Format): string {
  const tables = pixelTables(image);
  return tables.map((reals, c) => statement(reals, format, tables.length > 1 ? `[${c}]` : '')).join('\n');
}

function statement(reals: Float32Array, format: Format, channel: string): string {
  const { min, max } = INTEGER_RANGE[format.type as keyof typeof INTEGER_RANGE];
  const [scale, zeroPoint] = [format.scales[0]!, format.zeroPoints[0]!];
  const clamp = (code: number) => Math.min(max, Math.max(min, code));
  const codes = Array.from(reals, (real) => clamp(roundHalfAway(Math.fround(real / scale)) + zeroPoint));
  const pixel = `pixel${channel}`;
  const assign = (value: string, code: (pixel: number) => number) => {
    const off = Math.max(...codes.map((expected, p) => Math.abs(code(p) - expected)));
    return { text: `code${channel} = ${value};${off > 0 ? ` /* within ${off} */` : ''}`, off };
  };

  const shifted = assign(min === 0 ? pixel : `${pixel} - ${-min}`, (p) => p + min);
  if (max - min === 255 && shifted.off <= 1) return shifted.text;

  const slope = (reals[255]! - reals[0]!) / 255 / scale;
  const first = reals[0]! / scale + zeroPoint + 0.5;
  let shift = SHIFT;
  const fixed = (value: number) => Math.round(value * 2 ** shift);
  const products = () => [fixed(first), fixed(slope) * 255, fixed(slope) * 255 + fixed(first)];
  while (products().some((product) => Math.abs(product) >= 2 ** 31)) shift--;
  const [multiplier, offset] = [fixed(slope), fixed(first)];
  const sum = `${pixel} * ${multiplier} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
  return assign(`clamp((${sum}) >> ${shift}, ${min}, ${max})`, (p) =>
    clamp((p * multiplier + offset) >> shift),
  ).text;
}
