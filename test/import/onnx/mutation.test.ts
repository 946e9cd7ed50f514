import assert from 'node:assert/strict';
import { loadBoard } from '../../../boards/index.js';
import { emitC } from '../../../codegen/c/index.js';
import { checkGraph } from '../../../src/graph/check.js';
import { BitloomError } from '../../../src/graph/diagnostics.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import { evaluate } from '../../../src/oracle/index.js';
import { optimize } from '../../../src/passes/index.js';
import { planModel } from '../../../src/plan/index.js';
import { onnxNetworks } from '../../support/onnx-networks.js';
import { Random } from '../../support/random/random.js';

/** Damaged files tried in all. `BITLOOM_ONNX_MUTATIONS=1000000` for a long run. */
const MUTATIONS = Number(process.env.BITLOOM_ONNX_MUTATIONS ?? 3_000);

const BOARD = loadBoard('pico');

type Mutate = (bytes: Uint8Array, random: Random) => Uint8Array;

/** Changes of bytes; varints make sizes and numbers of any magnitude from them. */
const MUTATORS: Readonly<Record<string, Mutate>> = {
  'flips a bit': (bytes, random) => {
    const at = random.integer(0, bytes.length - 1);
    bytes[at] = bytes[at]! ^ (1 << random.integer(0, 7));
    return bytes;
  },
  'overwrites a byte': (bytes, random) => {
    bytes[random.integer(0, bytes.length - 1)] = random.pick([0, 1, 2, 3, 8, 127, 128, 255]);
    return bytes;
  },
  'writes a long number': (bytes, random) => {
    const at = random.integer(0, bytes.length - 1);
    return Uint8Array.from([
      ...bytes.subarray(0, at),
      255,
      255,
      255,
      random.integer(1, 127),
      ...bytes.subarray(at + 4),
    ]);
  },
  truncates: (bytes, random) => bytes.subarray(0, random.integer(0, bytes.length - 1)),
  'copies a piece over another': (bytes, random) => {
    const length = random.integer(1, Math.min(64, bytes.length));
    const from = random.integer(0, bytes.length - length);
    bytes.copyWithin(random.integer(0, bytes.length - length), from, from + length);
    return bytes;
  },
  'drops a piece': (bytes, random) => {
    const from = random.integer(0, bytes.length - 1);
    const to = Math.min(bytes.length, from + random.integer(1, 32));
    return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(to)]);
  },
};

/** What `bitloom build` does. */
function generate(bytes: Uint8Array): void {
  const start = performance.now();
  const graph = importOnnx(bytes, 'mutant');
  const elapsed = performance.now() - start;
  assert.ok(elapsed < 1000, `its import took ${elapsed} ms`);
  checkGraph(graph);
  const optimized = optimize(graph, evaluate);
  checkGraph(optimized);
  emitC(planModel(optimized, BOARD, { prefix: 'mutant', modelHash: '' }));
}

describe('damaged ONNX files end in generated C or a numbered message', () => {
  const models = Object.values(onnxNetworks());
  const mutators = Object.entries(MUTATORS);
  const each = Math.ceil(MUTATIONS / mutators.length);

  it('undamaged ones in generated C', () => {
    for (const model of models) generate(model);
  });

  for (const [name, mutate] of mutators) {
    it(`${each} times a change that ${name}`, function () {
      this.timeout(0);
      let messages = 0;
      for (let seed = 1; seed <= each; seed++) {
        const random = new Random(seed);
        const repeat = random.pick([1, 1, 1, 2, 4]);
        let bytes = Uint8Array.from(models[seed % models.length]!);
        for (let i = 0; i < repeat && bytes.length > 8; i++) bytes = Uint8Array.from(mutate(bytes, random));
        try {
          generate(bytes);
        } catch (error) {
          const numbered = error instanceof BitloomError && /^BL[123]/.test(error.code);
          if (!numbered) throw new Error(`mutant of seed ${seed}`, { cause: error });
          messages++;
        }
      }
      assert.ok(messages > 0, 'no change did harm');
    });
  }
});
