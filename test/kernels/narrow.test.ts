import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadBoard } from '../../boards/index.js';
import { kernelFiles } from '../../codegen/c/kernel-files.js';
import { narrow, widenedValues } from '../../src/kernels/narrow.js';
import { evaluate } from '../../src/oracle/index.js';
import { checkFit } from '../../src/plan/fit.js';
import { planModel } from '../../src/plan/index.js';
import { verify } from '../../src/verify/index.js';
import { checkTools, findTool } from '../../src/verify/tools.js';
import { Folders, run, STRICT_C } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { planBy } from '../support/plan-by.js';
import { inputMemory, lowBitInputs, lowBitLayers, outputMemory } from '../support/random-low-bit.js';

const missing = new Set(checkTools().flatMap(({ tool, found }) => (found ? [] : [tool])));
const SANITIZERS = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** Reads a narrow constant's words and the bytes that it has wide, writes these. */
const PROGRAM = `#include <stdio.h>
#include "widen_constant.h"
int main(void)
{
    static int32_t narrow[4096], wide[4096];
    int32_t head[2];
    while (fread(head, sizeof head, 1, stdin) == 1) {
        if (fread(narrow, 4, (size_t)head[0], stdin) != (size_t)head[0]) return 1;
        if ((uint8_t *)bl_widen_constant(wide, narrow) - (uint8_t *)wide != (head[1] + 15) / 16 * 16) return 2;
        fwrite(wide, 1, (size_t)head[1], stdout);
    }
    return 0;
}
`;

/** Values of any width, times any power of two. */
const VALUES = fc
  .tuple(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 0, max: 20 }), fc.boolean())
  .chain(([bits, shift, halves]) => {
    const width = Math.min(bits, (halves ? 16 : 32) - shift);
    const most = 2 ** Math.max(0, width - 1);
    return fc
      .array(fc.integer({ min: -most, max: most - 1 }), { minLength: 1, maxLength: 300, size: 'max' })
      .map((values) => values.map((value) => value * 2 ** shift))
      .map((values) => (halves ? Int16Array.from(values) : Int32Array.from(values)));
  });

describe('narrow constants', () => {
  const folders = new Folders();
  after(() => folders.remove());

  it('are widened to the values that they had', function () {
    if (findTool('gcc') === null) this.skip();
    const encoder = new TextEncoder();
    const files = [...kernelFiles(['widen_constant'])].map(
      ([name, text]) => [name, encoder.encode(text)] as const,
    );
    const folder = folders.write(new Map([...files, ['main.c', encoder.encode(PROGRAM)]]), new Map());
    run('gcc', [...STRICT_C, '-O2', ...SANITIZERS, '-o', 'widen', 'main.c'], folder);
    const samples = fc.sample(VALUES, { numRuns: 300, seed: 1 }).filter((data) => narrow(data) !== null);
    assert.ok(samples.length > 100);
    const input = samples.flatMap((data) => {
      const packed = narrow(data)!;
      return [Int32Array.of(packed.length, data.byteLength), packed];
    });
    const wide = run(join(folder, 'widen'), [], '.', Buffer.concat(input.map(bytesOf)));
    assert.deepEqual(Buffer.from(wide), Buffer.concat(samples.map(bytesOf)));
  });

  it('take as many bits as the values need beside the zeros with which all end', () => {
    const words = (data: Int32Array | Int16Array) => narrow(data)?.length;
    assert.equal(words(new Int32Array(128)), 1 + 128 / 32);
    assert.equal(words(Int32Array.from({ length: 128 }, (_, i) => i - 64)), 1 + (128 * 7) / 32);
    assert.equal(words(Int32Array.from({ length: 128 }, (_, i) => (i - 64) * 1024)), 1 + (128 * 7) / 32);
    assert.equal(narrow(Int32Array.from({ length: 128 }, (_, i) => (i - 64) * 2 ** 25 + i)), null);
  });

  it('leave every layer equal to the oracle, in C', function () {
    if (findTool('gcc') === null) this.skip();
    const graph = lowBitLayers(5, 12);
    for (const board of ['host', 'pico']) {
      const plan = planBy(graph, board, /_narrow$/);
      assert.ok(plan.functions.filter(({ call }) => widenedValues(call) > 0).length > 0);
      const outputs = runHostProgram(buildHostProgram(plan, folders, SANITIZERS), plan, [
        Buffer.concat(inputMemory(graph, lowBitInputs(graph, 0))),
      ]);
      const expected = outputMemory(graph, evaluate(graph, lowBitInputs(graph, 0)));
      assert.ok(outputs[0]!.equals(expected), board);
    }
  });

  for (const board of ['pico', 'mps2-an386', 'mps3-an547']) {
    it(`leave every layer equal to the oracle, in firmware for ${board}`, async function () {
      if (missing.has('arm-none-eabi-gcc') || (board !== 'pico' && missing.has('qemu-system-arm')))
        this.skip();
      this.timeout(300_000);
      const graph = lowBitLayers(6, 24, { mostPixels: 4, channels: [16, 17, 33, 64] });
      const plan = planBy(graph, board, /_narrow$/);
      const verdict = await verify(graph, plan, { vectors: [lowBitInputs(graph, 1)] });
      assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
    });
  }

  it('are what size wants and speed does not, in flash that is there', () => {
    const graph = lowBitLayers(7, 20, { channels: [64] });
    const plans = (['speed', 'size'] as const).map((optimize) =>
      planModel(graph, loadBoard('pico'), { prefix: 'layers', modelHash: '', optimize }),
    );
    const [speed, size] = plans.map(({ functions }) =>
      functions.filter(({ call }) => widenedValues(call) > 0),
    );
    assert.equal(speed!.length, 0);
    assert.ok(size!.length > 0);
    assert.ok(plans.every((plan) => checkFit(plan).fits));
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Int16Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
