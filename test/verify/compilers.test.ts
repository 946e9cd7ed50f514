import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { type Compiler, load, type Model, type VerifyOptions, verify } from '../../src/index.js';
import { findTool } from '../../src/verify/tools.js';
import { COMPILED_BY_ALL, goldenModels, inputsFrom } from '../support/golden.js';
import { INPUT_PATTERNS, randomGraphModel, randomInputs } from '../support/random-model.js';
import { needsShared, readShared, sharedPath } from '../support/shared.js';

const GCC = 'arm-none-eabi-gcc';
/** Cortex-M0+, M4 and M55: of each family of kernels the one with most assembly. */
const CORES = ['pico', 'mps2-an386', 'mps3-an547'];
/** GCC at -O2 is what all other suites use. */
const FIRMWARE: readonly Compiler[] = [
  { cc: GCC, cflags: '-Os' },
  { cc: 'clang', cflags: '-O2' },
  { cc: 'clang', cflags: '-Os' },
];
const HOST: readonly Compiler[] = ['gcc', 'clang'].flatMap((cc) =>
  ['-O2', '-Os'].map((cflags) => ({ cc, cflags })),
);
/** What users' projects may want; -Og and frame pointers leave the assembly fewer registers, -O0 has C in its place. */
const UNUSUAL: readonly Compiler[] = [
  { cc: GCC, cflags: '-O0' },
  { cc: GCC, cflags: '-Og' },
  { cc: GCC, cflags: '-O2 -fno-omit-frame-pointer' },
  { cc: 'clang', cflags: '-O0' },
  { cc: 'clang', cflags: '-O2 -fno-omit-frame-pointer' },
];
const RANDOM_GRAPHS = 1;
/** Compared layer by layer; of the others the outputs, as building and running twice is what takes the time. */
const LAYERED = 'kws';

const models =
  sharedPath('models/golden/manifest.json') === null
    ? []
    : goldenModels().filter(({ name }) => COMPILED_BY_ALL.includes(name));

async function sameBytes(model: Model, board: string, options: VerifyOptions): Promise<void> {
  const verdict = await verify(model, board, options);
  assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
}

/** In a suite that needs programs: skips it, saying so in one line, where one is missing. */
function needs(suite: string, tools: readonly string[]): void {
  before(function () {
    const missing = tools.filter((tool) => findTool(tool) === null);
    if (missing.length === 0) return;
    console.log(`      skipped: ${suite} needs ${missing.join(' and ')}`);
    this.skip();
  });
}

function title({ cc, cflags }: Compiler): string {
  return `${cc} ${cflags}`;
}

function recorded(name: string, board: string, compiler: Compiler): void {
  it(`${name} on ${board} by ${title(compiler)}`, async () => {
    const model = load(readShared(`models/tflite/${name}.tflite`), `${name}.tflite`);
    const { input } = models.find((golden) => golden.name === name)!.cases[0]!;
    await sameBytes(model, board, {
      compiler,
      layers: name === LAYERED,
      vectors: [inputsFrom(model.source, input)],
    });
  });
}

function random(seed: number, board: string, compiler: Compiler): void {
  it(`random graph ${seed} on ${board} by ${title(compiler)}`, async () => {
    const model = randomGraphModel(seed);
    const vectors = INPUT_PATTERNS.map((pattern, i) => randomInputs(model, i, pattern));
    await sameBytes(load(writeTflite(model), 'graph.tflite'), board, {
      compiler,
      layers: true,
      vectors,
    });
  });
}

describe('every compiler and level gives the bytes of the oracle', () => {
  describe('on this machine', () => {
    needs('code of other compilers on this machine', ['gcc', 'clang', 'make']);
    HOST.forEach((compiler, i) => {
      for (let k = 0; k < RANDOM_GRAPHS; k++) random(500 + i * RANDOM_GRAPHS + k, 'host', compiler);
    });
  });

  describe('in firmware', () => {
    needs('firmware of other compilers', [GCC, 'clang', 'make', 'qemu-system-arm']);
    FIRMWARE.forEach((compiler, i) => {
      CORES.forEach((board, j) => {
        for (let k = 0; k < RANDOM_GRAPHS; k++)
          random(600 + (i * CORES.length + j) * RANDOM_GRAPHS + k, board, compiler);
        for (const { name } of models)
          if (name === LAYERED || board === 'mps2-an386') recorded(name, board, compiler);
      });
    });
    needsShared('recorded inputs in firmware by other compilers', 'models/golden/');
  });

  describe('in firmware with flags that leave assembly fewer registers', () => {
    needs('firmware with other flags', [GCC, 'clang', 'make', 'qemu-system-arm']);
    const digits = load(readFileSync('examples/digits/digits.tflite'), 'digits.tflite');
    for (const compiler of UNUSUAL)
      for (const board of CORES)
        it(`digits on ${board} by ${title(compiler)}`, () =>
          sameBytes(digits, board, { compiler, count: 1 }));
  });
}).timeout(600_000);
