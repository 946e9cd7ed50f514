import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { reasonOf } from '../data/file.js';
import { BitloomError } from '../graph/diagnostics.js';

/** Where desktops mount drives: those of Linux, then of macOS. */
function mountFolders(): readonly string[] {
  const { username } = userInfo();
  return [`/media/${username}`, `/run/media/${username}`, '/media', '/mnt', '/Volumes'];
}

/** The folder at which the drive of this label is mounted, or null. */
export function findDrive(label: string): string | null {
  return (
    mountFolders()
      .map((folder) => join(folder, label))
      .find((folder) => existsSync(folder) && readdirSync(folder).length > 0) ?? null
  );
}

/** Where it would be: for commands that are only shown. */
export function usualDrive(label: string): string {
  return join(mountFolders()[0]!, label);
}

/**
 * Copies an image to a board's drive, by which the board writes and starts it.
 * @throws BitloomError BL504 where that fails
 */
export function copyToDrive(file: string, drive: string): void {
  try {
    copyFileSync(file, join(drive, basename(file)));
  } catch (error) {
    throw new BitloomError(
      'BL504',
      `cannot copy '${file}' to '${drive}': ${reasonOf(error)}`,
      'Connect the board again so that it appears as a drive; --drive says where it is mounted',
    );
  }
}
