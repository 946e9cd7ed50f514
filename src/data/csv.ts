import { parse } from 'csv-parse/sync';
import { BitloomError } from '../graph/diagnostics.js';

/**
 * The fields of a text of separated values: commas, semicolons or tabs, quoted where one is in a field. Empty lines are left out.
 * @throws BitloomError BL603
 */
export function readCsv(bytes: Uint8Array, path: string): readonly (readonly string[])[] {
  try {
    return parse(Buffer.from(bytes), {
      bom: true,
      delimiter: [',', ';', '\t'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BitloomError('BL603', `'${path}' is no CSV (${reason})`, 'Save it as comma-separated values');
  }
}
