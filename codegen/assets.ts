import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the package: the same from a checkout and from `dist/`. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Version of Bitloom, which generated files name. */
export const packageVersion: string = readPackage(packageRoot)?.version ?? '';

/** Text of a file of the package, by its path from the root with `/`; null where there is none. */
export function readAsset(path: string): string | null {
  const file = join(packageRoot, ...path.split('/'));
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function findPackageRoot(folder: string): string {
  if (readPackage(folder)?.name === 'bitloom') return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('Bitloom does not lie inside its package');
  return findPackageRoot(parent);
}

function readPackage(folder: string): { name?: string; version?: string } | null {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}
