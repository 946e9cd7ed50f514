import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tensorAt } from '../../src/graph/graph.js';
import { elementCount } from '../../src/graph/tensor.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { needsShared, readShared, sharedPath } from '../support/shared.js';

const FOLDER = 'models/int16_ops';

/** The values of a CSV file in `folder` whose name begins with `prefix`, as one of the element types it is named by. */
function readCsv(folder: string, prefix: string): Int16Array | Int32Array {
  const file = readdirSync(sharedPath(`${FOLDER}/${folder}`)!).find((name) => name.startsWith(prefix))!;
  const values = Buffer.from(readShared(`${FOLDER}/${folder}/${file}`))
    .toString()
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  return file.endsWith('int16.csv') ? Int16Array.from(values) : Int32Array.from(values);
}

/**
 * The outputs were recorded with TensorFlow Lite, whose SUB works in other precision than TFLite Micro's; TFLite Micro's
 * own tests allow one step everywhere.
 */
const TOLERANCE: Readonly<Record<string, number>> = { sub: 1 };

describe('the oracle on single 16-bit operators', () => {
  if (!needsShared('16-bit operators', FOLDER)) return;
  for (const folder of readdirSync(sharedPath(FOLDER)!)) {
    const models = readdirSync(sharedPath(`${FOLDER}/${folder}`)!).filter((name) => name.endsWith('.tflite'));
    it(`${folder}: ${models.length} models`, () => {
      for (const file of models) {
        const name = file.replace('.tflite', '');
        const graph = importTflite(readShared(`${FOLDER}/${folder}/${file}`), name);
        const inputs = graph.inputs.map((_, i) => readCsv(folder, `${name}_input${i}_`));
        const contents = evaluate(graph, inputs);
        const [output] = graph.outputs;
        const actual = contents[output!]!;
        const expected = readCsv(folder, `${name}_golden_`);
        assert.equal(expected.length, elementCount(tensorAt(graph, output).shape), file);
        const worst = Math.max(...Array.from(expected, (value, i) => Math.abs(value - Number(actual[i]))));
        assert.ok(worst <= (TOLERANCE[folder] ?? 0), `${file}: off by ${worst}`);
      }
    });
  }
});
