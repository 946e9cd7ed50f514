import assert from 'node:assert/strict';
import { join } from 'node:path';
import { kernelFiles } from '../../codegen/c/kernel-files.js';
import { compileAssemblyScript } from '../../codegen/wasm/compile.js';
import {
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplier64,
} from '../../src/numerics/fixed-point.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, run, STRICT_C } from '../support/artifacts.js';
import { Random } from '../support/random/random.js';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** A factor, a multiplier and a shift for MBQM. */
type Triple = readonly [number, number, number];

/** Ends of the ranges, ties of both signs, and random values of all magnitudes. */
function triples(count: number): Triple[] {
  const random = new Random(7);
  return Array.from({ length: count }, (): Triple => {
    const shift = random.integer(-31, random.chance(0.2) ? 30 : -1);
    const multiplier = random.pick([0, 2 ** 30, INT32_MAX, 0x7fff0000, random.integer(2 ** 30, INT32_MAX)]);
    const magnitude = shift > 0 ? 30 - shift : random.integer(0, 31);
    const limit = 2 ** magnitude;
    const tie = 2 ** Math.max(0, -shift - 1) * random.pick([1, -1, 3, -3]) + random.integer(-1, 1);
    const x = random.pick([
      random.integer(-limit, limit - 1),
      shift < 0 ? Math.min(INT32_MAX, Math.max(INT32_MIN, tie)) : 0,
      shift < 0 ? random.pick([INT32_MIN, INT32_MIN + 1, INT32_MAX, INT32_MAX - 1, -1, 0]) : 1,
    ]);
    return [x, multiplier, shift];
  });
}

const CASES = triples(20000);
const expected = CASES.map(([x, multiplier, shift]) =>
  multiplyByQuantizedMultiplier(x, { multiplier, shift }),
);
const RIGHT = CASES.flatMap(([, , shift], i) => (shift < 0 ? [i] : []));

/** Factors of up to 47 bits; the multiplier is the reduced one. */
const WIDE = triples(4000).flatMap(([x, m, s]): { x: bigint; multiplier: number; shift: number }[] =>
  s < 8 ? [{ x: BigInt(x) * 0x7fffn, multiplier: m, shift: s }] : [],
);
const reduced = (m: number) => (m < 0x7fff0000 ? (m + 0x8000) >> 16 : 0x7fff);
const expectedWide = WIDE.map(({ x, multiplier, shift }) =>
  multiplyByQuantizedMultiplier64(x, { multiplier, shift }),
);

/** Reads triples, writes MBQM by the general and by the short form, then the same for 64 bits. */
const PROGRAM = `#include <stdio.h>
#include "requantize.h"
int main(void)
{
    int32_t t[3], n;
    struct { int64_t x; int32_t m, s; } w;
    if (fread(&n, sizeof n, 1, stdin) != 1) return 1;
    for (; n > 0 && fread(t, sizeof t, 1, stdin) == 1; n--) {
        int32_t y = bl_mbqm(t[0], t[1], t[2]);
        if (t[2] < 0 && bl_mbqm_right(t[0], t[1], t[2]) != y) return 2;
        fwrite(&y, sizeof y, 1, stdout);
    }
    while (fread(&w, sizeof w, 1, stdin) == 1) {
        int32_t y = bl_mbqm64(w.x, w.m, w.s);
        fwrite(&y, sizeof y, 1, stdout);
    }
    return 0;
}
`;

const MODULE = `import { mbqm, mbqm64, mbqm_right_lanes, mbqm_right_x4 } from './assembly/requantize';
export function general(x: i32, m: i32, s: i32): i32 { return mbqm(x, m, s); }
export function wide(x: i64, m: i32, s: i32): i32 { return mbqm64(x, m, s); }
export function uniform(x: i32, m: i32, s: i32): i32 {
  return i32x4.extract_lane(mbqm_right_x4(i32x4.splat(x), i32x4.splat(m), s), 2);
}
export function lanes(x: i32, m: i32, s: i32): i32 {
  const others = i32x4.splat(-12345);
  const scales = i32x4.replace_lane(i32x4.splat(1 << 20), 3, 1 << (32 + s));
  return i32x4.extract_lane(mbqm_right_lanes(i32x4.replace_lane(others, 3, x), i32x4.splat(m), scales), 3);
}
`;

describe('requantization', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const [name, flags] of [
    ['in C', []],
    // The macro by which compilers tell ARMv6-M, which has no long multiplication.
    ['in C for ARMv6-M', ['-D__ARM_ARCH_ISA_THUMB=1']],
  ] as const) {
    it(`${name} equals the reference`, function () {
      if (findTool('gcc') === null) this.skip();
      const encoder = new TextEncoder();
      const files = new Map([['main.c', encoder.encode(PROGRAM)]]);
      for (const [file, text] of kernelFiles(['requantize'])) files.set(file, encoder.encode(text));
      const folder = folders.write(files);
      run(
        'gcc',
        [...STRICT_C, ...flags, '-O1', '-fsanitize=undefined', '-o', 'requantize', 'main.c'],
        folder,
      );
      const narrow = Buffer.from(Int32Array.from([CASES.length, ...CASES.flat()]).buffer);
      const wide = WIDE.map(({ x, multiplier, shift }) => {
        const bytes = Buffer.alloc(16);
        bytes.writeBigInt64LE(x);
        bytes.writeInt32LE(reduced(multiplier), 8);
        bytes.writeInt32LE(shift, 12);
        return bytes;
      });
      const output = run(join(folder, 'requantize'), [], folder, Buffer.concat([narrow, ...wide]));
      const results = new Int32Array(
        output.buffer.slice(output.byteOffset, output.byteOffset + output.length),
      );
      assert.deepEqual(Array.from(results), [...expected, ...expectedWide]);
    });
  }

  it('in WASM equals the reference, one by one and by lanes', async () => {
    const module = await WebAssembly.compile(new Uint8Array(await compileAssemblyScript(MODULE, 1024)));
    const instance = await WebAssembly.instantiate(module);
    const { general, wide, uniform, lanes } = instance.exports as Record<
      string,
      (...args: unknown[]) => number
    >;
    assert.deepEqual(
      CASES.map((triple) => general!(...triple)),
      expected,
    );
    for (const i of RIGHT) {
      assert.equal(uniform!(...CASES[i]!), expected[i], `one shift: ${CASES[i]}`);
      assert.equal(lanes!(...CASES[i]!), expected[i], `by lanes: ${CASES[i]}`);
    }
    assert.deepEqual(
      WIDE.map(({ x, multiplier, shift }) => wide!(x, reduced(multiplier), shift)),
      expectedWide,
    );
  });
});
