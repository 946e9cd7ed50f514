import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkModule } from '../../codegen/wasm/check.js';
import { compileAssemblyScript } from '../../codegen/wasm/compile.js';
import { dataSectionAt, link } from '../../codegen/wasm/link.js';
import { SIMD_PROBE } from '../../codegen/wasm/probe.js';
import { scalarEntry } from '../../codegen/wasm/scalar/entry.js';
import { lowered } from '../../codegen/wasm/scalar/lower.js';
import { build, load, plan } from '../../src/index.js';
import { PACKAGE_ROOT } from '../../src/package/root.js';
import { Folders } from '../support/artifacts.js';
import { Random } from '../support/random/random.js';

/** Vectors x and y, a pointer p to them and a number n. */
const FLOATS = 'f32x4.convert_i32x4_s(x), f32x4.convert_i32x4_s(y)';
const DOUBLES = 'f64x2.convert_low_i32x4_s(x), f64x2.convert_low_i32x4_s(y)';
const EXPRESSIONS = [
  ...['i8x16', 'i16x8', 'i32x4', 'i64x2'].flatMap((t) => [`${t}.add(x, y)`, `${t}.sub(x, y)`]),
  ...['i16x8', 'i32x4'].flatMap((t) => [
    `${t}.mul(x, y)`,
    `${t}.neg(x)`,
    `${t}.shl(x, n)`,
    `${t}.shr_s(x, n)`,
  ]),
  ...['i8x16', 'i16x8', 'i32x4'].flatMap((t) => [`${t}.min_s(x, y)`, `${t}.max_s(x, y)`, `${t}.gt_s(x, y)`]),
  ...['i8x16', 'i16x8', 'i32x4', 'i64x2'].map((t) => `${t}.shr_u(x, n)`),
  ...['s', 'u'].flatMap((s) => [`i8x16.narrow_i16x8_${s}(x, y)`, `i16x8.narrow_i32x4_${s}(x, y)`]),
  ...['low', 'high'].flatMap((half) => [
    `i16x8.extend_${half}_i8x16_s(x)`,
    `i16x8.extend_${half}_i8x16_u(x)`,
    `i32x4.extend_${half}_i16x8_s(x)`,
    `i64x2.extend_${half}_i32x4_s(x)`,
    `i32x4.extmul_${half}_i16x8_s(x, y)`,
    `i64x2.extmul_${half}_i32x4_u(x, y)`,
  ]),
  ...['add', 'sub', 'mul', 'div', 'pmin', 'pmax', 'ge', 'le'].map((name) => `f32x4.${name}(${FLOATS})`),
  ...['add', 'mul'].map((name) => `f64x2.${name}(${DOUBLES})`),
  'f32x4.nearest(f32x4.mul(f32x4.convert_i32x4_s(x), f32x4.splat(0.0000001)))',
  'i32x4.trunc_sat_f32x4_s(x)',
  'v128.and(x, y)',
  'v128.or(x, y)',
  'v128.xor(x, y)',
  'v128.not(x)',
  'v128.bitselect(x, y, v128.load(p, 3))',
  'i8x16.min_u(x, y)',
  'i8x16.splat(<i8>i8x16.bitmask(x))',
  'i16x8.splat(<i16>i8x16.bitmask(x))',
  'i16x8.add_sat_s(x, y)',
  'i16x8.lt_s(x, y)',
  'i16x8.extadd_pairwise_i8x16_s(x)',
  'i32x4.extadd_pairwise_i16x8_s(x)',
  'i32x4.abs(x)',
  'i32x4.ge_s(x, y)',
  'i32x4.dot_i16x8_s(x, y)',
  'i32x4.add(y, i32x4.dot_i16x8_s(x, y))',
  'i32x4.add(i32x4.dot_i16x8_s(x, x), y)',
  'i8x16.swizzle(x, y)',
  'i8x16.shuffle(x, y, 1, 30, 2, 29, 3, 28, 4, 27, 5, 26, 6, 25, 7, 24, 8, 23)',
  'v128.shuffle<i32>(y, x, 3, 5, 0, 6)',
  'v128.splat<i16>(<i16>n)',
  'i8x16.splat(load<i8>(p, 5))',
  'i64x2.splat(load<i64>(p, 5))',
  'i32x4.splat(i16x8.extract_lane_s(x, 5))',
  'i32x4.replace_lane(x, 2, i32x4.extract_lane(y, 3))',
  'i64x2.splat(i64x2.extract_lane(x, 1))',
  'f32x4.splat(f32x4.extract_lane(f32x4.convert_i32x4_s(x), 2))',
  'v128.xor(x, i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, -14, 15))',
  ...[
    'load8x8_s',
    'load8x8_u',
    'load16x4_s',
    'load16_splat',
    'load32_splat',
    'load32_zero',
    'load64_zero',
  ].map((name) => `v128.add<i16>(x, v128.${name}(p, 7))`),
];

/** Stores, also to static data that no segment mentions; a choice; operands that are overwritten while they wait for others. */
const STATEMENTS = [
  'v128.store64_lane(p, x, 1, 3); x = v128.load(p, 1);',
  'v128.store32_lane(p, y, 3, 5); y = v128.load(p, 2);',
  'x = select<v128>(x, y, n & 1); y = n & 2 ? i8x16.add(x, y) : i8x16.sub(y, x);',
  'const z = x; x = i16x8.add(y, z); y = i32x4.sub(z, i32x4.mul(x, y));',
  'x = i8x16.sub(x, (x = i16x8.add(x, y))); y = i8x16.sub(i16x8.add(x, (x = y)), i16x8.sub(x, (y = x)));',
  'x = i32x4.add(x, i32x4.dot_i16x8_s((x = y), (y = i8x16.sub(x, y))));',
  'v128.store(ZEROS, y); x = i8x16.add(x, y); y = v128.load(ZEROS);',
  'const z = v128.load(p); v128.store(p, y); x = i8x16.add(z, v128.load(p));',
];

const BODIES = [...EXPRESSIONS.map((text) => `x = ${text}; y = ${text};`), ...STATEMENTS];

/** Results go where operands are, and become operands, three times. */
const functionText = (body: string, i: number): string => `
export function f${i}(p: usize, n: i32): void {
  let x = v128.load(p), y = v128.load(p, 16);
  for (let i = 0; i < 3; i++) { ${body} }
  v128.store(p, x);
  v128.store(p, y, 16);
}`;

type Run = (p: number, n: number) => void;

describe('a module without SIMD', () => {
  const folders = new Folders();
  after(() => folders.remove());

  it('is tried with each instruction on vectors that kernels have', () => {
    const instructions = (text: string) =>
      new Set([...text.matchAll(/\b(?:v128|[if]\d+x\d+)(?:\.\w+|(?=\())/g)].map(([name]) => name));
    const folder = join(PACKAGE_ROOT, 'assembly');
    const kernels = readdirSync(folder).filter((file) => file.endsWith('.ts'));
    const used = instructions(kernels.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n'));
    const tried = instructions(BODIES.join('\n'));
    assert.deepEqual(
      [...used].filter((name) => !name.includes('.relaxed_') && !tried.has(name)),
      [],
    );
  });

  it('computes each instruction on vectors as the engine does', async () => {
    const entry = ['const ZEROS = memory.data(64, 16);', ...BODIES.map(functionText)].join('\n');
    const names = BODIES.map((_, i) => `f${i}`);
    const exports = new Set(['memory', ...names]);
    const compiled = await compileAssemblyScript(scalarEntry(entry), 4096);
    const scalar = lowered(compiled, exports);
    const modules = [
      link(compiled, { constants: [], exports, end: 4096 }),
      link(scalar.wasm, { constants: [], exports, end: scalar.end }),
    ];
    await assert.rejects(checkModule(modules[0]!, 'none'));
    await checkModule(modules[1]!, 'none');
    const [expected, actual] = await Promise.all(
      modules.map(async (wasm) => {
        const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(wasm as BufferSource));
        return exports as unknown as Record<string, Run> & { readonly memory: WebAssembly.Memory };
      }),
    );
    const random = new Random(6);
    for (const [i, name] of names.entries()) {
      for (let round = 0; round < 40; round++) {
        const bytes = Uint8Array.from({ length: 48 }, () => random.integer(0, 255));
        const [native, calls] = [expected!, actual!].map((module) => {
          const memory = new Uint8Array(module.memory.buffer);
          memory.set(bytes, 1029);
          module[name]!(1029, round);
          return memory.slice(1029, 1029 + 48);
        });
        assert.deepEqual(calls, native, BODIES[i]);
      }
    }
  });

  it('is that of the board for it, and comes with the package of the other for engines without SIMD', async () => {
    const file = join(PACKAGE_ROOT, 'examples/digits/digits.tflite');
    const digits = load(readFileSync(file), file);

    const alone = await build(digits, plan(digits, 'web-scalar'));
    const both = await build(digits, plan(digits, 'web'));
    const whole = alone.get('digits.wasm')!;
    assert.deepEqual(both.get('digits.scalar.wasm'), whole.slice(0, dataSectionAt(whole)));
    await checkModule(whole, 'none');

    const { load: loadDigits } = await import(pathToFileURL(join(folders.write(both), 'digits.js')).href);
    const withSimd = await loadDigits();
    const { validate } = WebAssembly;
    WebAssembly.validate = (bytes) => !Buffer.from(bytes as Uint8Array).equals(SIMD_PROBE) && validate(bytes);
    try {
      const without = await loadDigits();
      for (const model of [withSimd, without])
        model.input.set(model.input.map((_: number, i: number) => 7 * i));
      assert.deepEqual(without.run(), withSimd.run());
    } finally {
      WebAssembly.validate = validate;
    }
  });
});
