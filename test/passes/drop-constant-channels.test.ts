import assert from 'node:assert';
import fc from 'fast-check';
import type { Graph } from '../../src/graph/graph.js';
import type { Padding } from '../../src/graph/ops.js';
import { elementCount, type Format, perTensor, plain, type TensorId } from '../../src/graph/tensor.js';
import { dropConstantChannels } from '../../src/passes/drop-constant-channels.js';
import { linearInputs } from '../support/linear-layers.js';
import { Random } from '../support/random/random.js';
import { ALL_BYTES, lines, Sketch } from '../support/sketch.js';
import { assertSame, run } from './helpers.js';

const ONE = { height: 1, width: 1 };
const NONE: Padding = { top: 0, bottom: 0, left: 0, right: 0 };
const AROUND: Padding = { top: 1, bottom: 1, left: 1, right: 1 };
const ZERO = -3;
const CODES = perTensor('int8', 0.05, ZERO);
const SIZE = 4;
const CHANNELS = 20;

/** What a test says of the layers between the image and the output. */
interface Layers {
  /** Output codes of the first layer's channels whose weights are all 0, the channels from 0 on. */
  readonly constants: readonly number[];
  readonly padding?: Padding;
  readonly between?: 'nothing' | 'depthwise' | 'pools';
  readonly mixer?: 'CONV_2D' | 'FULLY_CONNECTED';
  readonly mixerBias?: boolean;
  readonly perChannel?: boolean;
  readonly alsoOutput?: boolean;
}

/** An image of 4 x 4, a layer of 20 channels, what keeps them apart, and a layer that mixes them. */
function layers(seed: number, what: Layers): Graph {
  const { constants, padding = NONE, between = 'nothing', mixer = 'CONV_2D', mixerBias = true } = what;
  const random = new Random(seed);
  const sketch = new Sketch();
  const weights = (shape: readonly number[], axis: number, dead = 0) => {
    const format: Format = what.perChannel
      ? {
          type: 'int8',
          scales: Array.from({ length: shape[axis]! }, () =>
            Math.fround(0.002 + random.integer(0, 9) / 1000),
          ),
          zeroPoints: Array.from({ length: shape[axis]! }, () => 0),
          axis,
        }
      : perTensor('int8', 0.004, 0);
    const inner = elementCount(shape.slice(axis + 1));
    const data = Int8Array.from({ length: elementCount(shape) }, (_, i) =>
      Math.floor(i / inner) % shape[axis]! < dead ? 0 : random.integer(-128, 127),
    );
    return { format, id: sketch.constant(shape, data, format) };
  };
  const bias = (codes: readonly number[], count: number, { scales }: Format) =>
    sketch.constant(
      [count],
      // x times the real multiplier 0.05 * scale / 0.05 is the code less the zero point.
      Int32Array.from({ length: count }, (_, c) =>
        c < codes.length
          ? Math.round((codes[c]! - ZERO) / (scales[c] ?? scales[0]!))
          : random.integer(-9000, 9000),
      ),
      plain('int32'),
    );
  const window = (pads: Padding) => ({ stride: ONE, dilation: ONE, padding: pads, clamp: ALL_BYTES });
  const image = [1, SIZE, SIZE, CHANNELS];
  const first = weights([CHANNELS, 1, 1, 2], 0, constants.length);
  let at: TensorId = sketch.node(
    'CONV_2D',
    window(NONE),
    [sketch.input('x', [1, SIZE, SIZE, 2], CODES), first.id, bias(constants, CHANNELS, first.format)],
    ['first', image, CODES],
  );
  const made = at;
  let size = SIZE;
  if (between === 'depthwise') {
    const filter = weights([1, 3, 3, CHANNELS], 3);
    if (padding === NONE) size -= 2;
    at = sketch.node(
      'DEPTHWISE_CONV_2D',
      { ...window(padding), depthMultiplier: 1 },
      [at, filter.id, bias([], CHANNELS, filter.format)],
      ['apart', [1, size, size, CHANNELS], CODES],
    );
  } else if (between === 'pools') {
    const pool = {
      filter: { height: 2, width: 2 },
      stride: ONE,
      padding: NONE,
      clamp: { min: -20, max: 90 },
    };
    at = sketch.node('MAX_POOL_2D', pool, [at], ['maxima', [1, 3, 3, CHANNELS], CODES]);
    const all = { ...pool, filter: { height: 3, width: 3 } };
    at = sketch.node('AVERAGE_POOL_2D', all, [at], ['means', [1, 1, 1, CHANNELS], CODES]);
    at = sketch.node('RESHAPE', {}, [at], ['row', [1, CHANNELS], CODES]);
  }
  const outputs = 3;
  const last = weights(mixer === 'CONV_2D' ? [outputs, 1, 1, CHANNELS] : [outputs, CHANNELS], 0);
  const operands = [at, last.id, mixerBias ? bias([], outputs, last.format) : null];
  const y =
    mixer === 'CONV_2D'
      ? sketch.node('CONV_2D', window(NONE), operands, ['y', [1, size, size, outputs], CODES])
      : sketch.node('FULLY_CONNECTED', { clamp: ALL_BYTES }, operands, ['y', [1, outputs], CODES]);
  return what.alsoOutput ? sketch.graph(y, made) : sketch.graph(y);
}

/** Channels of the mixer's input, after the pass, which must keep every output byte. */
function channelsAfter(graph: Graph, seed = 1): number {
  const after = run(dropConstantChannels, graph);
  assert.deepStrictEqual(lines(after).length, lines(graph).length);
  for (const s of [seed, seed + 1]) assertSame(graph, after, linearInputs(graph, s));
  assert.strictEqual(run(dropConstantChannels, after), after, 'nothing is left to do');
  const mixer = after.nodes.at(-1)!;
  return after.tensors[mixer.inputs[0]!]!.shape.at(-1)!;
}

describe('drop constant channels', () => {
  const twelve = Array.from({ length: 12 }, (_, c) => c - 7);

  it('leaves the channels that depend on the input, and adds the others to the bias of the layer that mixes them', () => {
    assert.strictEqual(channelsAfter(layers(1, { constants: twelve })), 8);
    assert.strictEqual(channelsAfter(layers(2, { constants: twelve, perChannel: true })), 8);
  });

  it('keeps groups of eight whole, with constant channels', () => {
    assert.strictEqual(channelsAfter(layers(3, { constants: twelve.slice(0, 10) })), 16);
    assert.strictEqual(channelsAfter(layers(4, { constants: twelve.slice(0, 3) })), CHANNELS);
  });

  it('sees through depthwise convolutions, pools and reshapes', () => {
    for (const what of [
      { between: 'depthwise' },
      { between: 'depthwise', perChannel: true },
      { between: 'pools', mixer: 'FULLY_CONNECTED' },
    ] as const)
      assert.strictEqual(channelsAfter(layers(5, { constants: twelve, ...what })), 8);
  });

  it('keeps what padding makes depend on the place, unless it is the zero point', () => {
    const padded = { between: 'depthwise', padding: AROUND } as const;
    assert.strictEqual(channelsAfter(layers(6, { constants: twelve, ...padded })), CHANNELS);
    const zeros = twelve.map(() => ZERO);
    assert.strictEqual(channelsAfter(layers(6, { constants: zeros, ...padded })), 8);
  });

  it('keeps other values than the zero point in front of a layer without bias', () => {
    assert.strictEqual(channelsAfter(layers(7, { constants: twelve, mixerBias: false })), CHANNELS);
    const zeros = twelve.map(() => ZERO);
    assert.strictEqual(channelsAfter(layers(7, { constants: zeros, mixerBias: false })), 8);
  });

  it('keeps the channels of an output of the graph', () => {
    const graph = layers(8, { constants: twelve, alsoOutput: true });
    assert.strictEqual(run(dropConstantChannels, graph), graph);
  });

  it('keeps every output byte of any such layers', () => {
    const forms = fc.record({
      constants: fc.array(fc.oneof(fc.integer({ min: -200, max: 200 }), fc.constant(ZERO)), {
        maxLength: 20,
      }),
      padding: fc.constantFrom(NONE, AROUND),
      between: fc.constantFrom('nothing' as const, 'depthwise' as const, 'pools' as const),
      mixerBias: fc.boolean(),
      perChannel: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.nat(1000), forms, (seed, what) => {
        const mixer = what.between === 'pools' ? 'FULLY_CONNECTED' : 'CONV_2D';
        channelsAfter(layers(seed, { ...what, mixer }), seed);
      }),
      { numRuns: 150 },
    );
  });
});
