import assert from 'node:assert/strict';
import { type Instruction, registersOf } from '../../bench/disassembly.js';
import { classOf, cyclesOf, instructionsOf } from '../../bench/timing.js';

/** Instructions from lines of assembly, each of 2 bytes. */
function code(...lines: readonly string[]): Instruction[] {
  return lines.map((line) => {
    const [mnemonic = '', ...operands] = line.split(' ');
    return { mnemonic, operands: operands.join(' '), bytes: 2 };
  });
}

describe('cycle estimates', () => {
  it('take ten cycles for a multiply-accumulate loop of seven instructions on the Cortex-M0+, as rp2040js does', () => {
    const loop = code(
      'ldrb r3, [r0, r2]',
      'ldrb r4, [r1, r2]',
      'muls r3, r4',
      'adds r5, r5, r3',
      'adds r2, #1',
      'cmp r2, r6',
      'bne 0',
    );
    const blocks = [{ instructions: loop, runs: 100, jumps: 100 }];
    assert.equal(instructionsOf(blocks), 700);
    assert.equal(cyclesOf('M0+', blocks), 1000);
  });

  it('count a load-multiple by its words', () => {
    const blocks = [{ instructions: code('ldmia r0!, {r1, r4-r7, sl}'), runs: 1, jumps: 0 }];
    assert.equal(cyclesOf('M4', blocks), 7);
  });

  it('let neighbouring loads overlap on the Cortex-M4, unless one needs the other', () => {
    const cycles = (...lines: readonly string[]) =>
      cyclesOf('M4', [{ instructions: code(...lines), runs: 1, jumps: 0 }]);
    assert.equal(cycles('ldr r1, [r0]', 'ldr r2, [r3]', 'adds r4, r4, r5'), 4);
    assert.equal(cycles('ldr r1, [r0]', 'ldr r2, [r1]', 'adds r4, r4, r5'), 5);
  });

  it('give two beats a cycle to vectors on the Cortex-M55, and overlap memory with arithmetic', () => {
    const cycles = (...lines: readonly string[]) =>
      cyclesOf('M55', [{ instructions: code(...lines), runs: 1, jumps: 0 }]);
    assert.equal(cycles('vldrb.8 q0, [r0]', 'vmladava.s8 r2, q0, q1'), 3);
    assert.equal(cycles('vldrb.8 q0, [r0]', 'vldrb.8 q1, [r1]'), 4);
    assert.equal(cycles('vldrb.8 q0, [r0, q1]'), 16);
  });

  it('tell branches from what only looks like one', () => {
    const classes = (...lines: readonly string[]) => code(...lines).map(classOf);
    assert.deepEqual(classes('bne 0', 'bl 0', 'cbz r0, 0'), ['branch', 'branch', 'branch']);
    assert.deepEqual(classes('bic r0, r1', 'bfi r0, r1, #0, #8'), ['arithmetic', 'arithmetic']);
  });

  it('write register ranges out', () => {
    assert.deepEqual(registersOf(code('push {r4-r6, ip, lr}')[0]!), ['r4', 'r5', 'r6', 'r12', 'lr']);
  });
});
