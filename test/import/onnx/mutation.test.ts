import { importOnnx } from '../../../src/import/onnx/index.js';
import { generate, itSurvives, MUTATORS, type Mutate } from '../../support/mutations.js';
import { onnxNetworks } from '../../support/onnx-networks.js';

/** Damaged files tried in all. `BITLOOM_ONNX_MUTATIONS=1000000` for a long run. */
const MUTATIONS = Number(process.env.BITLOOM_ONNX_MUTATIONS ?? 3_000);

/** Varints make sizes and numbers of any magnitude from these. */
const OF_VARINTS: Readonly<Record<string, Mutate>> = {
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
};

describe('damaged ONNX files end in generated C or a numbered message', () => {
  const models = Object.values(onnxNetworks());

  it('undamaged ones in generated C', () => {
    for (const model of models) generate(importOnnx(model, 'model'));
  });

  itSurvives(models, { ...MUTATORS, ...OF_VARINTS }, MUTATIONS, importOnnx);
});
