import type { Graph } from '../../src/graph/graph.js';
import { samePadding } from '../../src/graph/same-padding.js';
import type { TensorId } from '../../src/graph/tensor.js';
import { type Format, perTensor } from '../../src/graph/tensor.js';
import { Random } from './random/random.js';
import { ALL_BYTES, Sketch } from './sketch.js';

type Ending = 'rows' | 'mean' | 'pool' | 'convolution';

/** What a network on a stream is made of, beside its weights. */
export interface RandomStream {
  readonly graph: Graph;
  /** `rows`: the output has a row for each (or every few) of the input's; else it is made of all of them. */
  readonly ending: Ending;
}

/** A value and the shape of its image. */
interface Image {
  readonly id: TensorId;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

const FEATURES = perTensor('int8', 0.04, -11);
const WEIGHTS = perTensor('int8', 0.02, 0);

/**
 * A network on spectrograms of `height` frames, which are rows: convolutions of any padding, stride and dilation in time, residual sums
 * around some, pools; at the end its rows, or what is made of all of them. Heights change neither layers nor weights but of an ending
 * that takes all rows.
 */
export function randomStream(seed: number, height: number, ending: Ending): RandomStream {
  const random = new Random(seed);
  const sketch = new Sketch();
  let x: Image = { id: 0, height, width: random.integer(1, 5), channels: random.pick([1, 2, 4, 8]) };
  x = { ...x, id: sketch.input('frames', [1, height, x.width, x.channels], FEATURES) };
  const layers = new Layers(random, sketch);
  for (let i = random.integer(1, 4); i > 0; i--) {
    const shapes = x;
    x = random.pick([
      () => layers.convolution(shapes),
      () => layers.convolution(shapes),
      () => layers.depthwise(shapes),
      () => layers.pool(shapes),
      () => layers.residual(shapes),
    ])();
  }
  return { graph: sketch.graph(layers.end(x, ending)), ending };
}

class Layers {
  readonly #random: Random;
  readonly #sketch: Sketch;

  constructor(random: Random, sketch: Sketch) {
    this.#random = random;
    this.#sketch = sketch;
  }

  convolution(
    x: Image,
    channels = this.#random.pick([1, 3, 4, 8]),
    stride = this.#random.pick([1, 1, 2]),
  ): Image {
    const [rows, columns] = [this.#random.integer(1, 4), this.#random.integer(1, Math.min(3, x.width))];
    const window = this.#window(x, rows, columns, stride);
    const filter = [channels, rows, columns, x.channels];
    return this.#add('CONV_2D', x, window, filter, channels, {});
  }

  depthwise(x: Image, stride = this.#random.pick([1, 1, 2])): Image {
    const [rows, columns] = [this.#random.integer(1, 5), this.#random.integer(1, Math.min(3, x.width))];
    const window = this.#window(x, rows, columns, stride);
    return this.#add('DEPTHWISE_CONV_2D', x, window, [1, rows, columns, x.channels], x.channels, {
      depthMultiplier: 1,
    });
  }

  pool(x: Image): Image {
    const [window, size, rows] = this.#window(x, this.#random.integer(1, 3), 1, 2);
    const { dilation: _, ...attributes } = window;
    const filter = { height: rows, width: 1 };
    const kind = this.#random.pick(['AVERAGE_POOL_2D', 'MAX_POOL_2D'] as const);
    const image = { ...size, channels: x.channels };
    const shape = [1, size.height, size.width, x.channels];
    return {
      ...image,
      id: this.#sketch.node(kind, { ...attributes, filter }, [x.id], [kind, shape, FEATURES]),
    };
  }

  /** The sum of an image and what a branch of the same shape makes of it. */
  residual(x: Image): Image {
    const window = this.#window(x, this.#random.integer(1, 4), 1, 1, true);
    const rows = window[2];
    const branch = this.#add('CONV_2D', x, window, [x.channels, rows, 1, x.channels], x.channels, {});
    const inputs = this.#random.chance(0.5) ? [x.id, branch.id] : [branch.id, x.id];
    const shape = [1, x.height, x.width, x.channels];
    const id = this.#sketch.node('ADD', { clamp: ALL_BYTES }, inputs, ['sum', shape, FEATURES]);
    return { ...x, id };
  }

  end(x: Image, ending: Ending): TensorId {
    const { height, width, channels } = x;
    const one = [1, 1, 1, channels];
    switch (ending) {
      case 'rows':
        return x.id;
      case 'mean': {
        const mean = this.#sketch.node('MEAN', { axes: [1, 2] }, [x.id], ['mean', [1, channels], FEATURES]);
        const filter = this.#sketch.constant([3, channels], this.#codes(3 * channels), WEIGHTS);
        const shape: readonly number[] = [1, 3];
        return this.#sketch.node(
          'FULLY_CONNECTED',
          { clamp: ALL_BYTES },
          [mean, filter, null],
          ['scores', shape, FEATURES],
        );
      }
      case 'pool': {
        const padding = { top: 0, bottom: 0, left: 0, right: 0 };
        const filter = { height, width };
        const attributes = { filter, stride: filter, padding, clamp: ALL_BYTES };
        return this.#sketch.node('AVERAGE_POOL_2D', attributes, [x.id], ['pool', one, FEATURES]);
      }
      case 'convolution': {
        const padding = { top: 0, bottom: 0, left: 0, right: 0 };
        const stride = { height: 1, width: 1 };
        const window = [
          { stride, dilation: stride, padding, clamp: ALL_BYTES },
          { height: 1, width: 1 },
          height,
        ] as const;
        return this.#add('CONV_2D', x, window, [3, height, width, channels], 3, {}).id;
      }
    }
  }

  /** A window and the size of what it makes: with SAME padding, with that of causal networks above, or with none, in time. */
  #window(x: Image, most: number, columns: number, rowStride: number, sameHeight = false) {
    const dilation = rowStride === 1 ? this.#random.pick([1, 1, 2]) : 1;
    const padded = this.#random.pick(sameHeight ? ['same', 'causal'] : ['same', 'causal', 'valid', 'valid']);
    // As many rows as there are, so that windows are never higher than the image.
    const rows = Math.max(1, Math.min(most, Math.floor((x.height - 1) / dilation) + 1));
    const extent = (rows - 1) * dilation + 1;
    const whole = samePadding(x.height, extent, rowStride);
    const top = padded === 'same' ? Math.floor(whole / 2) : padded === 'causal' ? extent - 1 : 0;
    const bottom = padded === 'same' ? whole - top : 0;
    const left = this.#random.integer(0, columns - 1);
    const padding = { top, bottom, left, right: columns - 1 - left };
    const height = Math.floor((x.height + top + bottom - extent) / rowStride) + 1;
    return [
      {
        stride: { height: rowStride, width: 1 },
        dilation: { height: dilation, width: 1 },
        padding,
        clamp: this.#random.chance(0.5) ? ALL_BYTES : { min: -11, max: 127 },
      },
      { height, width: x.width },
      rows,
    ] as const;
  }

  #add(
    kind: 'CONV_2D' | 'DEPTHWISE_CONV_2D',
    x: Image,
    [window, size]: readonly [object, { readonly height: number; readonly width: number }, number],
    filter: readonly number[],
    channels: number,
    more: object,
  ): Image {
    const count = filter.reduce((a, b) => a * b, 1);
    const weights = this.#sketch.constant(filter, this.#codes(count), WEIGHTS);
    const sums: Format = { ...perTensor('int32', 0.04 * 0.02, 0) };
    const bias = this.#sketch.constant(
      [channels],
      Int32Array.from({ length: channels }, () => this.#random.integer(-900, 900)),
      sums,
    );
    const shape = [1, size.height, size.width, channels];
    const attributes = { ...window, ...more } as never;
    return {
      ...size,
      channels,
      id: this.#sketch.node(kind, attributes, [x.id, weights, bias], [kind, shape, FEATURES]),
    };
  }

  #codes(count: number): Int8Array {
    return Int8Array.from({ length: count }, () => this.#random.integer(-127, 127));
  }
}
