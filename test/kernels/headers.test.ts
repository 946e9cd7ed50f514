import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/package/root.js';

/** Functions, macros and types that a kernel header defines. */
const DEFINITIONS = [
  /^(?:BL_INLINE|BL_OUTLINE|BL_SHARED|static)[^\n(;=]*?\b(bl_\w+)\(/gm,
  /^#define (BL_\w+)/gm,
  /^\} (bl_\w+);/gm,
];

describe('kernel headers', () => {
  it('define no name twice, because a model may include any of them together', () => {
    const folder = join(PACKAGE_ROOT, 'codegen/c/kernels');
    const homes = new Map<string, Set<string>>();
    for (const file of readdirSync(folder))
      for (const pattern of DEFINITIONS)
        for (const [, name] of readFileSync(join(folder, file), 'utf8').matchAll(pattern))
          homes.set(name!, (homes.get(name!) ?? new Set()).add(file));
    const shared = [...homes].filter(([, files]) => files.size > 1).map(([name, files]) => [name, ...files]);
    assert.ok(homes.size > 100, 'the patterns find the definitions');
    assert.deepEqual(shared, []);
  });
});
