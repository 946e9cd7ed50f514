/** Where the rows (or columns) of a resized image come from. TFLM `reference/resize_nearest_neighbor.h`, `resize_bilinear.h`. */
import { roundHalfAway } from './requantize.js';

interface ResizeMode {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Along one axis, of images that are parts of others: sizes of the whole ones, and where the parts begin in them. */
export interface ResizePart {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly inputFirst: number;
  readonly outputFirst: number;
}

/** Input index by output index; float32 arithmetic. */
export function nearestIndices(
  inputSize: number,
  outputSize: number,
  mode: ResizeMode,
  part?: ResizePart,
): Int32Array {
  if (part) {
    const whole = nearestIndices(part.inputSize, part.outputSize, mode);
    return inPart(whole, outputSize, part).map((index) => index - part.inputFirst);
  }
  const fl = Math.fround;
  const aligned = mode.alignCorners && outputSize > 1;
  const scale = aligned ? fl((inputSize - 1) / (outputSize - 1)) : fl(inputSize / outputSize);
  const offset = mode.halfPixelCenters ? 0.5 : 0;
  return Int32Array.from({ length: outputSize }, (_, i) => {
    const position = fl(fl(i + offset) * scale);
    const index = mode.alignCorners ? roundHalfAway(position) : Math.floor(position);
    return Math.max(0, Math.min(index, inputSize - 1));
  });
}

/** Input indices and weights of one bilinear axis: (1024 - weight) * x[lower] + weight * x[upper]. */
export interface BilinearAxis {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** May lie outside of 0..1024 where both indices are the same. */
  readonly weight: Int32Array;
}

export function bilinearAxis(
  inputSize: number,
  outputSize: number,
  mode: ResizeMode,
  part?: ResizePart,
): BilinearAxis {
  if (part) {
    const { lower, upper, weight } = bilinearAxis(part.inputSize, part.outputSize, mode);
    return {
      lower: inPart(lower, outputSize, part).map((index) => index - part.inputFirst),
      upper: inPart(upper, outputSize, part).map((index) => index - part.inputFirst),
      weight: inPart(weight, outputSize, part),
    };
  }
  const scale = bilinearScale(inputSize, outputSize, mode);
  const lower = new Int32Array(outputSize);
  const upper = new Int32Array(outputSize);
  const weight = new Int32Array(outputSize);
  for (let i = 0; i < outputSize; i++) {
    const position = i * scale + (mode.halfPixelCenters ? Math.floor(scale / 2) - 512 : 0);
    lower[i] = Math.max(Math.trunc(position / 1024), 0);
    upper[i] = Math.min(Math.trunc((position + 1023) / 1024), inputSize - 1);
    weight[i] = position - 1024 * lower[i]!;
  }
  return { lower, upper, weight };
}

/** Input elements from one of the output to the next, in 1/1024. */
export function bilinearScale(inputSize: number, outputSize: number, mode: ResizeMode): number {
  const aligned = mode.alignCorners && outputSize > 1;
  const [from, to] = aligned ? [inputSize - 1, outputSize - 1] : [inputSize, outputSize];
  return Math.floor((1024 * from + Math.floor(to / 2)) / to);
}

function inPart(whole: Int32Array, size: number, { outputFirst }: ResizePart): Int32Array {
  return whole.slice(outputFirst, outputFirst + size);
}
