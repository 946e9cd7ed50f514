import assert from 'node:assert/strict';
import type { Elf } from '../../src/verify/elf.js';
import { observe } from '../../src/verify/firmware.js';
import type { Job } from '../../src/verify/job.js';
import { planFor } from '../support/artifacts.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

const sketch = new Sketch();
const x = sketch.input('x', [1, 4]);
const graph = sketch.graph(sketch.node('ADD', { clamp: ALL_BYTES }, [x, x], ['sum', [1, 4]]));
const job: Job = {
  plan: planFor(graph, 'nucleo-f446re', 'sum'),
  selfTest: [{ inputs: [], outputs: [], layers: [] }],
  trace: false,
  compiler: {},
  folder: '',
};
const elf: Elf = {
  sections: [],
  segments: [],
  symbols: [{ name: 'sum_run', address: 0x201, bytes: 64, kind: 'function' }],
};
const sizes = { codeBytes: 1, constantBytes: 2, imageBytes: 3 };
const HALF = (ticks: number) => Math.round(ticks / 2);

function look(text: string, trouble = '') {
  return observe(job, { text, by: 'QEMU', trouble }, HALF, { elf, sizes });
}

describe('what the console of firmware says', () => {
  it('becomes instructions, each rounded before what measuring costs is taken off', () => {
    const { runs } = look('overhead ticks=3 cycles=0\nrun 0 pass ticks=102 cycles=0 stack=8\ndone pass\n');
    assert.deepEqual(runs, [{ equal: true, instructions: 49, cycles: null, stackBytes: 8 }]);
  });

  it('names the function that faulted', () => {
    const fault = 'fault exception=0x00000003 pc=0x00000210 lr=0x00000000 status=0x00000082\n';
    assert.throws(() => look(fault), /BL502.*'sum'.*exception 3 at 0x210 in sum_run/);
  });

  it('names a stack overflow', () => {
    const fault = 'fault exception=0x00000003 pc=0x00000400 lr=0x00000000 status=0x00100000\n';
    assert.throws(() => look(fault), /BL502.*stack overflow at 0x400\./);
  });

  it('must come to its end, with every run', () => {
    const run = 'run 0 pass ticks=1 cycles=0 stack=8\n';
    assert.throws(() => look(run), /BL502.*ended after 'run 0 pass/);
    assert.throws(() => look('done pass\n'), /BL502/);
    assert.throws(() => look('', 'no end after 60 s'), /BL502.*no end after 60 s/);
  });
});
