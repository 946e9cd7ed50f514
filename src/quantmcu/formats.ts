/** A choice of formats: what `bitloom quantmcu` writes, a person may edit, and `--formats` takes with the model. */
import * as v from 'valibot';
import { BitloomError } from '../graph/diagnostics.js';

/** How a feature map is stored instead of int8: code q of a channel stands for `low + scale * q`. */
export interface MapFormat {
  readonly bits: 4 | 2;
  /** One for all channels, or one each. */
  readonly scales: readonly number[];
  /** As many as `scales`. */
  readonly lows: readonly number[];
}

/** A channel of it. */
export interface ChannelFormat {
  readonly bits: 4 | 2;
  readonly scale: number;
  readonly low: number;
}

export function channelOf({ bits, scales, lows }: MapFormat, channel: number): ChannelFormat {
  const c = scales.length > 1 ? channel : 0;
  return { bits, scale: scales[c]!, low: lows[c]! };
}

/** The nearest code of a real value. */
export function codeOf({ bits, scale, low }: ChannelFormat, real: number): number {
  return Math.min(2 ** bits - 1, Math.max(0, Math.round((real - low) / scale)));
}

export function realOf({ scale, low }: ChannelFormat, code: number): number {
  return low + scale * code;
}

export interface Formats {
  /** SHA-256 of the model's file, hexadecimal. */
  readonly model: string;
  /** By the name of the tensor; maps that are not named keep their 8 bits. */
  readonly maps: Readonly<Record<string, MapFormat>>;
  /**
   * What the rounding of a layer's input adds to its sums on average, by the name of the layer's output, then by output channel: real
   * values, which the layer's bias takes away again.
   */
  readonly shifts: Readonly<Record<string, readonly number[]>>;
}

const finite = v.pipe(v.number(), v.finite());

const mapFormat = v.pipe(
  v.strictObject({
    bits: v.picklist([4, 2]),
    scales: v.pipe(v.array(v.pipe(finite, v.gtValue(0))), v.minLength(1)),
    lows: v.array(finite),
  }),
  v.check(({ scales, lows }) => scales.length === lows.length, 'it has not as many lows as scales'),
);

const formats = v.strictObject({
  model: v.string(),
  maps: v.record(v.string(), mapFormat),
  shifts: v.optional(v.record(v.string(), v.array(finite)), {}),
});

/** @throws BitloomError BL603 where the text is no choice of formats, BL604 where it is one for another model */
export function readFormats(text: string, path: string, hash: string): Formats {
  const problem = (what: string) =>
    new BitloomError(
      'BL603',
      `'${path}' is no choice of formats (${what})`,
      'Take what `bitloom quantmcu` wrote, or see docs/quantmcu.md',
    );
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw problem(error instanceof Error ? error.message : String(error));
  }
  const parsed = v.safeParse(formats, data);
  if (!parsed.success) {
    const [{ message }] = parsed.issues;
    throw problem(`${v.getDotPath(parsed.issues[0]) ?? 'the whole'}: ${message}`);
  }
  if (parsed.output.model !== hash)
    throw new BitloomError(
      'BL604',
      `'${path}' is for the model of SHA-256 ${parsed.output.model.slice(0, 12)}..., not ${hash.slice(0, 12)}...`,
      'Give the model that it was made for, or run `bitloom quantmcu` again',
    );
  return parsed.output;
}

/** The text that `readFormats` reads, a line a map. */
export function formatsText({ model, maps, shifts }: Formats): string {
  const entries = (all: Readonly<Record<string, unknown>>) =>
    Object.entries(all)
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  const block = (name: string, all: Readonly<Record<string, unknown>>) =>
    `  "${name}": {${Object.keys(all).length > 0 ? `\n${entries(all)}\n  ` : ''}}`;
  return `{\n  "model": "${model}",\n${block('maps', maps)},\n${block('shifts', shifts)}\n}\n`;
}
