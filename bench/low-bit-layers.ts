/** The layers by which kernels of low-bit weights are compared. A new layer, format or kernel is a line of `ROWS`. */
import type { Graph } from '../src/graph/graph.js';
import {
  type ElementType,
  elementCount,
  type Format,
  INTEGER_RANGE,
  isPacked,
  perTensor,
  plain,
  type TensorId,
} from '../src/graph/tensor.js';
import { Random } from '../test/support/random/random.js';
import { ALL_BYTES, BYTES, Sketch } from '../test/support/sketch.js';

/** Sizes of a layer: `size` pixels square, with a window of `window` pixels square in the middle; 0 for FULLY_CONNECTED. */
export interface LayerSizes {
  readonly size: number;
  readonly window: number;
  readonly inputs: number;
  readonly outputs: number;
}

const LAYERS = {
  'pointwise 64->64, 8x8': { size: 8, window: 1, inputs: 64, outputs: 64 },
  'pointwise 128->128, 8x8': { size: 8, window: 1, inputs: 128, outputs: 128 },
  'pointwise 256->256, 8x8': { size: 8, window: 1, inputs: 256, outputs: 256 },
  '3x3 64->64, 8x8': { size: 8, window: 3, inputs: 64, outputs: 64 },
  'fully connected 1024->512': { size: 0, window: 1, inputs: 1024, outputs: 512 },
} as const satisfies Record<string, LayerSizes>;

/** Values of a filter by name. */
const WEIGHTS = {
  int8: Array.from({ length: 255 }, (_, i) => i - 127),
  int4: Array.from({ length: 16 }, (_, i) => i - 8),
  int2: [-2, -1, 0, 1],
  ternary: [-1, 0, 1],
  binary: [-1, 1],
} as const satisfies Record<string, readonly number[]>;

/** Activations by name; the output has the input's type. Packed ones end by thresholds. */
const ACTIVATIONS: Readonly<Record<string, Format>> = {
  int8: BYTES,
  uint2: perTensor('uint2', 1, 0),
  binary: perTensor('binary', 1, 0),
};

/** A line of the table. */
export interface Row {
  readonly layer: keyof typeof LAYERS;
  readonly weights: keyof typeof WEIGHTS;
  readonly activations: keyof typeof ACTIVATIONS;
  /** What to call the kernel, and the ids of the rows of the kernel table that are meant: the first that accepts the layer. */
  readonly kernel: string;
  readonly ids: RegExp;
}

const NAMES = Object.keys(LAYERS) as Row['layer'][];

const of = (
  weights: Row['weights'],
  kernel: string,
  ids: RegExp,
  layers: readonly Row['layer'][] = NAMES,
  activations: Row['activations'] = 'int8',
): readonly Row[] => layers.map((layer) => ({ layer, weights, activations, kernel, ids }));

const CONVOLUTIONS = NAMES.filter((name) => LAYERS[name].size > 0);
const DENSE = NAMES.filter((name) => LAYERS[name].size === 0);

export const ROWS: readonly Row[] = [
  ...of('int8', 'int8', /s8/),
  ...of('binary', 'lanes, 1 bit', /w1_lanes/),
  ...of('ternary', 'lanes, 2 bits', /w2_lanes/),
  ...of('int2', 'lanes, 2 bits', /w2_lanes/),
  ...of('int4', 'lanes, 4 bits', /w4_lanes/),
  ...of('ternary', 'tables, 4 trits a byte', /conv_2d_s8_trits4/, CONVOLUTIONS),
  ...of('ternary', 'tables, 5 trits a byte', /conv_2d_s8_trits5/, CONVOLUTIONS),
  ...of('ternary', 'tables, 5 trits a byte', /fully_connected_s8_trits5/, DENSE),
  ...of('binary', 'tables, 8 signs a byte', /conv_2d_s8_signs8/, CONVOLUTIONS),
  ...of('binary', 'tables, 8 signs a byte', /fully_connected_s8_signs8/, DENSE),
  ...of('binary', 'popcount', /_b1_popcount/, NAMES, 'binary'),
  ...of('binary', 'popcount of planes', /_u2_popcount/, NAMES, 'uint2'),
  ...of('ternary', 'lanes, 2 bits', /_w2_lanes/, NAMES, 'uint2'),
];

/** The row's layer as a graph of one node. */
export function layerOf({ layer, weights, activations }: Row): Graph {
  return graphOf(LAYERS[layer], weights, activations);
}

/** Names of the values of weights, and of activations. */
export type WeightsName = keyof typeof WEIGHTS;
export type ActivationsName = keyof typeof ACTIVATIONS;

/** A graph of one layer. */
export function graphOf(sizes: LayerSizes, weights: WeightsName, activations: ActivationsName): Graph {
  const sketch = new Sketch();
  return sketch.graph(addLayer(sketch, sizes, WEIGHTS[weights], ACTIVATIONS[activations]!));
}

/** Numbers of weights of the row's layer. */
export function weightsOf({ layer }: Row): number {
  const { window, inputs, outputs } = LAYERS[layer];
  return window * window * inputs * outputs;
}

/** One scale for all channels, as BitNet's layers have, that fills the output's codes. */
function addLayer(
  sketch: Sketch,
  { size, window, inputs, outputs }: LayerSizes,
  values: readonly number[],
  format: Format,
): TensorId {
  const random = new Random(1);
  const taps = window * window * inputs;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  const pixel = size === 0 ? [] : [size, size];
  const shape = size === 0 ? [outputs, inputs] : [outputs, window, window, inputs];
  const filter = Int8Array.from({ length: elementCount(shape) }, () => random.pick(values));
  if (isPacked(format.type)) return addPacked(sketch, random, pixel, window, shape, filter, format);
  const bias = Int32Array.from({ length: outputs }, () => random.integer(-400, 400));
  const type: ElementType = 'int8';
  const operands = [
    sketch.input('x', [1, ...pixel, inputs], format),
    sketch.constant(shape, filter, perTensor(type, Math.fround(1 / (1.3 * spread * Math.sqrt(taps))), 0)),
    sketch.constant([outputs], bias, plain('int32')),
  ];
  return addNode(sketch, operands, pixel, window, outputs, format);
}

/** A node whose output keeps the size of the image; without one, FULLY_CONNECTED. */
function addNode(
  sketch: Sketch,
  operands: readonly (TensorId | null)[],
  pixel: readonly number[],
  window: number,
  outputs: number,
  format: Format,
): TensorId {
  const clamp = isPacked(format.type) ? INTEGER_RANGE[format.type] : ALL_BYTES;
  if (pixel.length === 0)
    return sketch.node('FULLY_CONNECTED', { clamp }, operands, ['y', [1, outputs], format]);
  const pad = (window - 1) / 2;
  const one = { height: 1, width: 1 };
  const padding = { top: pad, bottom: pad, left: pad, right: pad };
  const attributes = { stride: one, dilation: one, padding, clamp };
  return sketch.node('CONV_2D', attributes, operands, ['y', [1, ...pixel, outputs], format]);
}

/** A layer of packed codes: a threshold a channel for each code above the first. */
function addPacked(
  sketch: Sketch,
  random: Random,
  pixel: readonly number[],
  window: number,
  shape: readonly number[],
  filter: Int8Array,
  format: Format,
): TensorId {
  const [outputs, inputs] = [shape[0]!, shape.at(-1)!];
  const steps = format.type === 'binary' ? 1 : INTEGER_RANGE.uint2.max;
  const rows = Array.from({ length: outputs }, () =>
    Array.from({ length: steps }, () => random.integer(-20, 20)).sort((a, b) => a - b),
  );
  const operands = [
    sketch.input('x', [1, ...pixel, inputs], format),
    sketch.constant(shape, filter, perTensor('int8', 1, 0)),
    null,
    sketch.constant([outputs, steps], Int32Array.from(rows.flat()), plain('int32')),
  ];
  return addNode(sketch, operands, pixel, window, outputs, format);
}
