import { PNG } from 'pngjs';
import { BitloomError } from '../../graph/diagnostics.js';
import type { Tensor } from '../../graph/tensor.js';

/**
 * The pixels of a PNG in the tensor's layout [1, height, width, channels]: 1 channel for grey images, 3 for colour, 4 with
 * alpha. Nothing is resized or converted, since a model depends on how that is done.
 * @throws BitloomError BL603 for a damaged file, BL503 where size or channels differ
 */
export function readPng(bytes: Uint8Array, tensor: Tensor, path: string): Uint8Array {
  const [batch, height, width, channels] = tensor.shape;
  const mismatch = (problem: string) =>
    new BitloomError(
      'BL503',
      `'${path}' ${problem}, but input '${tensor.name}' has shape [${tensor.shape.join(', ')}]`,
      'Resize and convert the image as in training',
    );
  const image = decode(bytes, path);
  if (tensor.shape.length !== 4 || batch !== 1 || ![1, 3, 4].includes(channels!))
    throw mismatch('is an image');
  if (image.height !== height || image.width !== width)
    throw mismatch(`is ${image.width} pixels wide and ${image.height} high`);

  const pixels = new Uint8Array(height * width * channels!);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const rgba = image.data.subarray(4 * pixel, 4 * pixel + 4);
    if (channels === 1 && (rgba[0] !== rgba[1] || rgba[0] !== rgba[2])) throw mismatch('is in colour');
    pixels.set(rgba.subarray(0, channels), pixel * channels!);
  }
  return pixels;
}

function decode(bytes: Uint8Array, path: string): PNG {
  try {
    return PNG.sync.read(Buffer.from(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BitloomError(
      'BL603',
      `'${path}' is not a PNG that can be read (${reason})`,
      'Save it as 8-bit PNG',
    );
  }
}
