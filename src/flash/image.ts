import { extname } from 'node:path';
import memoryMapModule from 'nrf-intel-hex';
import type { ImageFormat } from '../../boards/flasher.js';
import { reasonOf } from '../data/file.js';
import { BitloomError } from '../graph/diagnostics.js';
import { readElf } from '../verify/elf.js';
import { encodeUf2 } from './uf2.js';

// Its types describe a module of ES; to Node it is one of CommonJS, and the class itself.
const MemoryMap = memoryMapModule as unknown as typeof memoryMapModule.default;

/** What lies where in a board's flash: by address, without overlaps, in order. */
export type Image = ReadonlyMap<number, Uint8Array>;

/** Forms that `writeImage` makes; ELF is the linker's. */
export const WRITTEN_FORMATS = ['hex', 'bin', 'uf2'] as const satisfies readonly ImageFormat[];
export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];

/** Of flash that was not written since it was erased. */
const ERASED = 0xff;

/**
 * Reads an image in a form that says its addresses: ELF or Intel HEX.
 * @param path tells the form by its end
 * @throws BitloomError BL603 where it is neither
 */
export function readImage(path: string, file: Uint8Array): Image {
  try {
    switch (extname(path)) {
      case '.elf': {
        const blocks = readElf(file).segments.map(({ address, data }): [number, Uint8Array] => [
          address,
          data,
        ]);
        return new MemoryMap(blocks.sort(([a], [b]) => a - b)).join();
      }
      case '.hex':
        return MemoryMap.fromHex(new TextDecoder().decode(file)).join();
    }
  } catch (error) {
    throw notUnderstood(path, error instanceof Error ? error.message : reasonOf(error));
  }
  throw notUnderstood(path, 'its name ends in neither .elf nor .hex');
}

/**
 * An image as a file.
 * @param family of UF2: see `Hardware.uf2Family`
 * @throws BitloomError BL605 where the board's chip takes no UF2
 */
export function writeImage(image: Image, format: WrittenFormat, family?: number): Uint8Array {
  switch (format) {
    case 'hex':
      return new TextEncoder().encode(`${new MemoryMap(image).asHexString()}\n`);
    case 'bin':
      return flat(image);
    case 'uf2':
      if (family === undefined)
        throw new BitloomError(
          'BL605',
          'the board takes no UF2 files',
          'Give --format hex or bin, or a board whose hardware.uf2Family is known',
        );
      return encodeUf2(image, family);
  }
}

/** From the first byte on, gaps as erased flash. */
function flat(image: Image): Uint8Array {
  const blocks = [...image];
  const start = blocks[0]?.[0] ?? 0;
  const end = Math.max(start, ...blocks.map(([address, data]) => address + data.length));
  const bytes = new Uint8Array(end - start).fill(ERASED);
  for (const [address, data] of blocks) bytes.set(data, address - start);
  return bytes;
}

function notUnderstood(path: string, reason: string): BitloomError {
  return new BitloomError(
    'BL603',
    `'${path}' is no image: ${reason}`,
    'Give an ELF file (.elf) or Intel HEX (.hex)',
  );
}
