import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { reasonOf } from '../data/file.js';
import { BitloomError } from '../graph/diagnostics.js';
import { GENERATOR } from '../report/html/page.js';

/**
 * Writes a page, over an earlier one; returns its bytes.
 * @throws BitloomError BL403 where it cannot be written or would replace another file
 */
export function writePage(path: string, page: string): number {
  const bytes = Buffer.from(page);
  try {
    if (existsSync(path) && !readFileSync(path, 'utf8').includes(GENERATOR))
      throw new BitloomError(
        'BL403',
        `'${path}' is there and no page that Bitloom wrote`,
        'Give another file with --html',
      );
    writeFileSync(path, bytes);
  } catch (error) {
    if (error instanceof BitloomError) throw error;
    throw new BitloomError(
      'BL403',
      `cannot write '${path}': ${reasonOf(error)}`,
      'Give another file with --html',
    );
  }
  return bytes.length;
}
