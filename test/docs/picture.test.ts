import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PICTURE, picture } from '../../scripts/draw-picture.js';

describe('the picture of docs/stages.md', () => {
  it('is what a plan of today looks like (refresh with `npm run docs:picture`)', () => {
    assert.equal(readFileSync(PICTURE, 'utf8'), picture());
  });
});
