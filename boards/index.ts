import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { BitloomError } from '../src/graph/diagnostics.js';
import { PACKAGE_ROOT } from '../src/package/root.js';
import type { Board } from './board.js';
import { profile } from './profile.js';

export const BOARDS_FOLDER = join(PACKAGE_ROOT, 'boards');

/** Every board, sorted. */
export function boardIds(): readonly string[] {
  return readdirSync(BOARDS_FOLDER)
    .filter((id) => existsSync(profilePath(id)))
    .sort();
}

/**
 * The profile of a board.
 * @throws BitloomError BL303 when there is none of that name; the message names the nearest ones
 */
export function loadBoard(id: string): Board {
  const ids = boardIds();
  if (!ids.includes(id)) {
    const near = nearest(id, ids);
    const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : '';
    throw new BitloomError('BL303', `no board '${id}'`, `${hint}The boards are ${ids.join(', ')}`);
  }
  return parseBoard(id, readFileSync(profilePath(id), 'utf8'));
}

/** Reads the JSON of board `id`; a profile that breaks its schema is a plain Error naming each fault. */
export function parseBoard(id: string, json: string): Board {
  const result = v.safeParse(profile, JSON.parse(json));
  if (!result.success) {
    const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'profile'}: ${issue.message}`);
    throw new Error(`boards/${id}/board.json: ${faults.join('; ')}`);
  }
  if (result.output.id !== id)
    throw new Error(`boards/${id}/board.json: id is '${result.output.id}' and not '${id}'`);
  return result.output;
}

function profilePath(id: string): string {
  return join(BOARDS_FOLDER, id, 'board.json');
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
