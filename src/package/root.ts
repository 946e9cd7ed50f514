import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder: the nearest one above this file, in the sources or in `dist`, with Bitloom's package.json. */
export const PACKAGE_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'bitloom') return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error('bitloom is not installed as a package: no package.json above its files');
  return findRoot(parent);
}

/** Reads a text file that ships with the package, by its path from the package's folder. */
export function readAsset(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8');
}
