/** The constants and the memory of `assembly/pixel_tiles.ts`. */
import type { ConstantArgument } from '../kernel.js';
import { BLOCK } from '../weights/channels.js';
import { type Band, windowsBytes } from './lines.js';

/** Its two forms: pixels of a tile, and pairs of weights that are one group, for which each pixel has four bytes. */
const BASE = { pixels: 4, pairs: 1 };
const RELAXED = { pixels: 6, pairs: 2 };
/** Groups that are written at once, perhaps beyond the end of a tile. */
const GROUPS_AT_ONCE = 4;
/** Fewer have filters that are worth more than the room of their sums. */
const FEW_PIXELS = 64;
/** Bytes to the next vector, or behind what vectors are written to. */
const VECTOR = 16;

/** What a window is of: so many runs of so many pairs, the last pair of a run perhaps half empty. */
export interface Runs {
  readonly runs: number;
  readonly pairs: number;
}

function groupsOf(tile: typeof BASE, { runs, pairs }: Runs): number {
  return runs * Math.ceil(pairs / tile.pairs);
}

/** The sums of a block of channels, and tiles, of so many pixels. */
function memoryOf(tile: typeof BASE, pixels: number, window: Runs): number {
  const groups = Math.ceil(pixels / tile.pixels) * groupsOf(tile, window) + GROUPS_AT_ONCE - 1;
  return 4 * BLOCK * (Math.max(tile.pixels - 1, pixels) + 1) + 4 * tile.pixels * groups + VECTOR;
}

/** As many pixels as `bytes` of int16 hold in whole tiles. */
export function basePixels(bytes: number, { runs, pairs }: Runs): number {
  return BASE.pixels * Math.max(1, Math.floor(bytes / (4 * runs * pairs * BASE.pixels)));
}

/** The same where they are bytes: twice as many, unless their sums would take more than they do. */
export function relaxedPixels(basePixels: number): number {
  const most = basePixels < FEW_PIXELS ? 2 * basePixels : basePixels;
  return RELAXED.pixels * Math.floor(most / RELAXED.pixels);
}

/** Scratch memory of `assembly/conv_2d_pointwise.ts`, whichever form the module has. */
export function pixelMemory(bandPixels: number, relaxedBandPixels: number, window: Runs): number {
  return Math.max(memoryOf(BASE, bandPixels, window), memoryOf(RELAXED, relaxedBandPixels, window));
}

/** Scratch memory of `assembly/conv_2d_windows.ts` for so many pixels of a band at a time. */
export function windowMemory(
  band: Pick<Band, 'rows' | 'bytes'>,
  outputWidth: number,
  pixels: number,
  window: Runs,
): number {
  const places = windowsBytes(band.rows, outputWidth);
  return memoryOf(RELAXED, pixels, window) + places + (band.bytes - places) / 2 + VECTOR;
}

/** Whether the memory of weights as int16 has room for what dot.ts wants of bytes: four of a run, and a correction. */
export function hasRoomForBytes(window: Runs): boolean {
  return groupsOf(RELAXED, window) < window.runs * window.pairs;
}

/** Vector instructions of V8's x64 code where the module multiplies bytes, of so many blocks of channels. */
export function relaxedInstructions(pixels: number, blocks: number, window: Runs): number {
  return (
    Math.ceil(pixels / RELAXED.pixels) * (blocks * 22 + 12) * groupsOf(RELAXED, window) + 50 * blocks * pixels
  );
}

/** `packTiles` of weights that are bytes. */
export function tileFilter(packed: Int16Array, blocks: number, { runs, pairs }: Runs): ConstantArgument {
  return {
    name: 'filter',
    data: packed,
    compact: {
      data: Int8Array.from(packed),
      expand: 'expand_tiles',
      source: 'pixel_tiles_filter',
      parameters: [blocks, runs, pairs],
    },
  };
}
