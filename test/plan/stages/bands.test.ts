import assert from 'node:assert/strict';
import type { Graph } from '../../../src/graph/graph.js';
import { perTensor, toBytes } from '../../../src/graph/tensor.js';
import type { KernelCall } from '../../../src/kernels/kernel.js';
import type { Plan } from '../../../src/plan/plan.js';
import { Folders } from '../../support/artifacts.js';
import { outputBytes } from '../../support/image-networks.js';
import { linearInputs } from '../../support/linear-layers.js';
import { loadAll, runWasm } from '../../support/node-wasm.js';
import { Random } from '../../support/random/random.js';
import { ALL_BYTES, Sketch } from '../../support/sketch.js';
import { planStaged } from '../../support/staged.js';

/** Of networks that together meet everything below. */
const SEEDS = [6, 12, 14, 16, 17, 20, 31, 33];
const LAYERS = 6;
const FAST = ['conv_2d_s8_tile', 'depthwise_conv_2d_s8_3x3'];

/** CONV_2D and DEPTHWISE_CONV_2D by 3x3 in turn, of as many channels as blocks have or a few more or less. */
function convolutions(seed: number): Graph {
  const random = new Random(seed);
  const sketch = new Sketch();
  let [height, width, channels] = [random.integer(24, 48), random.integer(2, 11), random.pick([1, 3, 8])];
  let scale = 0.05;
  let image = sketch.input('image', [1, height, width, channels], perTensor('int8', scale, -3));
  for (let layer = 0; layer < LAYERS; layer++) {
    const kind = layer % 2 === 0 ? 'CONV_2D' : 'DEPTHWISE_CONV_2D';
    const stride = { height: random.pick([1, 1, 2]), width: random.pick([1, 1, 2]) };
    const padding = { top: random.integer(0, 2), bottom: random.integer(1, 2), left: 1, right: 1 };
    const taps = kind === 'CONV_2D' ? 9 * channels : 9;
    const depth = channels;
    if (kind === 'CONV_2D') channels = random.pick([3, 8, 9, 16, 20]);
    // Weights that are no bytes once their zero point is taken off have a form of their own.
    const weights = Int8Array.from({ length: taps * channels }, () => random.integer(-100, 100));
    const filter = sketch.constant(
      kind === 'CONV_2D' ? [channels, 3, 3, depth] : [1, 3, 3, channels],
      weights,
      perTensor('int8', 0.01, random.pick([0, 0, 5])),
    );
    // So that codes of the output spread over int8: those of the input and weights have a deviation of about 74 and 58.
    scale *= (0.01 * 74 * 58 * Math.sqrt(taps)) / 60;
    height = Math.floor((height + padding.top + padding.bottom - 3) / stride.height) + 1;
    width = Math.floor((width + 2 - 3) / stride.width) + 1;
    const window = { stride, padding, dilation: { height: 1, width: 1 }, clamp: ALL_BYTES };
    const output = [
      `layer_${layer}`,
      [1, height, width, channels],
      perTensor('int8', scale, random.integer(-20, 20)),
    ] as const;
    image =
      kind === 'CONV_2D'
        ? sketch.node(kind, window, [image, filter, null], output)
        : sketch.node(kind, { ...window, depthMultiplier: 1 }, [image, filter, null], output);
  }
  return sketch.graph(image);
}

/** What a call has to do with rings: whether it reads one, writes one, and whether that one's end parts bands of it. */
function waysOf({ scalars: s }: KernelCall): string[] {
  const [input, output] = [s.input_ring_rows! < s.input_height!, s.output_ring_rows! < s.output_height!];
  const parted = output && s.output_ring_rows! % s.band_rows! > 0;
  return [
    ...(input ? ['out of a ring'] : []),
    ...(output ? ['into a ring'] : []),
    ...(parted ? ['parted'] : []),
  ];
}

describe('convolutions by 3x3 in stages of WASM', () => {
  const folders = new Folders();
  after(() => folders.remove());
  const plans: Plan[] = [];

  it('give the bytes of whole layers', async function () {
    this.timeout(120_000);
    for (const seed of SEEDS) {
      const graph = convolutions(seed);
      const plan = planStaged(graph, 'web', seed);
      plans.push(plan);
      const inputs = linearInputs(graph, seed);
      const expected = Buffer.from(outputBytes(graph, inputs));
      for (const model of await loadAll(plan, folders))
        assert.deepEqual(runWasm(model, inputs.map(toBytes)), expected, `network ${seed}`);
    }
  });

  for (const kernel of FAST) {
    it(`are computed by ${kernel}, out of rings and into rings, in bands that these part`, () => {
      const staged = plans.flatMap(({ stages, steps }) =>
        stages.flatMap(({ first, last }) => steps.slice(first, last + 1)),
      );
      const calls = staged.map(({ call }) => call).filter((call) => call.kernel === kernel);
      for (const bytes of [0, 1]) {
        const ways = new Set(calls.filter(({ shape }) => shape.bytes === bytes).flatMap(waysOf));
        assert.deepEqual([...ways].sort(), ['into a ring', 'out of a ring', 'parted']);
      }
    });
  }
});
