import assert from 'node:assert/strict';
import { loadBoard } from '../../boards/index.js';
import { emitC } from '../../codegen/c/index.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { checkGraph } from '../../src/graph/check.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import type { Graph } from '../../src/graph/graph.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import { planModel } from '../../src/plan/index.js';
import { Random } from '../support/random/random.js';
import { RANDOM_OPERATORS, randomGraphModel, singleOperatorModel } from '../support/random-model.js';
import { readShared, sharedPath } from '../support/shared.js';

/** Damaged files tried in all. `BITLOOM_MUTATIONS=1000000` for a long run. */
const MUTATIONS = Number(process.env.BITLOOM_MUTATIONS ?? 100_000);

const BOARD = loadBoard('pico');

/** Values that offsets, lengths, sizes and codes choke on. */
const EXTREMES = [
  0,
  1,
  2,
  3,
  4,
  127,
  128,
  255,
  256,
  32767,
  65535,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 4,
  2 ** 32 - 1,
];

type Mutate = (bytes: Uint8Array, random: Random) => Uint8Array;

const MUTATORS: Readonly<Record<string, Mutate>> = {
  'flips a bit': (bytes, random) => {
    const at = random.integer(0, bytes.length - 1);
    bytes[at] = bytes[at]! ^ (1 << random.integer(0, 7));
    return bytes;
  },
  'overwrites a byte': (bytes, random) => {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    return bytes;
  },
  'overwrites a word with an extreme': (bytes, random) => {
    const at = 4 * random.integer(0, Math.floor(bytes.length / 4) - 1);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, random.pick(EXTREMES), true);
    return bytes;
  },
  'moves an offset a little': (bytes, random) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const at = 4 * random.integer(0, Math.floor(bytes.length / 4) - 1);
    view.setUint32(at, view.getUint32(at, true) + 4 * random.integer(-8, 8), true);
    return bytes;
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

/** Small models of every operator and some of several, and the smallest public ones. */
function victims(): Uint8Array[] {
  const single = RANDOM_OPERATORS.flatMap((operator) =>
    [1, 2, 3].map((seed) => writeTflite(singleOperatorModel(operator, { seed }))),
  );
  const graphs = Array.from({ length: 20 }, (_, seed) => writeTflite(randomGraphModel(seed)));
  const shared = ['hello_world_int8', 'micro_speech_quantized']
    .map((name) => `models/tflite/${name}.tflite`)
    .filter((path) => sharedPath(path) !== null)
    .map(readShared);
  return [...single, ...graphs, ...shared];
}

/** What `bitloom build` does after import. */
function generate(graph: Graph): void {
  checkGraph(graph);
  const optimized = optimize(graph, evaluate);
  checkGraph(optimized);
  emitC(planModel(optimized, BOARD, { prefix: 'mutant', modelHash: '' }));
}

describe('damaged files end in generated C or a numbered message', () => {
  const models = victims();
  const mutators = Object.entries(MUTATORS);
  const each = Math.ceil(MUTATIONS / mutators.length);

  for (const [name, mutate] of mutators) {
    it(`${each} times a change that ${name}`, function () {
      this.timeout(0);
      const outcomes = { graphs: 0, messages: 0 };
      for (let seed = 1; seed <= each; seed++) {
        const random = new Random(seed);
        const repeat = random.pick([1, 1, 1, 2, 4]);
        let bytes = Uint8Array.from(models[seed % models.length]!);
        for (let i = 0; i < repeat && bytes.length > 8; i++) bytes = Uint8Array.from(mutate(bytes, random));
        const start = performance.now();
        try {
          generate(importTflite(bytes, 'mutant'));
          outcomes.graphs++;
        } catch (error) {
          const numbered = error instanceof BitloomError && /^BL[123]/.test(error.code);
          if (!numbered) throw new Error(`mutant of seed ${seed}`, { cause: error });
          outcomes.messages++;
        }
        const elapsed = performance.now() - start;
        assert.ok(elapsed < 1000, `the mutant of seed ${seed} took ${elapsed} ms`);
      }
      assert.ok(outcomes.messages > 0, 'no change did harm');
    });
  }
});
