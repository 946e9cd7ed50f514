import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { reasonOf } from '../data/file.js';
import { BitloomError } from '../graph/diagnostics.js';
import type { Artifact } from '../plan/artifact.js';

/** Lists with their SHA-256 the files that Bitloom wrote. */
const MANIFEST = 'bitloom.json';

type Hashes = Readonly<Record<string, string>>;

/**
 * Writes an artifact into `folder`. A new folder appears whole. In one that exists, files are staged and then moved in one by
 * one, after everything that could be in their way has been looked for: an interrupted run leaves whole files, and the
 * same command completes it. Files whose contents stay are not touched, so that `make` builds only what changed. Files of an
 * earlier run that are no longer generated are removed.
 *
 * @param force replace files that Bitloom did not write, or that were edited since
 * @param about what they are, for commands that take the folder
 * @throws BitloomError BL403 where files cannot be written or would replace such files
 */
export function writeArtifact(
  folder: string,
  artifact: Artifact,
  force: boolean,
  about: Readonly<Record<string, string>> = {},
): void {
  const target = resolve(folder);
  try {
    const previous = readManifest(target);
    const files = new Map([...artifact, [MANIFEST, manifestOf(artifact, about)]]);
    refuseObstacles(folder, [...files.keys()]);
    if (!force) refuseForeign(folder, files, previous);
    const isNew = statOf(target) === null;
    if (isNew) mkdirSync(dirname(target), { recursive: true });
    const staging = mkdtempSync(isNew ? `${target}.staging-` : join(target, '.staging-'));
    try {
      // A folder of its own, with the usual permissions.
      const staged = join(staging, 'files');
      for (const [path, bytes] of files) {
        mkdirSync(dirname(join(staged, path)), { recursive: true });
        writeFileSync(join(staged, path), bytes);
      }
      if (isNew) renameSync(staged, target);
      else moveFiles(staged, target, files);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
    removeStale(target, files, previous ?? {});
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new BitloomError(
      'BL403',
      `cannot write to '${folder}': ${reasonOf(error)}`,
      'Choose another folder with -o',
    );
  }
}

/** Moves files to where nothing but older files can be. The manifest comes last: until then the old one holds. */
function moveFiles(staged: string, target: string, files: Artifact): void {
  for (const path of files.keys()) mkdirSync(dirname(join(target, path)), { recursive: true });
  for (const [path, bytes] of files) {
    const file = join(target, path);
    if (hashOfFile(file) !== hashOf(bytes)) renameSync(join(staged, path), file);
  }
}

/** Folders where files must be and files where folders must be: not even `force` removes them. */
function refuseObstacles(folder: string, paths: readonly string[]): void {
  for (const path of ['', ...paths]) {
    const parts = path.split('/');
    for (let depth = 0; depth <= parts.length; depth++) {
      const place = join(folder, ...parts.slice(0, depth));
      const stat = statOf(place);
      const isFolder = path === '' || depth < parts.length;
      if (stat === null || stat.isDirectory() === isFolder) continue;
      throw new BitloomError(
        'BL403',
        `'${place}' is ${isFolder ? 'a file' : 'a folder'} where a ${isFolder ? 'folder' : 'file'} must be`,
        'Choose another folder with -o, or move it away',
      );
    }
  }
}

function refuseForeign(folder: string, files: Artifact, previous: Hashes | null): void {
  const foreign = [...files].filter(([path, bytes]) => {
    const file = join(folder, path);
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return false;
    if (path === MANIFEST) return previous === null;
    const hash = hashOfFile(file);
    return hash === null || (hash !== previous?.[path] && hash !== hashOf(bytes));
  });
  const [first, ...more] = foreign;
  if (!first) return;
  throw new BitloomError(
    'BL403',
    `'${join(folder, first[0])}'${more.length > 0 ? ` and ${more.length} more` : ''} exists and was not written by Bitloom or was edited since`,
    'Choose another folder with -o, move the file away, or overwrite it with --force',
  );
}

/** Removes unedited files of an earlier run, and folders that become empty. */
function removeStale(target: string, files: Artifact, previous: Hashes): void {
  for (const [path, hash] of Object.entries(previous)) {
    const file = resolve(target, path);
    if (files.has(path) || !file.startsWith(target + sep) || hashOfFile(file) !== hash) continue;
    rmSync(file);
    for (let parent = dirname(file); parent !== target; parent = dirname(parent)) {
      try {
        rmdirSync(parent);
      } catch {
        break; // Not empty.
      }
    }
  }
}

function manifestOf(artifact: Artifact, about: Readonly<Record<string, string>>): Uint8Array {
  const files: Hashes = Object.fromEntries([...artifact].map(([path, bytes]) => [path, hashOf(bytes)]));
  return new TextEncoder().encode(`${JSON.stringify({ generator: 'bitloom', ...about, files }, null, 2)}\n`);
}

/** What an earlier run wrote, or null where none did. */
function readManifest(folder: string): Hashes | null {
  try {
    const { generator, files } = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'));
    return generator === 'bitloom' && files instanceof Object ? files : null;
  } catch {
    return null;
  }
}

/** null where nothing is; a link counts as what it leads to. */
function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

/** null where no file is. */
function hashOfFile(path: string): string | null {
  return statOf(path)?.isFile() ? hashOf(readFileSync(path)) : null;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
