import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DIAGNOSTICS } from '../../src/graph/diagnostics.js';

describe('docs/diagnostics.md', () => {
  it('lists every diagnostic under its title, and no other', () => {
    const page = readFileSync(new URL('../../docs/diagnostics.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| (BL\d{3}) \| ([^|]+) \|/gm)].map(([, code, title]) => [
      code,
      title,
    ]);
    assert.deepEqual(listed, Object.entries(DIAGNOSTICS));
  });
});
