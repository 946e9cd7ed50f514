import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { load, type Model } from '../src/index.js';
import { PACKAGE_ROOT } from '../src/package/root.js';

const SHARED = join(PACKAGE_ROOT, '../shared/models/tflite');

/**
 * The models of examples/digits and, when ../shared lies beside the checkout, everything in shared/models/tflite.
 * @param names only these, where some are given
 */
export function sharedModels(names: readonly string[] = []): readonly Model[] {
  return modelFiles(names).map((file) => load(readFileSync(file), basename(file)));
}

/** Their files. */
export function modelFiles(names: readonly string[] = []): readonly string[] {
  const shared = existsSync(SHARED) ? readdirSync(SHARED).sort() : [];
  if (shared.length === 0) console.log('skipped: the shared models, because ../shared/models is not there');
  const files = [join(PACKAGE_ROOT, 'examples/digits/digits.tflite'), ...shared.map((f) => join(SHARED, f))];
  return files.filter((file) => names.length === 0 || names.includes(basename(file, '.tflite')));
}
