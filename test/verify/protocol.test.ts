import assert from 'node:assert/strict';
import { parseReport } from '../../src/verify/protocol.js';

describe('the self-test protocol', () => {
  it('tells runs, layers and what measuring costs', () => {
    const report = parseReport(
      [
        'warning: of the emulator',
        'selftest kws runs=1 layers=1',
        'overhead ticks=35 cycles=2',
        'layer 0 0 pass ticks=120 cycles=9',
        'run 0 pass ticks=4294967295 cycles=40 stack=96',
        'arena touched=120 guards=whole',
        'done pass',
        '',
      ].join('\r\n'),
    );
    assert.deepEqual(report, {
      runs: [{ run: 0, pass: true, ticks: 4294967295, cycles: 40, stack: 96 }],
      layers: [{ run: 0, layer: 0, pass: true, ticks: 120, cycles: 9 }],
      dumps: [],
      arena: { touched: 120, guarded: true },
      overhead: { ticks: 35, cycles: 2 },
      complete: true,
      fault: null,
    });
  });

  it('joins the lines of a dump and stops at the next line', () => {
    const { dumps } = parseReport('dump layer 2 7 5\n=00ff10\n=abcd\nlayer 2 8 fail ticks=1 cycles=0\n');
    assert.deepEqual(dumps, [{ what: 'layer', run: 2, index: 7, data: Uint8Array.of(0, 255, 16, 171, 205) }]);
  });

  it('is not complete without its last line, and keeps what came of a dump', () => {
    const report = parseReport('dump output 0 0 4\n=0102');
    assert.equal(report.complete, false);
    assert.deepEqual(report.dumps[0]?.data, Uint8Array.of(1, 2));
  });

  it('reads the fault handler', () => {
    const line = 'fault exception=0x00000003 pc=0x0000026c lr=0x000007af';
    assert.deepEqual(parseReport(`${line}\n`).fault, { exception: 3, pc: 0x26c, status: 0 });
    assert.equal(parseReport(`${line} status=0x00100000\n`).fault?.status, 0x100000);
  });
});
