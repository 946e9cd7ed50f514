import { writeTflite } from '../../src/export/tflite/writer.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { itSurvives, MUTATORS, type Mutate } from '../support/mutations.js';
import { RANDOM_OPERATORS, randomGraphModel, singleOperatorModel } from '../support/random-model.js';
import { readShared, sharedPath } from '../support/shared.js';

/** Damaged files tried in all. `BITLOOM_MUTATIONS=1000000` for a long run. */
const MUTATIONS = Number(process.env.BITLOOM_MUTATIONS ?? 100_000);

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

/** Changes of words, of which a FlatBuffer's offsets, lengths and sizes are made. */
const OF_WORDS: Readonly<Record<string, Mutate>> = {
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

describe('damaged files end in generated C or a numbered message', () => {
  itSurvives(victims(), { ...MUTATORS, ...OF_WORDS }, MUTATIONS, importTflite);
});
