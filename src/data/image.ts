import { decode as decodeBmp } from 'bmp-ts';
import { decode as decodeJpeg } from 'jpeg-js';
import { BitloomError } from '../graph/diagnostics.js';
import { type Image, readPng } from './png.js';

/** By the first bytes of a file: extensions of images in collections are often wrong. */
const KINDS: readonly { readonly start: readonly number[]; read(bytes: Uint8Array, path: string): Image }[] =
  [
    { start: [0x89, 0x50, 0x4e, 0x47], read: readPng },
    { start: [0xff, 0xd8], read: readJpeg },
    { start: [0x42, 0x4d], read: readBmp },
  ];

/**
 * A PNG, JPEG or BMP, its pixels as they are stored: the orientation that a camera notes (EXIF) is not applied, as decoders of
 * training pipelines do not apply it either.
 * @throws BitloomError BL603
 */
export function readImage(bytes: Uint8Array, path: string): Image {
  const kind = KINDS.find(({ start }) => start.every((byte, i) => bytes[i] === byte));
  if (!kind)
    throw new BitloomError(
      'BL603',
      `'${path}' is no PNG, JPEG or BMP image`,
      'Convert it to one of these kinds',
    );
  return kind.read(bytes, path);
}

function readJpeg(bytes: Uint8Array, path: string): Image {
  try {
    const { width, height, data } = decodeJpeg(bytes, { useTArray: true });
    return { width, height, rgba: data };
  } catch (error) {
    throw unreadable('JPEG', path, error);
  }
}

function readBmp(bytes: Uint8Array, path: string): Image {
  try {
    const { width, height, data } = decodeBmp(Buffer.from(bytes), { toRGBA: true });
    // Kinds of BMP without alpha leave 0 there.
    for (let i = 3; i < data.length; i += 4) data[i] = 255;
    return { width, height, rgba: data };
  } catch (error) {
    throw unreadable('BMP', path, error);
  }
}

function unreadable(kind: string, path: string, error: unknown): BitloomError {
  const reason = error instanceof Error ? error.message : String(error);
  return new BitloomError(
    'BL603',
    `'${path}' is not a ${kind} that can be read (${reason})`,
    'Save it again',
  );
}
