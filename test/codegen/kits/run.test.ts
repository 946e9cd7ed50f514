import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { load } from '../../../src/index.js';
import { findTool } from '../../../src/verify/tools.js';
import { DIGITS } from '../../support/cli.js';
import { checkKit } from '../../support/kits/check.js';

/** One board for each way in which kits are built; `npm run test:kits` has more, and larger models. */
const KITS: readonly (readonly [kit: string, board: string])[] = [
  ['cmake', 'host'],
  ['arduino', 'nucleo-f446re'],
  ['platformio', 'pico'],
  ['zephyr', 'nucleo-f446re'],
  ['pico-sdk', 'pico'],
  ['esp-idf', 'host'],
  ['cmsis-pack', 'nucleo-f446re'],
  ['stm32cube', 'nucleo-f746zg'],
];

const TOOLS = ['cmake', 'make', 'cc', 'arm-none-eabi-gcc', 'qemu-system-arm'];
/** Of a kit for another machine. */
const OWN_TOOLS: Readonly<Record<string, readonly string[]>> = {
  'esp-idf': ['cmake', 'riscv64-unknown-elf-gcc', 'qemu-system-riscv32'],
};

describe('a project of kit', () => {
  const model = load(readFileSync(DIGITS), DIGITS);

  for (const [kit, board] of KITS)
    it(`${kit} builds for ${board}, its self-test is equal, and its example says what the input is`, async function () {
      const missing = (OWN_TOOLS[kit] ?? TOOLS).filter((tool) => findTool(tool) === null);
      if (missing.length > 0) {
        console.log(`      skipped: needs ${missing.join(', ')}`);
        this.skip();
      }
      const { equal, instructions, example } = await checkKit(model, board, kit);
      assert.ok(equal);
      assert.equal(instructions === null, kit === 'cmake');
      assert.match(example!, /^digits output: \d of 10 is the largest, -?\d+$/);
    });
});
