import { encodeBlock, UF2Flags } from 'uf2';

/** What the boot ROMs of RP2040 and RP2350 take: pages of 256 bytes, whole (RP2040 data sheet, 2.8.4.2; RP2350 data sheet, 5.5.2). */
const PAGE_BYTES = 256;
const ERASED = 0xff;

/**
 * A file of Microsoft's UF2 format, of blocks of 512 bytes with 256 of the image each; what a page holds beside it is as erased.
 * @param image bytes by the address of the first
 * @param family of the chip, which ignores others' files: RP2040 0xe48bff56, RP2350's Arm cores 0xe48bff59
 * (`utils/uf2families.json` of github.com/microsoft/uf2; RP2040 data sheet, 2.8.4.2; RP2350 data sheet, 5.5.3)
 */
export function encodeUf2(image: ReadonlyMap<number, Uint8Array>, family: number): Uint8Array {
  const pages = pagesOf(image);
  const blocks = [...pages].map(([flashAddress, payload], blockNumber) =>
    encodeBlock({
      flags: UF2Flags.familyIDPresent,
      flashAddress,
      payload,
      blockNumber,
      totalBlocks: pages.size,
      boardFamily: family,
    }),
  );
  return Uint8Array.from(Buffer.concat(blocks));
}

/** By address, from the lowest on. */
function pagesOf(image: ReadonlyMap<number, Uint8Array>): ReadonlyMap<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>();
  for (const [address, data] of image) {
    for (let at = 0; at < data.length; ) {
      const place = address + at;
      const offset = place % PAGE_BYTES;
      const bytes = data.subarray(at, at + PAGE_BYTES - offset);
      const page = pages.get(place - offset) ?? new Uint8Array(PAGE_BYTES).fill(ERASED);
      page.set(bytes, offset);
      pages.set(place - offset, page);
      at += bytes.length;
    }
  }
  return pages;
}
