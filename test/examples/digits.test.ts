import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { measureAccuracy } from '../../examples/digits/accuracy.js';
import { loadDigits, PIXELS } from '../../examples/digits/mnist.js';

const folder = new URL('../../examples/digits/', import.meta.url);

describe('examples/digits', () => {
  const testSet = loadDigits('t10k');

  it('classifies as many of the first 2,000 test images as its README says', () => {
    const first = { count: 2000, pixels: testSet.pixels, labels: testSet.labels };
    const correct = measureAccuracy(readFileSync(new URL('digits.tflite', folder)), first);
    assert.match(
      readFileSync(new URL('README.md', folder), 'utf8'),
      new RegExp(`${correct.toLocaleString('en-US')} of the first 2,000`),
    );
  });

  it('ships the first MNIST test image of every digit', () => {
    for (let digit = 0; digit < 10; digit++) {
      const png = PNG.sync.read(readFileSync(new URL(`images/${digit}.png`, folder)));
      const index = testSet.labels.indexOf(digit);
      const grey = Array.from({ length: PIXELS }, (_, i) => png.data[4 * i]);
      assert.deepEqual(grey, [...testSet.pixels.subarray(index * PIXELS, (index + 1) * PIXELS)]);
    }
  });
});
