/** Random layers of weights and activations below 8 bits: one graph holds many, so that one compilation tries them all. */
import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import { toMemory } from '../../src/graph/packed.js';
import {
  allocate,
  byteLength,
  elementCount,
  type Format,
  INTEGER_RANGE,
  perTensor,
  plain,
  type TensorId,
  type TypedArray,
} from '../../src/graph/tensor.js';
import { layersOf } from '../../src/plan/candidates.js';
import { planChoice } from '../../src/plan/index.js';
import { stepsOf } from '../../src/plan/lower.js';
import type { Plan } from '../../src/plan/plan.js';
import { Random } from './random/random.js';
import { Sketch } from './sketch.js';

export const LOW_BIT_OPERATORS = ['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED'] as const;
type Operator = (typeof LOW_BIT_OPERATORS)[number];

/** Values of weights; `grouped`: int4 codes times a multiple of each group of inputs, int16. */
export const WEIGHT_FORMATS = {
  binary: (random: Random) => random.pick([-1, 1]),
  ternary: (random: Random) => random.integer(-1, 1),
  'wide ternary': (random: Random) => 77 * random.integer(-1, 1),
  int2: (random: Random) => random.integer(-2, 1),
  int3: (random: Random) => random.integer(-4, 3),
  int4: (random: Random) => random.integer(-8, 7),
  'half int2': (random: Random) => 2 * random.integer(-2, 1) + 1,
  'half int3': (random: Random) => 2 * random.integer(-4, 3) + 1,
  'half int4': (random: Random) => 2 * random.integer(-8, 7) + 1,
  codebook: (random: Random) =>
    [-128, -77, -40, -17, -5, -1, 0, 2, 6, 19, 35, 66, 90, 127][random.integer(0, 13)]!,
  int8: (random: Random) => random.integer(-128, 127),
  grouped: (random: Random) => random.integer(-8, 7),
} as const;
export type WeightFormatName = keyof typeof WEIGHT_FORMATS;

const ACTIVATIONS = ['int8', 'int16', 'uint4', 'uint2', 'binary'] as const;
type Activation = (typeof ACTIVATIONS)[number];

/** How sums end, and as which type. */
const ENDINGS = [
  'multiplier int8',
  'multiplier uint4',
  'multiplier uint2',
  'thresholds int8',
  'thresholds uint4',
  'thresholds uint2',
  'thresholds binary',
  'accumulator int32',
] as const;
type Ending = (typeof ENDINGS)[number];

/** Numbers of input and output channels of a group: around whole words and blocks of kernels. */
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 31, 32, 33, 40, 64] as const;

export interface LowBitOptions {
  readonly operators?: readonly Operator[];
  readonly weights?: readonly WeightFormatName[];
  readonly activations?: readonly Activation[];
  readonly endings?: readonly Ending[];
  readonly channels?: readonly number[];
  /** Inputs of FULLY_CONNECTED, and its rows. */
  readonly depths?: readonly number[];
  readonly rows?: readonly number[];
  /** Taps of a window along either axis. */
  readonly taps?: readonly number[];
  /** Stride, dilation and groups, if any but 1. */
  readonly plain?: boolean;
  /** Of images, along either axis. */
  readonly mostPixels?: number;
}

/** One graph of `count` separate layers, each with an input of its own. */
export function lowBitLayers(seed: number, count: number, options: LowBitOptions = {}): Graph {
  const random = new Random(seed);
  const sketch = new Sketch();
  return sketch.graph(
    ...Array.from({ length: count }, (_, i) => new Layer(sketch, random, i, options).add()),
  );
}

/** Inputs for a graph: of all codes, or of the extremes only. */
export function lowBitInputs(graph: Graph, seed: number): TypedArray[] {
  const random = new Random(seed);
  return graph.inputs.map((id) => {
    const { shape, format } = graph.tensors[id]!;
    const { min, max } = INTEGER_RANGE[format.type as Activation];
    const data = allocate(format.type, elementCount(shape)) as Int16Array;
    const extremes = format.type === 'binary' || random.chance(0.3);
    return data.map(() => (extremes ? random.pick([min, max]) : random.integer(min, max)));
  });
}

/** Contents of a graph's inputs as they lie in memory. */
export function inputMemory(graph: Graph, inputs: readonly TypedArray[]): Uint8Array[] {
  return inputs.map((data, i) => toMemory(graph.tensors[graph.inputs[i]!]!, data));
}

/** Contents of all outputs as they lie in memory, one after the other, of all tensors' contents. */
export function outputMemory(graph: Graph, tensors: readonly TypedArray[]): Uint8Array {
  return Buffer.concat(graph.outputs.map((id) => toMemory(graph.tensors[id]!, tensors[id]!)));
}

/** The node that wrote byte `at` of `outputMemory`, for messages. */
export function nodeOfMemory(graph: Graph, at: number): string {
  let end = 0;
  const output = graph.outputs.find((id) => {
    end += byteLength(graph.tensors[id]!);
    return at < end;
  });
  const node = graph.nodes.find(({ outputs }) => outputs[0] === output)!;
  const tensors = [...node.inputs, ...node.outputs].map((id) => {
    const tensor = id === null ? null : graph.tensors[id]!;
    return tensor ? `${tensor.format.type} ${tensor.shape.join('x')} z${tensor.format.zeroPoints}` : '-';
  });
  return `${node.kind} #${node.source.index} ${tensors.join(', ')} ${JSON.stringify(node.attributes)}`;
}

/** The plan of a graph in which the first row named by `kernel` that accepts a layer computes it. */
export function planWith(graph: Graph, board: string, kernel: RegExp): Plan {
  const target = loadBoard(board);
  const layers = layersOf(graph, target);
  const choice = layers.map(
    ({ candidates }) => candidates.find((c) => kernel.test(c.kernel.id)) ?? candidates[0]!,
  );
  const names = { prefix: 'low_bit', modelHash: '0'.repeat(64), optimize: 'speed' } as const;
  return planChoice(graph, target, stepsOf(layers, choice), names);
}

/** A window along one axis and the size that it slides over. */
interface Axis {
  readonly size: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  readonly outputs: number;
}

class Layer {
  readonly activation: Activation;
  readonly ending: Ending;
  readonly weights: WeightFormatName;

  constructor(
    readonly sketch: Sketch,
    readonly random: Random,
    readonly index: number,
    readonly options: LowBitOptions,
  ) {
    const { activations = ACTIVATIONS, endings = ENDINGS, weights } = options;
    this.weights = random.pick(weights ?? (Object.keys(WEIGHT_FORMATS) as WeightFormatName[]));
    for (;;) {
      const activation = random.pick(activations);
      const ending = random.pick(endings);
      // int16 activations end by thresholds here, and take filters of int8.
      if (activation === 'int16' && (!ending.startsWith('thresholds') || this.weights === 'grouped'))
        continue;
      [this.activation, this.ending] = [activation, ending];
      break;
    }
  }

  add(): TensorId {
    const { random, options } = this;
    const operator = random.pick(options.operators ?? LOW_BIT_OPERATORS);
    const channels = options.channels ?? CHANNELS;
    if (operator === 'FULLY_CONNECTED') {
      const [rows, outputs] = [random.pick(options.rows ?? [1, 2, 3, 4]), random.pick(channels)];
      const inputs = random.pick(options.depths ?? [...channels, 100, 129, 300]);
      return this.#node(operator, {}, [rows, inputs], [outputs, inputs], 0, [rows, outputs]);
    }
    const [y, x, n] = [this.#axis(), this.#axis(), random.integer(1, 2)];
    const window = {
      stride: { height: y.stride, width: x.stride },
      dilation: { height: y.dilation, width: x.dilation },
      padding: { top: y.before, bottom: y.after, left: x.before, right: x.after },
    };
    const depth = random.pick(channels);
    if (operator === 'DEPTHWISE_CONV_2D') {
      const depthMultiplier = random.pick([1, 1, 2, 3]);
      const outputs = depth * depthMultiplier;
      return this.#node(
        operator,
        { ...window, depthMultiplier },
        [n, y.size, x.size, depth],
        [1, y.taps, x.taps, outputs],
        3,
        [n, y.outputs, x.outputs, outputs],
      );
    }
    const groups = options.plain ? 1 : random.pick([1, 1, 1, 2, 3]);
    const outputs = groups * random.pick(channels);
    return this.#node(
      operator,
      window,
      [n, y.size, x.size, depth * groups],
      [outputs, y.taps, x.taps, depth],
      0,
      [n, y.outputs, x.outputs, outputs],
    );
  }

  #axis(): Axis {
    const { random, options } = this;
    for (;;) {
      const size = random.integer(1, options.mostPixels ?? 6);
      const taps = random.pick(options.taps ?? [1, 1, 2, 3, 3, 4]);
      const stride = options.plain ? 1 : random.pick([1, 1, 2, 3]);
      const dilation = options.plain ? 1 : random.pick([1, 1, 1, 2]);
      const extent = (taps - 1) * dilation + 1;
      const padded = random.chance(0.7);
      const [before, after] = padded
        ? [random.integer(0, extent - 1), random.integer(0, extent - 1)]
        : [0, 0];
      const room = size + before + after - extent;
      if (room < 0) continue;
      return { size, taps, stride, dilation, before, after, outputs: Math.floor(room / stride) + 1 };
    }
  }

  #node(
    kind: Operator,
    attributes: object,
    x: readonly number[],
    filter: readonly number[],
    axis: number,
    y: readonly number[],
  ): TensorId {
    const { random, sketch, index } = this;
    const channels = filter[axis]!;
    const input = this.#inputFormat();
    const values = this.#values(filter, axis);
    const taps = values.length / channels;
    const most = Array.from(values, Math.abs).reduce((a, b) => Math.max(a, b));
    const { min, max } = INTEGER_RANGE[this.activation];
    const reach = Math.max(max - input.zeroPoints[0]!, input.zeroPoints[0]! - min);
    // What sums of random products come to, more or less.
    const spread = Math.max(4, most * reach * Math.sqrt(taps));
    const [how, type] = this.ending.split(' ') as [string, 'int8' | 'uint4' | 'uint2' | 'binary' | 'int32'];
    const output = this.#outputFormat(how, type);
    const perChannel = how === 'multiplier' && random.chance(0.6);
    const range = INTEGER_RANGE[type].max - INTEGER_RANGE[type].min + 1;
    const scales = Array.from({ length: perChannel ? channels : 1 }, () =>
      Math.fround((random.powerOfTwo(-3, 2) * range * output.scales[0]!) / spread / input.scales[0]!),
    );
    const zeroPoint =
      this.activation === 'int8' && !perChannel && random.chance(0.2) ? random.integer(-4, 4) : 0;
    const format: Format = {
      type: values instanceof Int16Array ? 'int16' : 'int8',
      scales,
      zeroPoints: scales.map(() => zeroPoint),
      axis: perChannel ? axis : null,
    };
    const clamp = this.#clamp(how, type);
    const bias = random.chance(0.7)
      ? sketch.constant(
          [channels],
          Int32Array.from({ length: channels }, () => Math.round((random.real() - 0.5) * spread)),
          plain('int32'),
        )
      : null;
    const thresholds = how === 'thresholds' ? [this.#thresholds(channels, spread, type, clamp)] : [];
    return sketch.node(
      kind,
      { ...attributes, clamp } as never,
      [sketch.input(`x${index}`, x, input), sketch.constant(filter, values, format), bias, ...thresholds],
      [`y${index}`, y, output],
    );
  }

  #inputFormat(): Format {
    const { random, activation } = this;
    const { min, max } = INTEGER_RANGE[activation];
    const free =
      activation === 'int8' ? [min, 0, max, random.integer(min, max)] : [0, 0, 0, random.integer(min, max)];
    const zero = activation === 'int16' || activation === 'binary' ? 0 : random.pick(free);
    return perTensor(activation, random.powerOfTwo(-8, 0), zero);
  }

  #outputFormat(how: string, type: Activation | 'int32'): Format {
    const { min, max } = INTEGER_RANGE[type];
    const zero = how === 'multiplier' ? this.random.integer(min, max) : 0;
    return perTensor(type, this.random.powerOfTwo(-8, 0), zero);
  }

  #clamp(how: string, type: Activation | 'int32'): { min: number; max: number } {
    const { random } = this;
    const { min, max } = INTEGER_RANGE[type];
    if (how === 'accumulator' || type === 'binary' || random.chance(0.6)) return { min, max };
    // Thresholds need a code above the first.
    const low = random.integer(min, how === 'thresholds' ? max - 1 : max);
    return { min: low, max: random.integer(how === 'thresholds' ? low + 1 : low, max) };
  }

  #values(filter: readonly number[], axis: number): Int8Array | Int16Array {
    const { random, weights } = this;
    const one = WEIGHT_FORMATS[weights];
    const codes = Array.from({ length: elementCount(filter) }, () => one(random));
    if (weights !== 'grouped') return Int8Array.from(codes);
    // Groups of the last dimension (inputs of a pixel), or of single channels where that is the channels.
    const depth = filter.at(-1)!;
    const size = axis === filter.length - 1 ? 1 : random.pick([4, 8, 16, 32]);
    const multiples = Array.from({ length: codes.length }, () => random.integer(1, 200));
    return Int16Array.from(codes, (code, i) => code * multiples[Math.floor((i % depth) / size)]!);
  }

  #thresholds(channels: number, spread: number, type: string, clamp: { min: number; max: number }): TensorId {
    const { random, sketch } = this;
    const most = type === 'binary' ? 1 : clamp.max - clamp.min;
    const steps = random.chance(0.5) ? most : random.integer(1, most);
    const rows = Array.from({ length: channels }, () => {
      const values = Array.from({ length: steps }, () => Math.round((random.real() * 2 - 1) * 1.5 * spread));
      if (random.chance(0.1)) values[0] = -(2 ** 31);
      if (random.chance(0.1)) values[steps - 1] = 2 ** 31 - 1;
      return values.sort((a, b) => a - b);
    });
    return sketch.constant([channels, steps], Int32Array.from(rows.flat()), plain('int32'));
  }
}
