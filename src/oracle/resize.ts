import { bilinearAxis, nearestIndices } from '../numerics/resize.js';
import type { Call, Operators } from './call.js';

export function sizes(call: Call<'RESIZE_NEAREST_NEIGHBOR' | 'RESIZE_BILINEAR'>) {
  const [batches = 1, height = 1, width = 1, channels = 1] = call.input(0).shape;
  const [, rows = 1, columns = 1] = call.output.shape;
  return { batches, height, width, channels, rows, columns };
}

function nearest(call: Call<'RESIZE_NEAREST_NEIGHBOR'>): void {
  const { batches, height, width, channels, rows, columns } = sizes(call);
  const x = call.input(0).data;
  const y = call.output.data;
  const ys = nearestIndices(height, rows, call.attributes, call.attributes.part?.rows);
  const xs = nearestIndices(width, columns, call.attributes, call.attributes.part?.columns);
  let at = 0;
  for (let n = 0; n < batches; n++) {
    for (const iy of ys) {
      for (const ix of xs) {
        const from = ((n * height + iy) * width + ix) * channels;
        for (let c = 0; c < channels; c++) y[at++] = x[from + c]!;
      }
    }
  }
}

/** TFLM `reference/resize_bilinear.h`, ResizeBilinearInteger: weights of 10 bits, rounding half away from zero. */
function bilinear(call: Call<'RESIZE_BILINEAR'>): void {
  const { batches, height, width, channels, rows, columns } = sizes(call);
  const x = call.input(0).data;
  const y = call.output.data;
  const vertical = bilinearAxis(height, rows, call.attributes, call.attributes.part?.rows);
  const horizontal = bilinearAxis(width, columns, call.attributes, call.attributes.part?.columns);
  let at = 0;
  for (let n = 0; n < batches; n++) {
    for (let oy = 0; oy < rows; oy++) {
      const lower = (n * height + vertical.lower[oy]!) * width;
      const upper = (n * height + vertical.upper[oy]!) * width;
      const wy = vertical.weight[oy]!;
      for (let ox = 0; ox < columns; ox++) {
        const left = horizontal.lower[ox]!;
        const right = horizontal.upper[ox]!;
        const wx = horizontal.weight[ox]!;
        for (let c = 0; c < channels; c++) {
          const sum =
            x[(lower + left) * channels + c]! * (1024 - wy) * (1024 - wx) +
            x[(upper + left) * channels + c]! * wy * (1024 - wx) +
            x[(lower + right) * channels + c]! * (1024 - wy) * wx +
            x[(upper + right) * channels + c]! * wy * wx;
          y[at++] = Math.trunc((sum > 0 ? sum + 2 ** 19 : sum - 2 ** 19) / 2 ** 20);
        }
      }
    }
  }
}

export const resize: Operators<'RESIZE_NEAREST_NEIGHBOR' | 'RESIZE_BILINEAR'> = {
  RESIZE_NEAREST_NEIGHBOR: nearest,
  RESIZE_BILINEAR: bilinear,
};
