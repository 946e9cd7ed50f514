import { readCsv } from '../../data/csv.js';
import { extensionOf, readInput } from '../../data/file.js';
import { readImage } from '../../data/image.js';
import { readNpy } from '../../data/npy.js';
import { readWav } from '../../data/wav.js';
import { BitloomError } from '../../graph/diagnostics.js';
import type { Tensor } from '../../graph/tensor.js';
import { realsOfArray } from './arrays.js';
import { realsOfImage } from './pixels.js';
import { DEFAULTS, type Preprocess } from './preprocess.js';
import { realsOfTable } from './table.js';

/**
 * One inference from a file, by its extension: `.npy` of the input's shape, an image, the samples of a `.wav`, all lines of a `.csv`.
 * @throws BitloomError BL601, BL603, BL503, BL610, BL611
 */
export function realsOfFile(tensor: Tensor, path: string, preprocess: Preprocess): Float32Array {
  const bytes = readInput(path);
  switch (extensionOf(path)) {
    case '.npy':
      return realsOfArray(tensor, readNpy(bytes, path), preprocess, path);
    case '.png':
    case '.jpg':
    case '.jpeg':
    case '.bmp':
      return realsOfImage(tensor, readImage(bytes, path), preprocess, path);
    case '.wav': {
      const { scale } = preprocess.sound ?? DEFAULTS.sound;
      return Float32Array.from(readWav(bytes, path), (sample) => sample * scale);
    }
    case '.csv':
      return realsOfTable(readCsv(bytes, path), preprocess, path);
    default:
      throw new BitloomError(
        'BL603',
        `'${path}' has no known extension`,
        'Give .npy, .png, .jpg, .bmp, .wav or .csv, or a module (.mjs) that reads others',
      );
  }
}
