import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of public models and recorded outputs that may lie beside the checkout. */
const SHARED = new URL('../../../shared/', import.meta.url);

/** Path of a file or folder in ../shared, or null where it is missing. */
export function sharedPath(relative: string): string | null {
  const path = fileURLToPath(new URL(relative, SHARED));
  return existsSync(path) ? path : null;
}

/** Contents of a file in ../shared, which must be there. */
export function readShared(relative: string): Uint8Array {
  return readFileSync(new URL(relative, SHARED));
}

/**
 * In a suite whose cases need ../shared: skips them, saying so in one line, where it is missing.
 * @returns whether it is there
 */
export function needsShared(suite: string, relative = 'models/'): boolean {
  if (sharedPath(relative) !== null) return true;
  it.skip(`${suite}: skipped, ../shared/${relative} is missing`);
  return false;
}
