/** Builds every kit that can be built here, runs self-test and example in the emulator. Run: `npm run test:kits [model...]` */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { load } from '../src/index.js';
import { PACKAGE_ROOT } from '../src/package/root.js';
import { checkKit } from '../test/support/kits/check.js';
import { sharedPath } from '../test/support/shared.js';

/** On which boards each kit is built. */
const BOARDS: Readonly<Record<string, readonly string[]>> = {
  bare: ['nucleo-f446re', 'pico', 'host'],
  cmake: ['nucleo-f446re', 'pico', 'host'],
  arduino: ['nucleo-f446re', 'pico'],
  platformio: ['nucleo-f446re'],
  zephyr: ['nucleo-f446re'],
  'pico-sdk': ['pico', 'pico2'],
  'esp-idf': ['host'],
  'cmsis-pack': ['nucleo-f446re'],
  stm32cube: ['nucleo-f446re', 'nucleo-f746zg'],
  aar: ['android-x86_64'],
  'react-native': ['host', 'android-x86_64'],
};

const MODELS: Readonly<Record<string, string | null>> = {
  digits: join(PACKAGE_ROOT, 'examples/digits/digits.tflite'),
  kws: sharedPath('models/tflite/kws.tflite'),
  vww: sharedPath('models/tflite/vww.tflite'),
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(MODELS);
const table = new Table({
  head: ['model', 'kit', 'board', 'built with', 'self-test', 'instructions', 'example'],
  style: { head: [], border: [] },
});
let failures = 0;
for (const name of wanted) {
  const path = MODELS[name];
  if (!path) {
    console.log(`${name}: skipped, ../shared has no such model`);
    continue;
  }
  const model = load(readFileSync(path), path);
  for (const [kit, boards] of Object.entries(BOARDS)) {
    for (const board of boards) {
      try {
        const { by, equal, instructions, example } = await checkKit(model, board, kit);
        if (!equal || example === '') failures++;
        table.push([
          name,
          kit,
          board,
          by,
          equal ? 'equal' : 'DIFFERS',
          instructions?.toLocaleString('en') ?? '',
          example ?? '',
        ]);
        console.log(
          `${name} ${kit} ${board}: ${equal ? 'equal' : 'DIFFERS'}${instructions === null ? '' : `, instructions ${instructions.toLocaleString('en')}`}`,
        );
      } catch (error) {
        failures++;
        table.push([name, kit, board, '', 'FAILED', '', '']);
        console.log(`${name} ${kit} ${board}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
}
console.log(table.toString());
process.exitCode = failures === 0 ? 0 : 1;
