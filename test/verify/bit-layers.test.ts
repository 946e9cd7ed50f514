import assert from 'node:assert/strict';
import { load, verify } from '../../src/index.js';
import { checkTools } from '../../src/verify/index.js';
import { type BitLayers, bitLayers } from '../support/bit-layers.js';
import { writeOnnx } from '../support/onnx.js';

const missing = new Set(checkTools().flatMap(({ tool, found }) => (found ? [] : [tool])));

/** What must be there for a board. */
const BOARDS: Readonly<Record<string, readonly string[]>> = {
  web: [],
  host: ['cc', 'make'],
  'nucleo-f446re': ['arm-none-eabi-gcc', 'qemu-system-arm'],
  'mps3-an547': ['arm-none-eabi-gcc', 'qemu-system-arm'],
  pico: ['arm-none-eabi-gcc'],
};

const NETWORKS: readonly Omit<BitLayers, 'seed'>[] = [
  { sizes: [40, 33, 7], epsilon: 'Max', open: true },
  { sizes: [19, 16, 5], rows: 3, bias: true, perChannel: true },
  { sizes: [32, 9, 4], rows: 2, bits: 16, bias: true },
];

describe('layers of BitNet have the same bytes everywhere', () => {
  for (const [board, tools] of Object.entries(BOARDS)) {
    it(`on ${board}`, async function () {
      const lacking = tools.filter((tool) => missing.has(tool));
      if (lacking.length > 0) {
        console.log(`      skipped: ${board} needs ${lacking.join(' and ')}`);
        this.skip();
      }
      for (const [seed, network] of NETWORKS.entries()) {
        const model = load(writeOnnx(bitLayers({ seed, ...network })), 'bits.onnx');
        const verdict = await verify(model, board, {});
        assert.ok(verdict.equal, JSON.stringify(verdict.firstDifference));
      }
    });
  }
});
