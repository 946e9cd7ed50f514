/** Runs the commands of all `console` blocks and puts what they print into the pages. Run: `npm run docs` */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/package/root.js';
import { examplesOf, matches, pages, ReadersFolder, trimmed } from '../test/support/console-blocks.js';

const folder = new ReadersFolder();
for (const page of pages()) {
  const path = join(PACKAGE_ROOT, page);
  const lines = readFileSync(path, 'utf8').split('\n');
  let shift = 0;
  for (const { line, command, output } of examplesOf(page)) {
    const shown = trimmed(output);
    const printed = folder.run(command);
    if (matches(shown, printed)) continue;
    lines.splice(line + shift, shown.length, ...printed);
    shift += printed.length - shown.length;
    console.log(`${page}:${line} refreshed: ${command}`);
  }
  writeFileSync(path, lines.join('\n'));
}
folder.remove();
