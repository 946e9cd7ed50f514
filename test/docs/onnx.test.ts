import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importedOperators } from '../../src/import/onnx/operators/index.js';
import { PACKAGE_ROOT } from '../../src/package/root.js';

describe('docs/onnx.md', () => {
  it('names every operator that the importer has, but for the quantizers of QONNX', () => {
    const page = readFileSync(join(PACKAGE_ROOT, 'docs/onnx.md'), 'utf8');
    const words = new Set(page.split(/[^\w.]+/).map((word) => word.replace(/\.$/, '')));
    const operators = importedOperators().filter((name) => !/^(onnx|qonnx|finn)\./.test(name));
    assert.deepEqual(
      operators.filter((operator) => !words.has(operator)),
      [],
    );
  });
});
