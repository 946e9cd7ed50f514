import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { PIXELS } from '../../examples/digits/mnist.js';
import { loadSet } from '../../examples/low-bit/data.js';
import { load, plan, verify } from '../../src/index.js';
import { evaluate } from '../../src/oracle/index.js';

const MODELS = new URL('../../examples/low-bit/models/', import.meta.url);
const modelOf = (name: string) =>
  load(readFileSync(new URL(`${name}.tflite`, MODELS)), `${name.replaceAll('-', '_')}.tflite`);
const names = readdirSync(MODELS).map((file) => file.replace('.tflite', ''));

/** Right answers among the first test images, in the oracle's arithmetic. */
function rightAnswers(name: string, count: number): number {
  const { graph } = modelOf(name);
  const { pixels, labels } = loadSet('digits', 't10k');
  let right = 0;
  for (let i = 0; i < count; i++) {
    const image = Int8Array.from(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), (grey) => grey - 128);
    const logits = Array.from(evaluate(graph, [image])[graph.outputs[0]!]!, Number);
    if (logits.indexOf(Math.max(...logits)) === labels[i]) right++;
  }
  return right;
}

describe('examples/low-bit', () => {
  for (const name of names)
    it(`${name} runs in WebAssembly as in the oracle`, async () => {
      const { equal } = await verify(modelOf(name), 'web', { count: 2, layers: true });
      assert.ok(equal);
    });

  for (const name of names.filter((other) => other.startsWith('digits')))
    it(`${name} tells digits apart`, () => {
      const right = rightAnswers(name, 200);
      assert.ok(right >= 190, `${right} of 200`);
    });

  for (const board of ['pico', 'nucleo-f446re'])
    it(`fewer bits are predicted to take fewer instructions and less flash on ${board}`, () => {
      const totals = (name: string) => plan(modelOf(name), board).totals;
      const [int8, ternary] = [totals('digits-int8'), totals('digits-ternary')];
      assert.ok(ternary.instructions < int8.instructions);
      assert.ok(ternary.constantBytes + ternary.codeBytes < 0.4 * (int8.constantBytes + int8.codeBytes));
    });
});
