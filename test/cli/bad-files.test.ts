import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { bitloom, DIGITS, Workspace } from '../support/cli.js';
import { fileOf, LAYER, node, quant } from '../support/qonnx.js';

const MODEL = fileOf([...LAYER, quant('sum', 'y')]);
const FLOAT = fileOf([...LAYER, node('Relu', ['sum'], 'r'), node('MatMul', ['r', 'signs'], 'y')]);

/** Files that are no models, and what the message about them begins with. */
const FILES: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  'empty.tflite': [new Uint8Array(), /^error BL101 .*empty\.tflite'/],
  'empty.onnx': [new Uint8Array(), /^error BL101 .*empty\.onnx'/],
  'zeros.tflite': [new Uint8Array(100), /^error BL101 /],
  'text.onnx': [Buffer.from('version https://git-lfs.github.com/spec/v1\n'), /^error BL10[12] /],
  'half.tflite': [readFileSync(DIGITS).subarray(0, 2000), /^error BL102 /],
  'half.onnx': [MODEL.subarray(0, MODEL.length / 2), /^error BL102 /],
  'float.onnx': [FLOAT, /^error BL107 .*MatMul #5 .*reads what Relu #4 .*computes in float/],
};

describe('files that cannot be built', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  /** One line that begins so and names a way out, and no folder. */
  async function fails(path: string, words: RegExp, code: number): Promise<void> {
    const folder = workspace.path('out');
    const { exitCode, stdout, stderr } = await bitloom('build', path, '--board', 'pico', '-o', folder);
    assert.match(stderr, words);
    assert.match(stderr, /^.*\. [A-Z].*\n$/);
    assert.equal(stdout, '');
    assert.equal(exitCode, code);
    assert.ok(!existsSync(folder), 'something was written');
  }

  for (const [name, [contents, words]] of Object.entries(FILES)) {
    it(`${name} ends in a message and writes nothing`, () => fails(workspace.file(name, contents), words, 1));
  }

  it('neither does a folder, or what is not there', async () => {
    await fails(workspace.folder, /^error BL601 .*it is a folder without model\.tflite/, 2);
    await fails(workspace.path('none.onnx'), /^error BL601 .*there is no such file/, 2);
  });
});
