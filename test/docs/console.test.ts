import assert from 'node:assert/strict';
import { checkTools } from '../../src/verify/index.js';
import {
  type Example,
  examplesOf,
  matches,
  pages,
  ReadersFolder,
  trimmed,
} from '../support/console-blocks.js';

const missing = checkTools().flatMap(({ tool, found }) => (found ? [] : [tool]));

describe('documented commands print what the page shows (refresh with `npm run docs`)', () => {
  let folder: ReadersFolder;
  before(() => {
    folder = new ReadersFolder();
  });
  after(() => folder.remove());

  for (const example of pages().flatMap(examplesOf))
    it(`${example.page}:${example.line} $ ${example.command}`, function () {
      if (missing.length > 0 && needsTools(example)) {
        console.log(`      skipped: '${example.command}' needs ${missing.join(', ')}`);
        this.skip();
      }
      const printed = folder.run(example.command);
      const shown = trimmed(example.output);
      if (!matches(shown, printed)) assert.equal(printed.join('\n'), shown.join('\n'));
    });
});

function needsTools({ command }: Example): boolean {
  return /\b(verify|demo|doctor|make|image)\b/.test(command);
}
