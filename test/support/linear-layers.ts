import type { Graph } from '../../src/graph/graph.js';
import type { OpAttributes, OpKind } from '../../src/graph/ops.js';
import {
  type ElementType,
  elementCount,
  type Format,
  fromBytes,
  perTensor,
  plain,
  type TensorId,
  type TypedArray,
  toBytes,
} from '../../src/graph/tensor.js';
import { Random } from './random/random.js';
import { Sketch } from './sketch.js';

/** Operators that sum products. */
export type Linear = 'CONV_2D' | 'DEPTHWISE_CONV_2D' | 'TRANSPOSE_CONV' | 'FULLY_CONNECTED' | 'BATCH_MATMUL';

/** Channels at and around the blocks that kernels take at once. */
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17] as const;

const TAPS = [1, 2, 3, 4] as const;

/** int8; int16 with a bias of 64 bits or none; int16 with a bias of 32 bits. */
type LayerType = 's8' | 's16' | 's16_acc32';

const TYPES: readonly LayerType[] = ['s8', 's8', 's8', 's16', 's16_acc32'];

export interface LayerOptions {
  readonly types?: readonly LayerType[];
  /** Numbers of input and output channels, of a group. */
  readonly channels?: readonly number[];
  /**
   * Windows of CONV_2D: of any form, 3x3 or 1x1 with stride 1 in one group, or one as large as its image; of
   * DEPTHWISE_CONV_2D: of any form, or squares of 3, 5 or 7 behind a RELU, as networks have them.
   */
  readonly windows?: 'any' | '3x3' | '1x1' | 'whole' | 'squares';
  /** Taps of a window along either axis. */
  readonly taps?: readonly number[];
  /** Values of weights: each filter draws from one of the lists. Any, unless given. */
  readonly weights?: readonly (readonly number[])[];
  /** The most inputs of FULLY_CONNECTED. */
  readonly inputs?: number;
}

/**
 * One graph of `count` separate nodes of a kind, each with an input of its own: compiled once, it tries many forms.
 * Unlike models from TFLite, filters have zero points and multipliers may shift left.
 */
export function linearLayers(
  kind: Linear,
  seed: number,
  count: number,
  {
    types = TYPES,
    channels = CHANNELS,
    windows = 'any',
    taps = TAPS,
    weights = [],
    inputs = 40,
  }: LayerOptions = {},
): Graph {
  const random = new Random(seed);
  const sketch = new Sketch();
  const layer = (_: unknown, i: number) =>
    ADD_LAYER[kind](new Layer(sketch, random, i, { types, channels, windows, taps, weights, inputs }));
  const outputs = Array.from({ length: count }, layer);
  return sketch.graph(...outputs);
}

/** Inputs for a graph, of all values or of extremes only. */
export function linearInputs(graph: Graph, seed: number): TypedArray[] {
  const random = new Random(seed);
  return graph.inputs.map((id) => {
    const { shape, format } = graph.tensors[id]!;
    const wide = format.type === 'int16';
    const extremes = random.chance(0.3);
    const bytes = new Uint8Array(elementCount(shape) * (wide ? 2 : 1));
    for (let i = 0; i < bytes.length; i += wide ? 2 : 1) {
      const high = extremes ? random.pick([0x7f, 0x80]) : random.integer(0, 255);
      if (wide) bytes[i] = extremes ? (high === 0x7f ? 0xff : 0) : random.integer(0, 255);
      bytes[i + (wide ? 1 : 0)] = high;
    }
    return fromBytes(format.type, bytes);
  });
}

/** The bytes of the graph's outputs, one after the other. */
export function outputBytes(graph: Graph, tensors: readonly TypedArray[]): Uint8Array {
  return Buffer.concat(graph.outputs.map((id) => toBytes(tensors[id]!)));
}

/** The node that wrote byte `at` of `outputBytes`, for messages. */
export function nodeOfByte(graph: Graph, at: number): string {
  let end = 0;
  const output = graph.outputs.find((id) => {
    const { shape, format } = graph.tensors[id]!;
    end += elementCount(shape) * (format.type === 'int16' ? 2 : 1);
    return at < end;
  });
  const node = graph.nodes.find(({ outputs }) => outputs[0] === output)!;
  const shapes = node.inputs.map((id) => (id === null ? '-' : graph.tensors[id]!.shape.join('x')));
  return `${node.kind} ${shapes.join(', ')} ${JSON.stringify(node.attributes)}`;
}

/** Adds one node to the sketch. */
class Layer {
  readonly type: LayerType;
  readonly element: 'int8' | 'int16';

  constructor(
    readonly sketch: Sketch,
    readonly random: Random,
    readonly index: number,
    readonly options: Required<LayerOptions>,
  ) {
    this.type = random.pick(options.types);
    this.element = this.type === 's8' ? 'int8' : 'int16';
  }

  format(scale = this.random.powerOfTwo(-8, 0)): Format {
    const zero = this.type === 's8' ? this.random.pick([-128, 0, 127, this.random.integer(-128, 127)]) : 0;
    return perTensor(this.element, scale, zero);
  }

  clamp(): { min: number; max: number } {
    const [min, max] = this.element === 'int8' ? [-128, 127] : [-32768, 32767];
    if (this.random.chance(0.6)) return { min, max };
    const low = this.random.integer(min, max);
    return { min: low, max: this.random.integer(low, max) };
  }

  /**
   * The node, with constant filter and bias.
   * @param axis dimension of the filter's output channels
   */
  add<K extends OpKind>(
    kind: K,
    attributes: OpAttributes[K],
    x: readonly number[],
    filter: readonly number[],
    axis: number,
    y: readonly number[],
    output = this.format(),
  ): TensorId {
    const { random, sketch } = this;
    const channels = filter[axis]!;
    const input = this.format();
    const size = elementCount(filter);
    const most = random.pick([127, 127, 20, 3]);
    const { weights: lists } = this.options;
    const values = lists.length === 0 ? null : random.pick(lists);
    const codes = Int8Array.from({ length: size }, () =>
      values ? random.pick(values) : random.integer(-most - 1, most),
    );
    // The largest sum of a filter of such codes, and a scale by which it becomes a few times the range of codes.
    const peak =
      ((size / channels) * 2 * (values ? Math.max(...values.map(Math.abs)) : most) + 300) *
      (this.element === 'int8' ? 255 : 32768);
    const range = this.element === 'int8' ? 128 : 32768;
    const wanted = (range * random.powerOfTwo(-1, 4)) / peak;
    const ratio = random.chance(0.1) ? wanted * 2 ** -30 : random.chance(0.15) ? wanted * 64 : wanted;
    const perChannel = random.chance(0.6);
    const scales = Array.from({ length: perChannel ? channels : 1 }, () =>
      Math.fround((ratio * random.powerOfTwo(-2, 0) * output.scales[0]!) / input.scales[0]!),
    );
    const zero = this.type === 's8' && !perChannel && random.chance(0.6) ? random.integer(-128, 127) : 0;
    const weights: Format = {
      type: 'int8',
      scales,
      zeroPoints: scales.map(() => zero),
      axis: perChannel ? axis : null,
    };
    return sketch.node(
      kind,
      attributes,
      [
        sketch.input(`x${this.index}`, x, input),
        sketch.constant(filter, codes, weights),
        ...this.#bias(channels, peak),
      ],
      [`y${this.index}`, y, output],
    );
  }

  /** int16 activations without a bias accumulate in 64 bits. */
  #bias(channels: number, peak: number): TensorId[] {
    const { random, sketch } = this;
    if (this.type !== 's16_acc32' && random.chance(0.2)) return [];
    const values = Array.from({ length: channels }, () => random.integer(-peak >> 3, peak >> 3));
    const type: ElementType = this.type === 's16' ? 'int64' : 'int32';
    const data = type === 'int64' ? BigInt64Array.from(values.map(BigInt)) : Int32Array.from(values);
    return [sketch.constant([channels], data, plain(type))];
  }
}

/** An image of up to four pixels and a window of the same size. */
function wholeAxis(random: Random): Axis {
  const size = random.integer(1, 4);
  return { size, stride: random.integer(1, 2), dilation: 1, taps: size, before: 0, after: 0, outputs: 1 };
}

/** A window along one axis and sizes that it fits into. */
function axis({ random, options }: Layer, dilations: readonly number[] = [1, 1, 1, 2]) {
  const size = random.integer(1, 9);
  const stride = random.integer(1, 3);
  const dilation = random.pick(dilations);
  for (;;) {
    const taps = random.pick(options.taps);
    const extent = (taps - 1) * dilation + 1;
    const [before, after] = [random.integer(0, extent - 1), random.integer(0, extent - 1)];
    const padding = random.chance(0.3) ? { before: 0, after: 0 } : { before, after };
    const room = size + padding.before + padding.after - extent;
    if (room >= 0)
      return { size, stride, dilation, taps, ...padding, outputs: Math.floor(room / stride) + 1 };
  }
}

type Axis = ReturnType<typeof axis>;

/** The same with three taps and stride 1. */
function axisOf3(random: Random): Axis {
  const size = random.integer(3, 12);
  const [before, after] = random.chance(0.3) ? [0, 0] : [random.integer(0, 2), random.integer(0, 2)];
  return { size, stride: 1, dilation: 1, taps: 3, before, after, outputs: size + before + after - 2 };
}

/** The same with one tap and stride 1. */
function axisOf1(random: Random): Axis {
  const size = random.integer(1, 7);
  return { size, stride: 1, dilation: 1, taps: 1, before: 0, after: 0, outputs: size };
}

const windowOf = (y: Axis, x: Axis) => ({
  stride: { height: y.stride, width: x.stride },
  dilation: { height: y.dilation, width: x.dilation },
  padding: { top: y.before, bottom: y.after, left: x.before, right: x.after },
});

const ADD_LAYER: Readonly<Record<Linear, (layer: Layer) => TensorId>> = {
  CONV_2D(layer) {
    const { random } = layer;
    const { windows } = layer.options;
    const any = windows === 'any';
    const whole = windows === 'whole';
    const square = () => (windows === '1x1' ? axisOf1(random) : axisOf3(random));
    const draw = () => (any ? axis(layer) : whole ? wholeAxis(random) : square());
    const [y, x] = [draw(), draw()];
    const n = whole ? 1 : random.integer(1, 2);
    const groups = any ? random.pick([1, 1, 1, 2, 3]) : 1;
    const depth = random.pick(layer.options.channels);
    const channels = groups * random.pick(layer.options.channels);
    return layer.add(
      'CONV_2D',
      { ...windowOf(y, x), clamp: layer.clamp() },
      [n, y.size, x.size, depth * groups],
      [channels, y.taps, x.taps, depth],
      0,
      [n, y.outputs, x.outputs, channels],
    );
  },
  DEPTHWISE_CONV_2D(layer) {
    const { random } = layer;
    if (layer.options.windows === 'squares') return addSquare(layer);
    const [y, x, n] = [axis(layer), axis(layer), random.integer(1, 2)];
    const [channels, depthMultiplier] = [random.pick(layer.options.channels), random.pick([1, 1, 2, 3, 8])];
    const outputs = channels * depthMultiplier;
    return layer.add(
      'DEPTHWISE_CONV_2D',
      { ...windowOf(y, x), depthMultiplier, clamp: layer.clamp() },
      [n, y.size, x.size, channels],
      [1, y.taps, x.taps, outputs],
      3,
      [n, y.outputs, x.outputs, outputs],
    );
  },
  TRANSPOSE_CONV(layer) {
    const { random } = layer;
    const [y, x, n] = [axis(layer, [1]), axis(layer, [1]), random.integer(1, 2)];
    const [depth, channels] = [random.pick(layer.options.channels), random.pick(layer.options.channels)];
    const { stride, padding } = windowOf(y, x);
    return layer.add(
      'TRANSPOSE_CONV',
      { stride, padding, clamp: layer.clamp() },
      [n, y.outputs, x.outputs, depth],
      [channels, y.taps, x.taps, depth],
      0,
      [n, y.size, x.size, channels],
    );
  },
  FULLY_CONNECTED(layer) {
    const { random } = layer;
    const [rows, inputs, outputs] = [
      random.integer(1, 4),
      random.integer(1, layer.options.inputs),
      random.pick(layer.options.channels),
    ];
    const clamp = layer.clamp();
    return layer.add('FULLY_CONNECTED', { clamp }, [rows, inputs], [outputs, inputs], 0, [rows, outputs]);
  },
  BATCH_MATMUL(layer) {
    const { random, sketch } = layer;
    const [rows, columns, depth] = [
      random.integer(1, 5),
      random.pick(layer.options.channels),
      random.integer(1, 20),
    ];
    const [adjX, adjY] = [random.chance(0.5), random.chance(0.5)];
    const batches = Array.from({ length: random.integer(0, 3) }, () => random.integer(1, 3));
    const broadcast = () => batches.map((size) => (random.chance(0.3) ? 1 : size));
    const [aBatches, bBatches] = random.pick([
      [batches, broadcast()],
      [broadcast(), batches],
    ]);
    const [a, b] = [layer.format(), layer.format()];
    const range = layer.element === 'int8' ? 128 : 32768;
    const ratio = random.powerOfTwo(-1, 4) / (range * depth);
    const y = layer.format((a.scales[0]! * b.scales[0]!) / ratio);
    return sketch.node(
      'BATCH_MATMUL',
      { adjX, adjY },
      [
        sketch.input(`a${layer.index}`, [...aBatches, ...(adjX ? [depth, rows] : [rows, depth])], a),
        sketch.input(`b${layer.index}`, [...bBatches, ...(adjY ? [columns, depth] : [depth, columns])], b),
      ],
      [`y${layer.index}`, [...batches, rows, columns], y],
    );
  },
};

/** Of the image's own size, or half of it; often larger than what kernels widen at a time. */
function addSquare(layer: Layer): TensorId {
  const { random } = layer;
  const [taps, stride, channels] = [
    random.pick([3, 5, 7]),
    random.pick([1, 1, 2]),
    random.pick(layer.options.channels),
  ];
  const [height, width, n] = [random.integer(1, 20), random.integer(2, 24), random.integer(1, 2)];
  const along = (size: number) => {
    const outputs = Math.ceil(size / stride);
    const padding = Math.max(0, (outputs - 1) * stride + taps - size);
    return { outputs, before: padding >> 1, after: padding - (padding >> 1) };
  };
  const [y, x] = [along(height), along(width)];
  return layer.add(
    'DEPTHWISE_CONV_2D',
    {
      stride: { height: stride, width: stride },
      dilation: { height: 1, width: 1 },
      padding: { top: y.before, bottom: y.after, left: x.before, right: x.after },
      depthMultiplier: 1,
      clamp: { min: -128, max: 127 },
    },
    [n, height, width, channels],
    [1, taps, taps, channels],
    3,
    [n, y.outputs, x.outputs, channels],
    perTensor('int8', random.powerOfTwo(-8, 0), -128),
  );
}
