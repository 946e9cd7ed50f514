import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { emitFirmware } from '../../codegen/c/kits/index.js';
import { selfTestOf, testVector } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, planFor, run } from '../support/artifacts.js';
import { linearLayers } from '../support/linear-layers.js';

const TOOLS = ['clang', 'ld.lld', 'make', 'qemu-aarch64'];

/** What each processor of QEMU can run. */
const PROCESSORS = {
  'cortex-a53': ['base'],
  'cortex-a76': ['base', 'dotprod'],
  max: ['base', 'dotprod', 'i8mm'],
} as const;

describe('variants of a model for Android', () => {
  const folders = new Folders();
  let folder: string;

  before(function () {
    const missing = TOOLS.filter((tool) => findTool(tool) === null);
    if (missing.length > 0) {
      console.log(`      skipped: needs ${missing.join(', ')}`);
      this.skip();
    }
    const graph = linearLayers('CONV_2D', 11, 1, { types: ['s8'], channels: [16] });
    const plan = planFor(graph, 'android-arm64-v8a', 'one');
    folder = folders.write(emitFirmware(plan, emitC(plan), selfTestOf(graph, plan, [testVector(graph, 0)])));
  });
  after(() => folders.remove());

  /** How the self-test ends on a processor: its last line, or the signal that stopped it. */
  function endOn(processor: string): string {
    run('make', ['-s', '-j2'], folder);
    const { stdout, signal } = spawnSync('qemu-aarch64', ['-cpu', processor, 'build/one-selftest'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return signal ?? stdout.trim().split('\n').at(-1)!;
  }

  for (const processor of Object.keys(PROCESSORS))
    it(`chosen at run time, none stops at an instruction that ${processor} lacks`, () => {
      assert.equal(endOn(processor), 'done pass');
    });

  for (const variant of ['base', 'dotprod', 'i8mm'] as const)
    it(`${variant}, were it always chosen, would run only where it is chosen`, () => {
      const name = `one_${variant}_run`;
      const chooser = `void ${name}(void *);\nvoid one_run(void *);\nvoid one_run(void *arena) { ${name}(arena); }\n`;
      writeFileSync(join(folder, 'one.c'), chooser);
      for (const [processor, can] of Object.entries(PROCESSORS)) {
        const expected = (can as readonly string[]).includes(variant) ? 'done pass' : 'SIGILL';
        assert.equal(endOn(processor), expected, processor);
      }
    });
});
