/**
 * Counts the test images that the int8 model classifies right, with the oracle's arithmetic.
 * Run: `npx tsx examples/digits/accuracy.ts`
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { type DigitSet, loadDigits, PIXELS } from './mnist.js';

export function measureAccuracy(model: Uint8Array, set: DigitSet): number {
  const graph = importTflite(model, 'digits');
  let correct = 0;
  for (let i = 0; i < set.count; i++) {
    const codes = Int8Array.from(set.pixels.subarray(i * PIXELS, (i + 1) * PIXELS), (grey) => grey - 128);
    const scores = evaluate(graph, [codes])[graph.outputs[0]!] as Int8Array;
    if (scores.indexOf(Math.max(...scores)) === set.labels[i]) correct++;
  }
  return correct;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const set = loadDigits('t10k');
  const model = readFileSync(new URL('./digits.tflite', import.meta.url));
  console.log(`${measureAccuracy(model, set)} of ${set.count} test images right`);
}
