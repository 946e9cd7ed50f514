import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { emitKit, KITS, kitFor } from '../../codegen/c/kits/index.js';
import { flashKit, kitCommandsOf, openKitProject } from '../../src/flash/index.js';
import { selfTestOf, testVector } from '../../src/verify/index.js';
import { Folders, planFor } from '../support/artifacts.js';
import { twoLayers } from '../support/small-models.js';

const PORT = '/dev/ttyACM0';
const COMMANDS: Readonly<Record<string, readonly [board: string, ...commands: string[]]>> = {
  arduino: [
    'pico',
    'arduino-cli compile --library . -b rp2040:rp2040:rpipico examples/SelfTest',
    `arduino-cli upload -b rp2040:rp2040:rpipico -p ${PORT} examples/SelfTest`,
  ],
  platformio: ['pico', 'pio run -d examples/selftest -t upload'],
  zephyr: [
    'pico',
    'west build -p auto -b rpi_pico -d build/selftest samples/selftest',
    'west flash -d build/selftest',
  ],
  'pico-sdk': [
    'pico',
    'cmake -B build -DPICO_BOARD=pico',
    'cmake --build build',
    'picotool load -v -x build/two-selftest.uf2',
  ],
  'esp-idf': ['host', `idf.py -C examples/selftest -p ${PORT} flash`],
};

describe('flash of kits whose frameworks have tools of their own', () => {
  const folders = new Folders();
  after(() => folders.remove());

  /** A kit's folder as `bitloom build` leaves it. */
  function project(kit: string, board: string) {
    const graph = twoLayers();
    const plan = planFor(graph, board, 'two');
    const files = emitKit(
      kitFor(plan.board, kit),
      plan,
      emitC(plan),
      selfTestOf(graph, plan, [testVector(graph, 0)]),
    );
    const about = JSON.stringify({ generator: 'bitloom', kit, model: 'two', board, files: {} });
    return folders.write(files, new Map([['bitloom.json', new TextEncoder().encode(about)]]));
  }

  it('are all kits that say so', () => {
    assert.deepEqual(
      KITS.flatMap(({ id, flash }) => (flash ? [id] : [])).sort(),
      Object.keys(COMMANDS).sort(),
    );
  });

  for (const [kit, [board, ...commands]] of Object.entries(COMMANDS))
    it(`${kit} shows the commands of its README`, () => {
      const folder = project(kit, board);
      assert.deepEqual(kitCommandsOf(openKitProject(folder)!, { port: PORT }), [`cd ${folder}`, ...commands]);
      const readme = readFileSync(join(folder, 'README.md'), 'utf8');
      for (const command of commands)
        assert.ok(readme.includes(`\`${command.replace(PORT, 'PORT')}\``), command);
    });

  it('runs them in the folder, and says which program is missing', async () => {
    const folder = project('platformio', 'pico');
    const kit = openKitProject(folder)!;
    await assert.rejects(flashKit(kit, {}), /BL501 .*pio not found/);
    const tools = join(folder, 'tools');
    mkdirSync(tools);
    writeFileSync(join(tools, 'pio'), '#!/bin/sh\necho "$@" > said\n');
    chmodSync(join(tools, 'pio'), 0o755);
    const { PATH } = process.env;
    process.env.PATH = `${tools}:${PATH}`;
    try {
      const { tool, board, verdict } = await flashKit(kit, {});
      assert.deepEqual([tool, board, verdict], ['pio', 'pico', null]);
      assert.equal(readFileSync(join(folder, 'said'), 'utf8'), 'run -d examples/selftest -t upload\n');
      await assert.rejects(flashKit(kit, { verify: true }), /BL602 .*--verify .*README\.md/);
    } finally {
      process.env.PATH = PATH;
    }
  });

  it('is of no folder without such a kit', () => {
    assert.equal(openKitProject(project('cmake', 'pico')), null);
    assert.equal(openKitProject(folders.write(new Map())), null);
  });
});
