import { fail } from './attributes.js';
import type { OnnxNode } from './model.js';
import type { Sum } from './operators/sums.js';
import type { Activation, Pending, Value } from './values.js';

/**
 * A real number that float operators compute, element by element, from something that a machine has exactly: the accumulator of a
 * weighted sum of codes, codes, or a float input. Where a quantizer follows, the operators become thresholds.
 */
export interface Chain {
  readonly source: Source;
  /** The operators in the file's order. */
  readonly steps: readonly Step[];
  /** What moves elements between or behind the steps; as the steps work element by element, it can be done behind them all. */
  readonly moves: readonly ((x: Activation) => Activation)[];
  /** For each maximum of windows among the moves the number of steps before it: those behind may not fall. */
  readonly maxima: readonly number[];
  /** The dimension along which channels are told apart, of the present shape; null: not yet; 'moved': it is none any more. */
  readonly dim: number | null | 'moved';
}

export type Source =
  | { readonly kind: 'sum'; readonly sum: Sum }
  | { readonly kind: 'pair'; readonly pair: Pair }
  | { readonly kind: 'codes'; readonly x: Activation }
  | { readonly kind: 'float'; readonly x: Activation };

/** The sum or difference of two activations of one shape. */
export interface Pair {
  readonly a: Activation;
  readonly b: Activation;
  readonly sign: 1 | -1;
}

/** 1: never falls; -1: never rises; null: neither. */
export type Slope = 1 | -1 | null;

/** One operator. */
export interface Step {
  readonly node: OnnxNode;
  /** From float32 to float32, as ONNX defines the operator, each of its roundings included. */
  readonly at: (x: number, channel: number) => number;
  readonly slope: (channel: number) => Slope;
  /** How many channels it tells apart; 1: none. */
  readonly channels: number;
  /** As `factor * x + offset`, without roundings, where it is that. */
  readonly affine?: (channel: number) => Affine;
}

export interface Affine {
  readonly factor: number;
  readonly offset: number;
}

/** A value that waits for a quantizer. */
export interface Chained extends Pending {
  readonly chain: Chain;
}

export function isChained(value: Value): value is Chained {
  return value.kind === 'pending' && 'chain' in value;
}

/** The channel as a step counts: one that tells none apart has one. */
function own({ channels }: Step, channel: number): number {
  return channels === 1 ? 0 : channel;
}

/** All steps of a channel in one. */
export function composed({ steps }: Chain, channel: number): (x: number) => number {
  return (x) => {
    let y = Math.fround(x);
    for (const step of steps) y = step.at(y, own(step, channel));
    return y;
  };
}

/** How the steps from number `first` on run together. */
export function slopeOf({ steps }: Chain, channel: number, first = 0): Slope {
  let slope: Slope = 1;
  for (const step of steps.slice(first)) {
    const next = step.slope(own(step, channel));
    if (next === null) return null;
    slope = slope === next ? 1 : -1;
  }
  return slope;
}

/** How the steps run together. Errors: BL107 where they rise and fall. */
export function slopeIn(chain: Chain, channel: number): 1 | -1 {
  const slope = slopeOf(chain, channel);
  if (slope !== null) return slope;
  return fail(
    chain.steps.find((step) => step.slope(own(step, channel)) === null)!.node,
    'BL107',
    'computes in float: it neither rises nor falls with its input, so that no thresholds stand for it',
    'Put a Quant of at most 8 bits before it',
  );
}

/** All steps of a channel as one factor and offset; null where one is more than that. */
export function affineOf({ steps }: Chain, channel: number): Affine | null {
  let [factor, offset] = [1, 0];
  for (const step of steps) {
    const next = step.affine?.(own(step, channel));
    if (!next) return null;
    factor *= next.factor;
    offset = offset * next.factor + next.offset;
  }
  return { factor, offset };
}

/** How many channels the steps tell apart. */
export function channelsOf({ steps }: Chain): number {
  return steps.reduce((most, { channels }) => Math.max(most, channels), 1);
}
