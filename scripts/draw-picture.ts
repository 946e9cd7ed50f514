/** Draws the picture of docs/stages.md. Run: `npm run docs:picture` */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, plan } from '../src/index.js';
import { PACKAGE_ROOT } from '../src/package/root.js';
import { memoryPicture } from '../src/report/html/page.js';

/** Where it lies. */
export const PICTURE = join(PACKAGE_ROOT, 'docs/pictures/memory.svg');

/** The memory of `bitloom plan examples/digits/digits.tflite --board pico --min-ram` over time. */
export function picture(): string {
  const model = load(readFileSync(join(PACKAGE_ROOT, 'examples/digits/digits.tflite')), 'digits.tflite');
  return memoryPicture(plan(model, 'pico', { minRam: 0.05 }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(dirname(PICTURE), { recursive: true });
  writeFileSync(PICTURE, picture());
}
