/** Pixels of 0 to 255 to the real values that a float network takes, as declared. */
import { mismatch } from '../../data/mismatch.js';
import type { Image } from '../../data/png.js';
import { BitloomError } from '../../graph/diagnostics.js';
import { shortName } from '../../graph/graph.js';
import type { Tensor } from '../../graph/tensor.js';
import type { ImagePreprocess, Preprocess } from './preprocess.js';
import { resample, type Size } from './resample.js';

/** The real value of each pixel of 0 to 255, exactly as float32: one table for all channels, or one each. */
export function pixelTables({ pixels, mean, std, white }: ImagePreprocess): readonly Float32Array[] {
  const table = (real: (pixel: number) => number) => Float32Array.from({ length: 256 }, (_, p) => real(p));
  if (pixels) {
    const [low, high] = pixels;
    return [table((pixel) => low + (pixel / 255) * (high - low))];
  }
  const [means, deviations] = [[mean!].flat(), [std!].flat()];
  return Array.from({ length: Math.max(means.length, deviations.length) }, (_, c) => {
    const [m, s] = [means, deviations].map((list) => list[list.length > 1 ? c : 0]!) as [number, number];
    return table((pixel) => ((pixel / 255) * white! - m) / s);
  });
}

/**
 * How pixels of `path` become real values of an input.
 * @throws BitloomError BL610 where that is not declared, BL611 where it is for another number of channels
 */
export function tablesFor(tensor: Tensor, { image }: Preprocess, path: string): readonly Float32Array[] {
  if (!image)
    throw undeclared(
      tensor,
      `'${path}' holds pixels, and which real values they were in training is not declared`,
      'Declare it, e.g. --pixels 0..1 or --pixels -1..1, or --mean and --std, or --preprocess',
    );
  const channels = tensor.shape.at(-1);
  const tables = pixelTables(image);
  if (tables.length !== 1 && tables.length !== channels)
    throw wrongChannels(tensor, `mean and std are for ${tables.length} channels`);
  return tables;
}

/** Pixels in the input's own layout, e.g. of an array of uint8: only their values are changed. */
export function realsOfPixels(
  tensor: Tensor,
  pixels: ArrayLike<number>,
  preprocess: Preprocess,
  path: string,
): Float32Array {
  const tables = tablesFor(tensor, preprocess, path);
  return Float32Array.from(pixels, (pixel, i) => tables[i % tables.length]![pixel]!);
}

/**
 * An image of any size, for an input of shape [1, height, width, 1 or 3].
 * @throws BitloomError BL503 where the input takes no images, BL610 or BL611 as `tablesFor`, BL610 where its size is another one
 * and how to resize is not declared
 */
export function realsOfImage(
  tensor: Tensor,
  image: Image,
  preprocess: Preprocess,
  path: string,
): Float32Array {
  const size = imageSize(tensor);
  if (!size) throw mismatch(tensor, path, 'it is an image');
  // Before resizing, which may take long.
  tablesFor(tensor, preprocess, path);
  const rgb = sized(tensor, image, preprocess.image!, size, path);
  return realsOfPixels(tensor, inOrder(tensor, rgb, preprocess.image!), preprocess, path);
}

/** What the input is as an image; null where it is none of 1 or 3 channels. */
export function imageSize({ shape }: Tensor): Size | null {
  const [batch, height, width, channels] = shape;
  const isImage = shape.length === 4 && batch === 1 && (channels === 1 || channels === 3);
  return isImage ? { width: width!, height: height! } : null;
}

/** Red, green and blue at the input's size. */
function sized(
  tensor: Tensor,
  image: Image,
  { resize, border = 0 }: ImagePreprocess,
  size: Size,
  path: string,
): Uint8Array {
  const { width, height } = image;
  const whole = { x: 0, y: 0, width, height };
  if (width === size.width && height === size.height) return resample(image, whole, size);
  switch (resize) {
    case 'stretch':
      return resample(image, whole, size);
    case 'crop': {
      const box = {
        width: Math.min(width, (height * size.width) / size.height),
        height: Math.min(height, (width * size.height) / size.width),
      };
      return resample(image, { x: (width - box.width) / 2, y: (height - box.height) / 2, ...box }, size);
    }
    case 'fit': {
      const scale = Math.min(size.width / width, size.height / height);
      const inner = {
        width: Math.max(1, Math.round(width * scale)),
        height: Math.max(1, Math.round(height * scale)),
      };
      return framed(resample(image, whole, inner), inner, size, border);
    }
    default:
      throw undeclared(
        tensor,
        `'${path}' is ${width} pixels wide and ${height} high, and how training resized images is not declared`,
        'Declare "resize": "stretch", "crop" or "fit" in the image of a --preprocess file, or --resize',
      );
  }
}

/** An image in the middle of a larger one of one colour. */
function framed(rgb: Uint8Array, inner: Size, outer: Size, border: number): Uint8Array {
  const out = new Uint8Array(outer.width * outer.height * 3).fill(border);
  const left = Math.floor((outer.width - inner.width) / 2);
  const top = Math.floor((outer.height - inner.height) / 2);
  for (let y = 0; y < inner.height; y++) {
    const line = rgb.subarray(3 * y * inner.width, 3 * (y + 1) * inner.width);
    out.set(line, 3 * ((top + y) * outer.width + left));
  }
  return out;
}

/** The input's channels: in the declared order, grey by the luma of ITU-R BT.601. */
function inOrder(tensor: Tensor, rgb: Uint8Array, image: ImagePreprocess): Uint8Array {
  const count = tensor.shape.at(-1)!;
  const { channels = count === 1 ? 'grey' : 'RGB' } = image;
  if (count === 1 && channels !== 'grey') throw wrongChannels(tensor, `channels are ${channels}`);
  const pixels = rgb.length / 3;
  const out = new Uint8Array(pixels * count);
  for (let p = 0; p < pixels; p++) {
    const [red, green, blue] = rgb.subarray(3 * p, 3 * p + 3) as unknown as [number, number, number];
    if (channels === 'grey')
      out.fill(Math.round(0.299 * red + 0.587 * green + 0.114 * blue), p * count, (p + 1) * count);
    else out.set(channels === 'RGB' ? [red, green, blue] : [blue, green, red], 3 * p);
  }
  return out;
}

function undeclared(tensor: Tensor, problem: string, wayOut: string): BitloomError {
  return new BitloomError('BL610', `${problem} for input '${shortName(tensor.name)}'`, wayOut);
}

function wrongChannels(tensor: Tensor, declared: string): BitloomError {
  const { name, shape } = tensor;
  return new BitloomError(
    'BL611',
    `${declared}, but input '${shortName(name)}' has ${shape.at(-1)}`,
    `The input is [${shape.join(', ')}]`,
  );
}
