import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/package/root.js';

/**
 * Every `console` block of the README and of docs/ is run as it stands: lines that begin with `$ ` are commands, the
 * lines below are what they print. A line `...` stands for any lines.
 */
interface Example {
  readonly page: string;
  readonly line: number;
  readonly command: string;
  readonly output: readonly string[];
}

function examplesOf(page: string): Example[] {
  const found: { page: string; line: number; command: string; output: string[] }[] = [];
  let inside = false;
  readFileSync(join(PACKAGE_ROOT, page), 'utf8')
    .split('\n')
    .forEach((text, index) => {
      if (text.startsWith('```')) inside = text === '```console';
      else if (inside && text.startsWith('$ '))
        found.push({ page, line: index + 1, command: text.slice(2), output: [] });
      else if (inside) found.at(-1)?.output.push(text);
    });
  return found;
}

/** Whether `actual` consists of the lines of `expected`, `...` matching any number of lines. */
function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return actual.length === 0;
  if (first !== '...') return first === actual[0] && matches(rest, actual.slice(1));
  return actual.some((_, i) => matches(rest, actual.slice(i))) || matches(rest, []);
}

const has = (tool: string) => spawnSync(tool, ['--version']).error === undefined;
const hasEmulators = has('arm-none-eabi-gcc') && has('qemu-system-arm') && has('gcc');

describe('documented commands do what the page shows', () => {
  const pages = ['README.md', ...readdirSync(join(PACKAGE_ROOT, 'docs')).map((file) => `docs/${file}`)];
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitloom-docs-'));
    symlinkSync(join(PACKAGE_ROOT, 'examples'), join(folder, 'examples'));
    const main = join(PACKAGE_ROOT, 'src/cli/main.ts');
    const loader = join(PACKAGE_ROOT, 'node_modules/tsx/dist/loader.mjs');
    writeFileSync(join(folder, 'bitloom'), `#!/bin/sh\nexec node --import '${loader}' '${main}' "$@"\n`, {
      mode: 0o755,
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { page, line, command, output } of pages.filter((p) => p.endsWith('.md')).flatMap(examplesOf))
    it(`${page}:${line} $ ${command}`, function () {
      if (!hasEmulators && /verify|demo|make/.test(command)) {
        console.log(`      skipped: '${command}' needs gcc, arm-none-eabi-gcc and qemu-system-arm`);
        this.skip();
      }
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, NO_COLOR: '1' };
      const shown = execFileSync('bash', ['-c', `${command} 2>&1 || true`], {
        cwd: folder,
        env,
        encoding: 'utf8',
      });
      const lines = shown.trimEnd().split('\n');
      const wanted = output.join('\n').trimEnd().split('\n');
      if (!matches(wanted, lines)) assert.equal(shown.trimEnd(), wanted.join('\n'));
    });
});
