/** Bands of output rows whose input rows are widened to int16, padding included, before anything of them is computed. */
import { type Convolution, pixelStarts } from './convolution.js';

/** Lines of a band, which stay in the first-level cache beside the filter of a block. */
const BAND_BYTES = 16384;
/** Vectors may be written this far behind the last line (`assembly/lines.ts`). */
const SLACK_BYTES = 16;

export interface Band {
  /** Output rows of a band; the last band may have fewer. */
  readonly rows: number;
  /** Pixels of a line. */
  readonly width: number;
  readonly lineBytes: number;
  /** Rows of the image from one line to the next. */
  readonly step: number;
  /** Rows of the image from the first line that an output row needs to the last, inclusive. */
  readonly extent: number;
  /** Scratch memory. */
  readonly bytes: number;
}

/** Lines of int16. */
export function bandOf(conv: Convolution): Band {
  const { input, filter, dilation } = conv;
  const lineBytes = 2 * lineWidth(conv) * input.channels;
  return bandOfLines(conv, lineBytes, 1, (filter.height - 1) * dilation.height + 1, SLACK_BYTES);
}

/** Lines of pairs of int16, rows `dilation` apart, and a row of zero points (`widen_line_pairs`). */
export function bandOfPairs(conv: Convolution): Band {
  const { input, filter, stride, dilation } = conv;
  const lineBytes = 4 * lineWidth(conv) * input.channels;
  const step = greatestDivisor(stride.height, 2 * dilation.height);
  const extent = (Math.ceil(filter.height / 2) * 2 - 2) * dilation.height + 1;
  const zeros = input.width * input.channels;
  return bandOfLines(conv, lineBytes, step, extent, 2 * SLACK_BYTES + zeros + SLACK_BYTES);
}

/** Columns that the windows of a row meet. */
function lineWidth({ output, filter, stride, dilation }: Convolution): number {
  return (output.width - 1) * stride.width + (filter.width - 1) * dilation.width + 1;
}

/** As many rows as fit, at least one, so many that tiles of four pixels are full where that can be. */
function bandOfLines(
  conv: Convolution,
  lineBytes: number,
  step: number,
  extent: number,
  slack: number,
): Band {
  const { output, stride } = conv;
  const whole = output.width % 4 === 0 ? 1 : output.width % 2 === 0 ? 2 : 4;
  const fitting = Math.floor(((BAND_BYTES / lineBytes) * step - extent) / stride.height) + 1;
  const rounded = fitting >= whole ? fitting - (fitting % whole) : fitting;
  const rows = Math.max(1, Math.min(output.height, rounded));
  return {
    rows,
    width: lineWidth(conv),
    lineBytes,
    step,
    extent,
    bytes: bandBytes(rows, output.width, { stride: stride.height, extent, lineBytes, step, slack }),
  };
}

interface Lines extends Pick<Band, 'lineBytes' | 'extent'> {
  /** Of the windows. */
  readonly stride: number;
  /** 1 unless given. */
  readonly step?: number;
  /** Behind the lines. */
  readonly slack?: number;
}

/** Scratch memory of so many rows of outputs; of lines of int16 unless told otherwise. */
export function bandBytes(
  rows: number,
  outputWidth: number,
  { stride, extent, lineBytes, step = 1, slack = SLACK_BYTES }: Lines,
): number {
  const lines = Math.floor(((rows - 1) * stride + extent - 1) / step) + 1;
  return windowsBytes(rows, outputWidth) + lines * lineBytes + slack;
}

/** Where the windows of a band begin (`place_windows`). */
export function windowsBytes(rows: number, width: number): number {
  return 4 * rows * width + 32;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** `KernelCall.overlap`: a band is written when all that it reads has been read. */
export function bandOverlap(conv: Convolution, rows: number): number {
  return overlapOfBands(conv, rows, false);
}

/** The same where a band is read and written by channels. */
export function channelBandOverlap(conv: Convolution, rows: number): number {
  return overlapOfBands(conv, rows, true);
}

/** @param reads whether a band is still read while it is written */
function overlapOfBands(conv: Convolution, rows: number, reads: boolean): number {
  const { batches, output } = conv;
  const starts = pixelStarts(conv);
  const bands = Math.ceil(output.height / rows);
  const first = Array.from({ length: batches * bands }, (_, i) => {
    const row = Math.floor(i / bands) * output.height + (i % bands) * rows;
    const last = Math.min(row + rows, (Math.floor(i / bands) + 1) * output.height);
    return starts.slice(row * output.width, last * output.width).reduce((a, b) => Math.min(a, b));
  });
  const ends = Array.from({ length: batches * bands }, (_, i) => {
    const row = Math.floor(i / bands) * output.height + Math.min(((i % bands) + 1) * rows, output.height);
    return row * output.width * output.channels;
  });
  let distance = 0;
  let live = Number.POSITIVE_INFINITY;
  for (let i = first.length - 1; i >= 0; i--) {
    if (reads) live = Math.min(live, first[i]!);
    distance = Math.max(distance, ends[i]! - live);
    live = Math.min(live, first[i]!);
  }
  return distance;
}
