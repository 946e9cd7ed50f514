/** Moments of depthwise layers, whose channels have few inputs each. */
import type { Algebra } from './algebra.js';
import { MomentSums, type Moments, type PairedMoments, PairedSums } from './moments.js';

/** Sums up im2col rows [rows, taps, channels] as MomentSums does, for each channel. */
export class DepthwiseSums {
  readonly #channels: readonly MomentSums[];

  constructor(algebra: Algebra, taps: number, channels: number) {
    this.#channels = Array.from({ length: channels }, () => new MomentSums(algebra, taps));
  }

  add(rows: Float32Array): void {
    const channels = this.#channels;
    channels.forEach((sums, channel) => {
      sums.add(ofChannel(rows, channel, channels.length));
    });
  }

  merge(other: DepthwiseSums): void {
    this.#channels.forEach((sums, channel) => {
      sums.merge(other.#channels[channel]!);
    });
  }

  moments(): readonly Moments[] {
    return this.#channels.map((sums) => sums.moments());
  }
}

/** The same of pairs, as PairedSums. */
export class PairedDepthwiseSums {
  readonly #channels: readonly PairedSums[];

  constructor(algebra: Algebra, taps: number, channels: number) {
    this.#channels = Array.from({ length: channels }, () => new PairedSums(algebra, taps));
  }

  add(quantized: Float32Array, float: Float32Array): void {
    const { length } = this.#channels;
    this.#channels.forEach((sums, channel) => {
      sums.add(ofChannel(quantized, channel, length), ofChannel(float, channel, length));
    });
  }

  merge(other: PairedDepthwiseSums): void {
    this.#channels.forEach((sums, channel) => {
      sums.merge(other.#channels[channel]!);
    });
  }

  moments(): readonly PairedMoments[] {
    return this.#channels.map((sums) => sums.moments());
  }
}

/** [rows, taps] of one channel. */
function ofChannel(rows: Float32Array, channel: number, channels: number): Float32Array {
  return Float32Array.from({ length: rows.length / channels }, (_, i) => rows[i * channels + channel]!);
}
