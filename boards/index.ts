import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as v from 'valibot';
import { BitloomError } from '../src/graph/diagnostics.js';
import { PACKAGE_ROOT } from '../src/package/root.js';
import type { Board } from './board.js';
import { profile } from './profile.js';

export const BOARDS_FOLDER = join(PACKAGE_ROOT, 'boards');
const PROFILE = 'board.json';

/** Every board, sorted. */
export function boardIds(): readonly string[] {
  return readdirSync(BOARDS_FOLDER)
    .filter((id) => existsSync(profilePath(id)))
    .sort();
}

/**
 * The profile of a board.
 * @param id one of `boardIds()`, or the path of a folder with a profile, which has a separator in it: `./my-board`
 * @throws BitloomError BL303 when there is none of that name; the message names the nearest ones; BL307 when the profile is not valid
 */
export function loadBoard(id: string): Board {
  if (isPath(id)) return boardAt(id);
  const ids = boardIds();
  if (!ids.includes(id)) {
    const near = nearest(id, ids);
    const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : '';
    throw new BitloomError('BL303', `no board '${id}'`, `${hint}The boards are ${ids.join(', ')}`);
  }
  return boardAt(join(BOARDS_FOLDER, id));
}

/** A board outside the package is named by the path of its folder, which has a separator in it. */
function isPath(name: string): boolean {
  return /[\\/]/.test(name);
}

function boardAt(folder: string): Board {
  const path = join(folder, PROFILE);
  let json: string;
  try {
    json = readFileSync(path, 'utf8');
  } catch {
    throw new BitloomError(
      'BL303',
      `no board in '${folder}'`,
      `A board's folder holds a ${PROFILE}; docs/boards.md says what is in it`,
    );
  }
  return parseBoard(folder, json);
}

/**
 * Reads the profile of the board in a folder.
 * @throws BitloomError BL307 naming each fault by its place
 */
export function parseBoard(folder: string, json: string): Board {
  const faulty = (faults: readonly string[]) =>
    new BitloomError(
      'BL307',
      `${join(folder, PROFILE)}: ${faults.join('; ')}`,
      'docs/boards.md says what a profile holds',
    );
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (error) {
    throw faulty([(error as SyntaxError).message]);
  }
  const result = v.safeParse(profile, content);
  if (!result.success)
    throw faulty(
      result.issues.map((issue) => [v.getDotPath(issue), issue.message].filter(Boolean).join(': ')),
    );
  const { hardware, ...board } = result.output;
  const id = basename(resolve(folder));
  if (board.id !== id) throw faulty([`id: '${board.id}', but the folder is '${id}'`]);
  if (hardware === null) return { ...board, hardware };
  const { boot: file } = hardware;
  if (file === null) return { ...board, hardware: { ...hardware, boot: null } };
  const path = join(folder, file);
  if (!existsSync(path)) throw faulty([`hardware.boot: there is no ${file} in the folder`]);
  return { ...board, hardware: { ...hardware, boot: { file, text: readFileSync(path, 'utf8') } } };
}

function profilePath(id: string): string {
  return join(BOARDS_FOLDER, id, PROFILE);
}

/** Names that contain the wanted one or the other way round, else those fewest edits away. */
function nearest(wanted: string, ids: readonly string[]): readonly string[] {
  const name = wanted.toLowerCase();
  const related = ids.filter((id) => id.includes(name) || name.includes(id));
  if (name !== '' && related.length > 0) return related;
  const distances = ids.map((id) => ({ id, edits: editDistance(name, id) }));
  const least = Math.min(...distances.map((d) => d.edits));
  return distances.filter((d) => d.edits === least && least <= d.id.length / 2).map((d) => d.id);
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
