import type { Image } from '../../data/png.js';
import { BitloomError } from '../../graph/diagnostics.js';
import type { Tensor } from '../../graph/tensor.js';

/**
 * An image's pixels in the tensor's layout [1, height, width, channels]: 1 channel for grey images, 3 for colour, 4 with alpha.
 * Nothing is resized or converted, since a model depends on how that is done.
 * @throws BitloomError BL503 where size or channels differ
 */
export function pixelsOf(image: Image, tensor: Tensor, path: string): Uint8Array {
  const [batch, height, width, channels] = tensor.shape;
  const refusal = (problem: string) =>
    new BitloomError(
      'BL503',
      `'${path}' ${problem}, but input '${tensor.name}' has shape [${tensor.shape.join(', ')}]`,
      'Resize and convert the image as in training',
    );
  if (tensor.shape.length !== 4 || batch !== 1 || ![1, 3, 4].includes(channels!))
    throw refusal('is an image');
  if (image.height !== height || image.width !== width)
    throw refusal(`is ${image.width} pixels wide and ${image.height} high`);

  const pixels = new Uint8Array(height * width * channels!);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const rgba = image.rgba.subarray(4 * pixel, 4 * pixel + 4);
    if (channels === 1 && (rgba[0] !== rgba[1] || rgba[0] !== rgba[2])) throw refusal('is in colour');
    pixels.set(rgba.subarray(0, channels), pixel * channels!);
  }
  return pixels;
}
