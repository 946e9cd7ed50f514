/** Files that the user names. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { BitloomError } from '../graph/diagnostics.js';

/** What the usual error codes of files mean; others are shown as they are. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the way',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'the name is too long',
};

/** Reads a whole file; BL601 when that fails. */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new BitloomError(
      'BL601',
      `cannot read '${path}': ${reasonOf(error)}`,
      'Check the path and its permissions',
    );
  }
}

/** Whether a path leads to a folder. Of one that leads nowhere, whoever reads it says why. */
export function isFolderAt(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The files and folders in a folder, sorted, without hidden ones; BL601 when that fails or there are none. */
export function namesIn(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch (error) {
    throw new BitloomError('BL601', `cannot read '${folder}': ${reasonOf(error)}`, 'Give a folder');
  }
  if (names.length === 0)
    throw new BitloomError('BL601', `there is nothing in '${folder}'`, 'Put inferences there, a file each');
  return names.toSorted();
}

/** `.npy` of `x.NPY`; empty where the name has none. */
export function extensionOf(path: string): string {
  return /\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? '';
}

/** Why an operation on files failed, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) return String(error);
  const code = String(error.code);
  return REASONS[code] ?? code;
}
