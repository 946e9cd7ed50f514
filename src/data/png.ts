import { PNG } from 'pngjs';
import { BitloomError } from '../graph/diagnostics.js';

/** A decoded image: 4 bytes a pixel, red, green, blue and alpha, row by row from the top. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** @throws BitloomError BL603 for a damaged file */
export function readPng(bytes: Uint8Array, path: string): Image {
  try {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
    return { width, height, rgba: data };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BitloomError(
      'BL603',
      `'${path}' is not a PNG that can be read (${reason})`,
      'Save it as 8-bit PNG',
    );
  }
}
