import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TfliteModel } from '../../../src/export/tflite/model.js';
import { writeTflite } from '../../../src/export/tflite/writer.js';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import { ELEMENT_BYTES, type TypedArray, toBytes } from '../../../src/graph/tensor.js';
import { importTflite } from '../../../src/import/tflite/index.js';
import { load, plan, verify } from '../../../src/index.js';
import { evaluate } from '../../../src/oracle/index.js';
import { optimize } from '../../../src/passes/index.js';
import type { Plan } from '../../../src/plan/plan.js';
import { Folders } from '../../support/artifacts.js';
import { DIGITS } from '../../support/cli.js';
import { loadAll } from '../../support/node-wasm.js';
import { Random } from '../../support/random/random.js';
import { randomImageModel, randomInputs } from '../../support/random-model.js';
import { planStaged } from '../../support/staged.js';
import { activation, ints, singleOperator } from '../../support/tflite.js';
import { planTiled } from '../../support/tiled.js';

const NETWORKS = 20;

interface Network {
  readonly graph: Graph;
  /** Three images, of which the second is left in its middle. */
  readonly images: readonly TypedArray[];
  readonly outputs: readonly Uint8Array[];
}

/** A plan whose first layers take rows of their input, every other one by strips if that can be; null where it cannot be fed. */
function planFed(graph: Graph, board: string, seed: number): Plan | null {
  const planned =
    (seed % 2 === 0 && planTiled(graph, board, seed, 'fed strips')) || planStaged(graph, board, seed, true);
  return planned.feed ? planned : null;
}

/** How often an image is pushed. */
function passesOf({ stages }: Plan): number {
  return stages.filter(({ fed }) => fed).length;
}

/** A network that can be fed; null for seeds that give another. */
function network(seed: number): Network | null {
  const model = randomImageModel(seed, 2 + (seed % 8));
  const graph = optimize(importTflite(writeTflite(model), `images_${seed}.tflite`), evaluate);
  if (graph.inputs.length !== 1 || graph.nodes[0]?.inputs[0] !== graph.inputs[0]) return null;
  if (!planFed(graph, 'host', seed)) return null;
  const images = [0, 1, 4].map((each) => randomInputs(model, seed * 5 + each)[0]!);
  const outputs = images.map((image) => {
    const tensors = evaluate(graph, [image]);
    return Buffer.concat(graph.outputs.map((id) => toBytes(tensors[id]!)));
  });
  return { graph, images, outputs };
}

/** The first `rows` rows in pieces of random height: where each begins and ends. */
function pieces(random: Random, rows: number): [number, number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < rows; at = found.at(-1)![1])
    found.push([at, Math.min(rows, at + random.integer(1, 5))]);
  return found;
}

describe('models that are fed by rows', () => {
  const folders = new Folders();
  after(() => folders.remove());
  const networks = Array.from({ length: 4 * NETWORKS }, (_, i) => i + 1)
    .flatMap((seed) => {
      const found = network(seed);
      return found ? [{ seed, ...found }] : [];
    })
    .slice(0, NETWORKS);

  it('give the bytes of whole images in WASM', async function () {
    this.timeout(300_000);
    let fed = 0;
    for (const { seed, graph, images, outputs } of networks.slice(0, NETWORKS / 2)) {
      const planned = planFed(graph, 'web', seed);
      if (!planned) continue;
      fed++;
      const passes = passesOf(planned);
      const random = new Random(seed);
      const { shape, format } = tensorAt(graph, graph.inputs[0]);
      const rowLength = images[0]!.byteLength / ELEMENT_BYTES[format.type] / shape[1]!;
      for (const model of await loadAll(planned, folders)) {
        const push = (image: TypedArray, rows: number) =>
          pieces(random, rows).map(
            ([from, to]) => model.pushRows(image.subarray(from * rowLength, to * rowLength)) !== null,
          );
        const complete = (image: TypedArray, times: number) =>
          Array.from({ length: times }, () => push(image, shape[1]!)).flat();
        const output = () => Buffer.concat(model.outputs.map(toBytes));
        const pushed = complete(images[0]!, passes);
        assert.equal(pushed.indexOf(true), pushed.length - 1);
        assert.deepEqual(output(), outputs[0], `network ${seed}`);
        assert.ok(!complete(images[1]!, passes - 1).includes(true));
        assert.ok(!push(images[1]!, shape[1]! - 1).includes(true));
        model.reset();
        complete(images[2]!, passes);
        assert.deepEqual(output(), outputs[2], `network ${seed}`);
      }
    }
    assert.ok(fed >= NETWORKS / 4, `only ${fed} networks were fed`);
  });

  const digits = load(readFileSync(DIGITS), 'digits.tflite');

  it('have no whole image in the arena', () => {
    const { stages } = plan(digits, 'pico', { feed: 'rows', minRam: 1 });
    assert.ok(stages[0]!.rings.get(digits.graph.inputs[0]!)!.rows <= 3);
  });

  it('are brought the image as often as it may be, and need less memory so', () => {
    const bytesOf = (passes: number) => {
      const planned = plan(digits, 'pico', { feed: 'rows', passes, minRam: 0.2 });
      assert.ok(passesOf(planned) <= passes);
      return planned.arena.bytes;
    };
    const [once, thrice] = [1, 3].map(bytesOf);
    assert.ok(thrice! < (2 / 3) * once!, `${once} and ${thrice} bytes`);
  });

  it('have one image that layers by rows read, or are refused', () => {
    const refused = (model: TfliteModel, words: RegExp) =>
      assert.throws(() => plan(load(writeTflite(model), 'model.tflite'), 'pico', { feed: 'rows' }), words);
    refused(singleOperator('RELU', [activation([4])], [activation([4])]), /BL305 .* is not one image/);
    const turned = [activation([1, 4, 4, 2]), ints([0, 2, 1, 3])];
    refused(
      singleOperator('TRANSPOSE', turned, [activation([1, 4, 4, 2])]),
      /BL305 .* its first layer, TRANSPOSE #0 .*, does not go through its rows/,
    );
  });

  it('run a whole image that lies elsewhere, too', async () => {
    const planned = plan(digits, 'web', { feed: 'rows', passes: 3, minRam: 9 });
    assert.equal(passesOf(planned), 3);
    const image = Int8Array.from({ length: 784 }, (_, i) => (i * 37) % 256);
    const [model] = await loadAll(planned, folders);
    const expected = evaluate(digits.graph, [image])[digits.graph.outputs[0]!];
    assert.deepEqual((model!.run as (image: TypedArray) => unknown)(image), expected);
    assert.throws(() => model!.pushRows(image.subarray(1)), /rows have 28 elements/);
    assert.deepEqual(model!.quantize([0, 1]), Int8Array.of(-128, 127));
  });

  it('are verified as they are used, every layer behind the rows included', async () => {
    for (const board of ['host', 'web']) {
      const options = { feed: 'rows', passes: 3, minRam: 9, count: 2, layers: true } as const;
      const verdict = await verify(digits, board, options);
      assert.ok(verdict.equal, board);
    }
  }).timeout(300_000);
});
