import assert from 'node:assert/strict';
import { plain } from '../../../src/graph/tensor.js';
import { noiseCalibration } from '../../../src/quantize/data/noise.js';
import type { Preprocess } from '../../../src/quantize/data/preprocess.js';
import { refuses } from '../../support/refusals.js';
import { Sketch } from '../../support/sketch.js';

describe('noise for calibration', () => {
  function noise(shape: readonly number[], preprocess: Preprocess = {}, seed = 1, count = 4) {
    const sketch = new Sketch();
    const graph = sketch.graph(sketch.input('x', shape, plain('float32')));
    return noiseCalibration(graph, preprocess, { count, seed });
  }

  const image: Preprocess = { image: { pixels: [-1, 1] } };
  const mean = (list: ArrayLike<number>) => Array.from(list).reduce((a, b) => a + b, 0) / list.length;

  it('is the same for the same seed, and another one for each inference and seed', () => {
    const [a, b, c] = [noise([1, 8, 8, 3], image), noise([1, 8, 8, 3], image), noise([1, 8, 8, 3], image, 2)];
    assert.deepEqual(a, b);
    const all = [...a.inferences, ...c.inferences].map(([input]) => input!.join());
    assert.equal(new Set(all).size, 8);
    assert.equal(a.names[3], 'pink noise 3');
  });

  it('is pixels in the declared range for images: smooth, and alike in their channels', () => {
    const { inferences } = noise([1, 32, 48, 3], image, 7, 8);
    const of = (x: number, y: number, c: number, pixels: Float32Array) => pixels[3 * (y * 48 + x) + c]!;
    const near: number[] = [];
    const far: number[] = [];
    const across: number[] = [];
    for (const [pixels] of inferences) {
      assert.ok(pixels!.every((value) => value >= -1 && value <= 1));
      for (let y = 0; y < 32; y++)
        for (let x = 0; x < 24; x++) {
          near.push((of(x, y, 0, pixels!) - of(x + 1, y, 0, pixels!)) ** 2);
          far.push((of(x, y, 0, pixels!) - of(x + 24, y, 0, pixels!)) ** 2);
          across.push((of(x, y, 0, pixels!) - of(x, y, 1, pixels!)) ** 2);
        }
    }
    assert.ok(mean(near) < 0.5 * mean(far), `${mean(near)} ${mean(far)}`);
    assert.ok(mean(across) < 0.5 * mean(far), `${mean(across)} ${mean(far)}`);
  });

  it('is white for other inputs: of deviation 1, or samples where sound is declared', () => {
    const { inferences, names } = noise([1, 4000], {}, 3, 1);
    const values = inferences[0]![0]!;
    assert.equal(names[0], 'white noise 0');
    assert.ok(Math.abs(mean(values)) < 0.05);
    assert.ok(Math.abs(mean(values.map((x) => x * x)) - 1) < 0.05);
    const samples = noise([1, 4000], { sound: { scale: 1 / 32768 } }).inferences[0]![0]!;
    assert.ok(samples.every((sample) => Math.abs(sample) <= 1) && samples.some((sample) => sample > 0.9));
  });

  it('is refused where an input may be an image and no range is declared', async () => {
    await refuses('BL610', /noise for input 'x'.*--pixels 0\.\.1; for features/, () => noise([1, 8, 8, 1]));
  });
});
