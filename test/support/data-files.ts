/** Bytes of files that users give as data. */
import { PNG } from 'pngjs';

/** What `numpy.save` writes. `shape` is the inside of a tuple: `'3,'`. */
export function npy(descriptor: string, shape: string, data: ArrayBufferView, order = 'False'): Uint8Array {
  const header = `{'descr': '${descriptor}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;
  const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0);
  const body = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([start, Buffer.from(header), body]);
}

/** 16-bit PCM, with an odd chunk that readers must step over. */
export function wav(samples: Int16Array, channels = 1): Uint8Array {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt16LE(16, 14);
  const chunk = (tag: string, body: Uint8Array) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    return Buffer.concat([Buffer.from(tag), size, body, Buffer.alloc(body.length & 1)]);
  };
  const odd = chunk('LIST', Buffer.from('abc'));
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    odd,
    chunk('fmt ', format),
    chunk('data', new Uint8Array(samples.buffer)),
  ]);
  return chunk('RIFF', body);
}

/** Pixels row by row. */
export function png(width: number, height: number, rgb: readonly number[][]): Uint8Array {
  const image = new PNG({ width, height });
  for (const [i, pixel] of rgb.entries()) image.data.set([...pixel, 255], 4 * i);
  return PNG.sync.write(image);
}
