import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ORACLE_TYPES } from '../../src/oracle/index.js';

describe('docs/operators.md', () => {
  it('lists every operator with the types that the oracle defines', () => {
    const page = readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| ([A-Z0-9_]+) \| ([a-z0-9, ]+) \|/gm)].map(([, kind, types]) => [
      kind,
      types!.split(', '),
    ]);
    assert.deepEqual(listed, Object.entries(ORACLE_TYPES));
  });
});
