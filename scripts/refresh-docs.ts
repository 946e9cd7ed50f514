/** Runs the commands of all `console` blocks and puts what they print into the pages. Run: `npm run docs` */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/package/root.js';
import {
  examplesOf,
  matches,
  matchesLine,
  pages,
  ReadersFolder,
  trimmed,
} from '../test/support/console-blocks.js';

const folder = new ReadersFolder();
for (const page of pages()) {
  const path = join(PACKAGE_ROOT, page);
  const lines = readFileSync(path, 'utf8').split('\n');
  let shift = 0;
  for (const { line, command, output } of examplesOf(page)) {
    const shown = trimmed(output);
    const printed = folder.run(command);
    if (matches(shown, printed)) continue;
    // Lines that leave open what differs from machine to machine stay as they are.
    const kept = printed.map(
      (text) => shown.find((old) => old.includes('…') && matchesLine(old, text)) ?? text,
    );
    lines.splice(line + shift, shown.length, ...kept);
    shift += printed.length - shown.length;
    console.log(`${page}:${line} refreshed: ${command}`);
  }
  writeFileSync(path, lines.join('\n'));
}
folder.remove();
