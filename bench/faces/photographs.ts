/** A folder of photographs as inputs of the face detector: every second one calibrates, the others are compared. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from '../../src/data/image.js';
import { resample } from '../../src/quantize/data/resample.js';

const SIZE = 128;

/** Photographs are first made this large, so that views of a part of them are still sharp. */
const LARGE = 384;

/** A view of a photograph whose longer side is 1: a square with its middle at (x, y) from the photograph's own. */
interface View {
  readonly side: number;
  readonly x: number;
  readonly y: number;
  readonly mirrored?: boolean;
  /** Factor of all pixels. */
  readonly brightness?: number;
}

/** Of photographs that are compared: whole, as MediaPipe takes them, nearer, and farther away. */
const COMPARED: readonly View[] = [
  { side: 1, x: 0, y: 0 },
  { side: 0.7, x: 0, y: -0.1 },
  { side: 1.4, x: 0.1, y: 0.1 },
];

/** A few photographs see few ranges: of each more is made. */
const CALIBRATING: readonly View[] = [
  { side: 1, x: 0, y: 0 },
  { side: 1, x: 0.1, y: 0, mirrored: true },
  { side: 0.8, x: -0.1, y: -0.1 },
  { side: 0.8, x: 0.1, y: -0.1, brightness: 0.6 },
  { side: 0.6, x: 0, y: -0.15, mirrored: true },
  { side: 0.6, x: 0, y: 0.05, brightness: 1.4 },
  { side: 1.3, x: -0.1, y: 0.1, brightness: 0.8 },
  { side: 1.6, x: 0.2, y: -0.2, mirrored: true },
];

export interface Photographs {
  /** Inputs, 128 x 128 x 3, from -1 to 1. */
  readonly calibration: readonly (readonly Float32Array[])[];
  readonly compared: readonly (readonly Float32Array[])[];
}

export function photographsIn(folder: string): Photographs {
  const names = readdirSync(folder)
    .filter((name) => /\.(jpe?g|png)$/i.test(name))
    .toSorted();
  const views = (parity: number, each: readonly View[]) =>
    names
      .filter((_, i) => i % 2 === parity)
      .flatMap((name) => {
        const photograph = readPhotograph(join(folder, name));
        return each.map((view) => [inputOf(photograph, view)]);
      });
  return { calibration: views(0, CALIBRATING), compared: views(1, COMPARED) };
}

/** A photograph whose longer side is `LARGE`. */
interface Photograph {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

function readPhotograph(path: string): Photograph {
  const image = readImage(readFileSync(path), path);
  const scale = LARGE / Math.max(image.width, image.height);
  const size = { width: Math.round(image.width * scale), height: Math.round(image.height * scale) };
  return { ...size, rgb: resample(image, { x: 0, y: 0, width: image.width, height: image.height }, size) };
}

/** Black is beyond the photograph. */
function inputOf({ width, height, rgb }: Photograph, view: View): Float32Array {
  const side = Math.round(view.side * LARGE);
  const left = Math.round((width - side) / 2 + view.x * LARGE);
  const top = Math.round((height - side) / 2 + view.y * LARGE);
  const rgba = new Uint8Array(side * side * 4);
  for (let y = Math.max(0, -top); y < side && top + y < height; y++) {
    for (let x = Math.max(0, -left); x < side && left + x < width; x++) {
      const from = 3 * ((top + y) * width + left + x);
      const to = 4 * (y * side + (view.mirrored ? side - 1 - x : x));
      rgba.set(rgb.subarray(from, from + 3), to);
    }
  }
  const square = { x: 0, y: 0, width: side, height: side };
  const pixels = resample({ width: side, height: side, rgba }, square, { width: SIZE, height: SIZE });
  const { brightness = 1 } = view;
  return Float32Array.from(pixels, (pixel) => (Math.min(255, pixel * brightness) / 255) * 2 - 1);
}
