import type { Padding, Size2 } from '../../../graph/ops.js';
import { samePadding } from '../../../graph/same-padding.js';
import { numbersOf, textOf } from '../attributes.js';
import type { Site } from '../site.js';

/** Bound of a pool's window: unlike a filter's it costs no bytes, so that a damaged file could state any. */
const MAX_TAPS = 2 ** 20;

/** How a window moves over an image. */
export interface Windows {
  readonly filter: Size2;
  readonly stride: Size2;
  readonly dilation: Size2;
  readonly padding: Padding;
  /** Rows and columns of positions. */
  readonly output: Size2;
  /** Whether the file's padding is larger than none. */
  readonly padded: boolean;
}

/**
 * Kernel size, strides, dilations and padding of Conv and pools. Images of one dimension are one row high.
 * @param image rows and columns
 * @param kernel the filter's size where it has one
 * @param ceil whether the last position may reach beyond the padding
 */
export function readWindows(
  site: Site,
  image: Size2,
  rank: 1 | 2,
  kernel: readonly number[],
  ceil = false,
): Windows {
  const two = (name: string, fallback: number): readonly [number, number] => {
    const list = numbersOf(site.node, name) ?? Array<number>(rank).fill(fallback);
    if (list.length !== rank || !list.every((size) => Number.isSafeInteger(size) && size >= 1)) {
      site.fail('BL102', `has ${name} [${list.slice(0, 8)}]`);
    }
    return rank === 1 ? [1, list[0]!] : [list[0]!, list[1]!];
  };
  const taps = rank === 1 ? [1, kernel[0]!] : kernel;
  const [sh, sw] = two('strides', 1);
  const [dh, dw] = two('dilations', 1);
  const [kh, kw] = [taps[0]!, taps[1]!];
  if (!(kh >= 1 && kw >= 1 && kh * kw <= MAX_TAPS)) site.fail('BL102', `has a window of ${kh} x ${kw}`);
  const span = { height: (kh - 1) * dh + 1, width: (kw - 1) * dw + 1 };
  const pads = readPads(site, image, rank, span, { height: sh, width: sw });
  const vertical = positions(image.height, span.height, sh, pads[0], pads[2], ceil);
  const horizontal = positions(image.width, span.width, sw, pads[1], pads[3], ceil);
  if (vertical.count < 1 || horizontal.count < 1) {
    site.fail('BL102', `has a window of ${kh} x ${kw} on an image of ${image.height} x ${image.width}`);
  }
  return {
    filter: { height: kh, width: kw },
    stride: { height: sh, width: sw },
    dilation: { height: dh, width: dw },
    padding: { top: pads[0], left: pads[1], bottom: vertical.end, right: horizontal.end },
    output: { height: vertical.count, width: horizontal.count },
    padded: pads.some((pad) => pad > 0),
  };
}

/** Number of positions and the padding at the end that they reach into. */
function positions(size: number, span: number, stride: number, begin: number, end: number, ceil: boolean) {
  const room = size + begin + end - span;
  let count = Math.floor(room / stride) + 1;
  // A position that begins in the padding at the end does not count.
  if (ceil && room % stride !== 0 && count * stride < size + begin) count++;
  return { count, end: Math.max(end, (count - 1) * stride + span - size - begin) };
}

/** Top, left, bottom, right. */
function readPads(
  site: Site,
  image: Size2,
  rank: 1 | 2,
  span: Size2,
  stride: Size2,
): readonly [number, number, number, number] {
  const mode = textOf(site.node, 'auto_pad', 'NOTSET');
  const same = (size: number, reach: number, step: number) => {
    const total = samePadding(size, reach, step);
    const half = Math.floor(total / 2);
    return mode === 'SAME_UPPER' ? [half, total - half] : [total - half, half];
  };
  switch (mode) {
    case 'VALID':
      return [0, 0, 0, 0];
    case 'SAME_UPPER':
    case 'SAME_LOWER': {
      const [top, bottom] = same(image.height, span.height, stride.height) as [number, number];
      const [left, right] = same(image.width, span.width, stride.width) as [number, number];
      return [top, left, bottom, right];
    }
    default: {
      const pads = numbersOf(site.node, 'pads') ?? Array<number>(2 * rank).fill(0);
      if (pads.length !== 2 * rank || !pads.every((pad) => Number.isSafeInteger(pad) && pad >= 0)) {
        site.fail('BL102', `has pads [${pads.slice(0, 8)}]`);
      }
      return rank === 1 ? [0, pads[0]!, 0, pads[1]!] : [pads[0]!, pads[1]!, pads[2]!, pads[3]!];
    }
  }
}
