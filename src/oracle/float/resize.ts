/** TFLite `reference/resize_bilinear.h`, on real numbers. */
import type { Resize } from '../../graph/ops.js';
import type { Call } from '../call.js';
import { sizes } from '../resize.js';

/** Where a row (or column) of the output lies between two of the input: `1 - weight` of `lower`, `weight` of `upper`. */
interface Place {
  readonly lower: number;
  readonly upper: number;
  readonly weight: number;
}

function places(from: number, to: number, { alignCorners, halfPixelCenters }: Resize): Place[] {
  const step = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  return Array.from({ length: to }, (_, i) => {
    const at = halfPixelCenters ? (i + 0.5) * step - 0.5 : i * step;
    const lower = Math.max(Math.floor(at), 0);
    return { lower, upper: Math.min(lower + 1, from - 1), weight: Math.max(at - lower, 0) };
  });
}

export function bilinear(call: Call<'RESIZE_BILINEAR'>): void {
  const { batches, height, width, channels, rows, columns } = sizes(call);
  const x = call.input(0).data;
  const y = call.output.data;
  const vertical = places(height, rows, call.attributes);
  const horizontal = places(width, columns, call.attributes);
  let at = 0;
  for (let n = 0; n < batches; n++) {
    for (const v of vertical) {
      for (const h of horizontal) {
        for (let c = 0; c < channels; c++) {
          const pixel = (row: number, column: number) =>
            x[((n * height + row) * width + column) * channels + c]!;
          const above = pixel(v.lower, h.lower) * (1 - h.weight) + pixel(v.lower, h.upper) * h.weight;
          const below = pixel(v.upper, h.lower) * (1 - h.weight) + pixel(v.upper, h.upper) * h.weight;
          y[at++] = above * (1 - v.weight) + below * v.weight;
        }
      }
    }
  }
}
