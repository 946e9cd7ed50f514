/** Damaged model files: changes of their bytes, and what must become of what they leave. */
import assert from 'node:assert/strict';
import { loadBoard } from '../../boards/index.js';
import { emitC } from '../../codegen/c/index.js';
import { checkGraph } from '../../src/graph/check.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import type { Graph } from '../../src/graph/graph.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import { planModel } from '../../src/plan/index.js';
import { Random } from './random/random.js';

export type Mutate = (bytes: Uint8Array, random: Random) => Uint8Array;

/** Changes that harm files of any format. */
export const MUTATORS: Readonly<Record<string, Mutate>> = {
  'flips a bit': (bytes, random) => {
    const at = random.integer(0, bytes.length - 1);
    bytes[at] = bytes[at]! ^ (1 << random.integer(0, 7));
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

const BOARD = loadBoard('pico');

/** What `bitloom build` does after import. */
export function generate(graph: Graph): void {
  checkGraph(graph);
  const optimized = optimize(graph, evaluate);
  checkGraph(optimized);
  emitC(planModel(optimized, BOARD, { prefix: 'mutant', modelHash: '' }));
}

/**
 * One test a mutator: each mutant ends within a second, in generated C or in a numbered message.
 * @param all mutants of all mutators
 */
export function itSurvives(
  models: readonly Uint8Array[],
  mutators: Readonly<Record<string, Mutate>>,
  all: number,
  read: (bytes: Uint8Array, name: string) => Graph,
): void {
  const each = Math.ceil(all / Object.keys(mutators).length);
  for (const [name, mutate] of Object.entries(mutators)) {
    it(`${each} times a change that ${name}`, function () {
      this.timeout(0);
      let messages = 0;
      for (let seed = 1; seed <= each; seed++) {
        const bytes = mutant(models[seed % models.length]!, mutate, seed);
        const start = performance.now();
        try {
          generate(read(bytes, 'mutant'));
        } catch (error) {
          const numbered = error instanceof BitloomError && /^BL[123]/.test(error.code);
          if (!numbered) throw new Error(`mutant of seed ${seed}`, { cause: error });
          messages++;
        }
        const elapsed = performance.now() - start;
        assert.ok(elapsed < 1000, `the mutant of seed ${seed} took ${elapsed} ms`);
      }
      assert.ok(messages > 0, 'no change did harm');
    });
  }
}

/** A model with up to four changes. */
function mutant(model: Uint8Array, mutate: Mutate, seed: number): Uint8Array {
  const random = new Random(seed);
  const repeat = random.pick([1, 1, 1, 2, 4]);
  let bytes = Uint8Array.from(model);
  for (let i = 0; i < repeat && bytes.length > 8; i++) bytes = Uint8Array.from(mutate(bytes, random));
  return bytes;
}
