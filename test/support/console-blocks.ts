import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/package/root.js';

/** A command of a `console` block (a line that begins with `$ `) and the lines that the page shows below it. */
export interface Example {
  readonly page: string;
  /** Line of the command, from 1. */
  readonly line: number;
  readonly command: string;
  /** A line `...` stands for any lines, `…` in a line for any text: what differs from machine to machine. */
  readonly output: readonly string[];
}

/** README.md and every page of docs/ and examples/. */
export function pages(): string[] {
  const inside = (folder: string) =>
    readdirSync(join(PACKAGE_ROOT, folder), { recursive: true }).map((file) => `${folder}/${file}`);
  return ['README.md', ...inside('docs'), ...inside('examples')]
    .filter((path) => path.endsWith('.md'))
    .sort();
}

/** The examples of one page in order. */
export function examplesOf(page: string): readonly Example[] {
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

/** Whether what was printed is what the page shows. */
export function matches(shown: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return printed.length === 0;
  if (first !== '...') return matchesLine(first, printed[0]) && matches(rest, printed.slice(1));
  return printed.some((_, i) => matches(rest, printed.slice(i))) || matches(rest, []);
}

/** Whether a printed line is the shown one. */
export function matchesLine(shown: string, printed: string | undefined): boolean {
  if (printed === undefined) return false;
  const parts = shown.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(printed);
}

/** A folder as a reader's: `examples/` is there, and `bitloom` on PATH runs these sources. */
export class ReadersFolder {
  private readonly folder = mkdtempSync(join(tmpdir(), 'bitloom-docs-'));

  constructor() {
    symlinkSync(join(PACKAGE_ROOT, 'examples'), join(this.folder, 'examples'));
    const main = join(PACKAGE_ROOT, 'src/cli/main.ts');
    const loader = join(PACKAGE_ROOT, 'node_modules/tsx/dist/loader.mjs');
    writeFileSync(
      join(this.folder, 'bitloom'),
      `#!/bin/sh\nexec node --import '${loader}' '${main}' "$@"\n`,
      {
        mode: 0o755,
      },
    );
  }

  /** What the command prints on both streams, by lines, without blank lines at the end; its exit code does not count. */
  run(command: string): readonly string[] {
    const env = { ...process.env, PATH: `${this.folder}:${process.env.PATH}`, NO_COLOR: '1' };
    const script = `{ ${command}\n} 2>&1 || true`;
    const printed = execFileSync('bash', ['-c', script], { cwd: this.folder, env, encoding: 'utf8' });
    return trimmed(printed.split('\n'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Without blank lines at the end. */
export function trimmed(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
}
