import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { BitloomError } from '../graph/diagnostics.js';
import type { Artifact } from '../plan/artifact.js';

const MANIFEST = 'bitloom.json';

/** Reads a whole file; BL601 when that fails. */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new BitloomError(
      'BL601',
      `cannot read '${path}' (${reasonOf(error)})`,
      'Check the path and its permissions',
    );
  }
}

interface Manifest {
  readonly generator: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Writes an artifact into `folder`. All files are staged beside the folder and then moved in one by one, so that an
 * interrupted run leaves whole files only. Files of an earlier run that are no longer generated are removed; a file that
 * Bitloom did not write, or that was edited since, is never overwritten without `force` (BL403).
 */
export function writeArtifact(folder: string, artifact: Artifact, force: boolean): void {
  const target = resolve(folder);
  const previous = readManifest(target);
  const clashes = [...artifact.keys()].filter(
    (path) => !force && isForeign(target, path, artifact, previous),
  );
  if (clashes.length > 0)
    throw new BitloomError(
      'BL403',
      `'${join(folder, clashes[0]!)}'${clashes.length > 1 ? ` and ${clashes.length - 1} more` : ''} exists and was not written by Bitloom or was edited since`,
      'Choose another folder with -o, move the file away, or overwrite it with --force',
    );
  const manifest: Manifest = {
    generator: 'bitloom',
    files: Object.fromEntries([...artifact].map(([path, bytes]) => [path, hashOf(bytes)])),
  };
  const encoder = new TextEncoder();
  const all = new Map([...artifact, [MANIFEST, encoder.encode(`${JSON.stringify(manifest, null, 2)}\n`)]]);
  try {
    mkdirSync(dirname(target), { recursive: true });
    const staging = mkdtempSync(`${target}.staging-`);
    try {
      for (const [path, bytes] of all) {
        mkdirSync(dirname(join(staging, path)), { recursive: true });
        writeFileSync(join(staging, path), bytes);
      }
      for (const path of all.keys()) {
        mkdirSync(dirname(join(target, path)), { recursive: true });
        renameSync(join(staging, path), join(target, path));
      }
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
    for (const [path, hash] of Object.entries(previous?.files ?? {})) {
      const file = join(target, path);
      const stale = !all.has(path) && isInside(target, file) && existsSync(file);
      if (stale && hashOf(readFileSync(file)) === hash) rmSync(file);
    }
  } catch (error) {
    throw new BitloomError(
      'BL403',
      `cannot write to '${folder}' (${reasonOf(error)})`,
      'Choose another folder with -o',
    );
  }
}

/** Whether writing `path` would lose something that this project did not write in that form. */
function isForeign(target: string, path: string, artifact: Artifact, previous: Manifest | null): boolean {
  const file = join(target, path);
  if (!existsSync(file)) return false;
  if (!statSync(file).isFile()) return true;
  const hash = hashOf(readFileSync(file));
  return hash !== previous?.files[path] && hash !== hashOf(artifact.get(path)!);
}

function readManifest(folder: string): Manifest | null {
  const file = join(folder, MANIFEST);
  if (!existsSync(file)) return null;
  try {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    return manifest.generator === 'bitloom' && typeof manifest.files === 'object' ? manifest : null;
  } catch {
    return null;
  }
}

function isInside(folder: string, file: string): boolean {
  return resolve(file).startsWith(folder + sep);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
