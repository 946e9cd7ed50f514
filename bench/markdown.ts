import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/package/root.js';

/** A table: the first column to the left, numbers to the right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Writes `bench/results/<name>.md` from its paragraphs, and prints it. */
export function writeResults(name: string, paragraphs: readonly string[]): void {
  const text = `${paragraphs.join('\n\n')}\n`;
  writeFileSync(join(PACKAGE_ROOT, `bench/results/${name}.md`), text);
  console.log(text);
}

export function percent(ratio: number): string {
  return `${ratio < 0 ? '-' : '+'}${Math.abs(100 * ratio).toFixed(1)} %`;
}
