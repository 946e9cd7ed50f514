import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { addModel, bitloom, DIGITS, Workspace } from '../support/cli.js';

describe('bitloom inspect', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it('says what a model consists of', async () => {
    const path = workspace.model('two numbers.tflite', addModel());
    const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
    assert.deepEqual(await bitloom('inspect', path), {
      exitCode: 0,
      stderr: '',
      stdout: `model   two numbers  sha256 ${hash}
input   1x8  int8 scale 0.5 zero 0  'in0'
input   1x8  int8 scale 0.5 zero 0  'in1'
output  1x8  int8 scale 1 zero 0  'out0'
operators  ADD 1
constants  0 bytes

#  operator  input    output  format               constants
0  ADD       1x8 1x8  1x8     int8 scale 1 zero 0          0
`,
    });
  });

  it('--json is the same as one object', async () => {
    const { exitCode, stdout } = await bitloom(
      'inspect',
      workspace.model('add.tflite', addModel()),
      '--json',
    );
    const { hash, ...inspection } = JSON.parse(stdout);
    assert.equal(exitCode, 0);
    assert.match(hash, /^[0-9a-f]{64}$/);
    const output = { name: 'out0', shape: [1, 8], format: 'int8 scale 1 zero 0' };
    const input = (name: string) => ({ name, shape: [1, 8], format: 'int8 scale 0.5 zero 0' });
    assert.deepEqual(inspection, {
      name: 'add',
      inputs: [input('in0'), input('in1')],
      outputs: [output],
      operators: { ADD: 1 },
      constantBytes: 0,
      notes: [],
      layers: [{ operator: 'ADD', kind: 'ADD', index: 0, inputs: ['1x8', '1x8'], output, constantBytes: 0 }],
    });
  });

  it('counts an operator of the file once where it becomes several nodes', async () => {
    const { operators, layers } = JSON.parse((await bitloom('inspect', DIGITS, '--json')).stdout);
    assert.equal(operators.FULLY_CONNECTED, 1);
    assert.deepEqual(
      layers.filter((l: { index: number }) => l.index === 6).map((l: { kind: string }) => l.kind),
      ['RESHAPE', 'FULLY_CONNECTED'],
    );
    const text = (await bitloom('inspect', DIGITS)).stdout;
    assert.match(text, /^6 {2}FULLY_CONNECTED as RESHAPE /m);
  });

  it('--optimized shows the network after passes', async () => {
    const model = addModel();
    const relu = { operator: 'RELU', inputs: [2], outputs: [3] };
    const path = workspace.model('fused.tflite', {
      ...model,
      tensors: [...model.tensors, { ...model.tensors[2]!, name: 'positive' }],
      operators: [...model.operators, relu],
      outputs: [3],
    });
    const kinds = async (...options: string[]) =>
      JSON.parse((await bitloom('inspect', path, '--json', ...options)).stdout).layers.length;
    assert.deepEqual([await kinds(), await kinds('--optimized')], [2, 1]);
  });
});
