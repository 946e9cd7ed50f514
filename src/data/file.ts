/** Files that the user names. */
import { readFileSync, statSync } from 'node:fs';
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

/** Whether a path leads to a folder. */
export function isFolderAt(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Why an operation on files failed, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) return String(error);
  const code = String(error.code);
  return REASONS[code] ?? code;
}
