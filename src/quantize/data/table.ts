/** Cells of a CSV to real values, as declared. */
import { BitloomError } from '../../graph/diagnostics.js';
import { type CsvPreprocess, DEFAULTS, type Preprocess } from './preprocess.js';
import { classesOf, type Source } from './source.js';

type Rows = readonly (readonly string[])[];

interface Table {
  readonly rows: readonly Float32Array[];
  /** Words of the label's column. */
  readonly labels: readonly string[] | null;
}

/** An inference a line. */
export function tableSource(lines: Rows, { csv = DEFAULTS.csv }: Preprocess, path: string): Source {
  const { rows, labels } = tableOf(lines, csv, path);
  return {
    names: rows.map((_, i) => `${path}[${i}]`),
    read: (i) => rows[i]!,
    ...(labels ? { classes: classesOf(labels) } : {}),
  };
}

/** One inference: lines behind each other, e.g. a line for each time at which sensors were read. */
export function realsOfTable(lines: Rows, { csv = DEFAULTS.csv }: Preprocess, path: string): Float32Array {
  return Float32Array.from(tableOf(lines, csv, path).rows.flatMap((row) => [...row]));
}

function tableOf(lines: Rows, declared: CsvPreprocess, path: string): Table {
  const { header, columns, label, subtract, divide } = declared;
  const titles = lines[header - 1] ?? [];
  const body = lines.slice(header);
  const width = body[0]?.length ?? 0;
  const place = (column: number | string) => {
    const index = typeof column === 'number' ? column : titles.indexOf(column);
    if (index >= 0 && index < width) return index;
    throw new BitloomError(
      'BL611',
      `'${path}' has no column ${JSON.stringify(column)}`,
      titles.length > 0 ? `It has ${titles.join(', ')}` : `It has ${width}, from 0`,
    );
  };
  const labelAt = label === undefined ? null : place(label);
  const taken =
    columns?.map(place) ?? Array.from({ length: width }, (_, i) => i).filter((i) => i !== labelAt);
  const [offsets, divisors] = [subtract, divide].map((value) => eachOf(value, taken.length, path));
  const rows = body.map((line, i) => {
    if (line.length !== width)
      throw damaged(path, header + i, `has ${line.length} fields where the first has ${width}`);
    return Float32Array.from(taken, (column, c) => {
      const value = line[column] === '' ? Number.NaN : Number(line[column]);
      if (Number.isNaN(value)) throw damaged(path, header + i, `has '${line[column]}' for a number`);
      return (value - offsets![c]!) / divisors![c]!;
    });
  });
  return { rows, labels: labelAt === null ? null : body.map((line) => line[labelAt]!) };
}

/** One value for each column. */
function eachOf(value: number | readonly number[], count: number, path: string): readonly number[] {
  if (typeof value === 'number') return new Array<number>(count).fill(value);
  if (value.length === count) return value;
  throw new BitloomError(
    'BL611',
    `subtract or divide has ${value.length} values for the ${count} columns of '${path}'`,
    'Declare one for all columns, or one for each',
  );
}

/** @param line counted from 0, without empty ones */
function damaged(path: string, line: number, problem: string): BitloomError {
  return new BitloomError(
    'BL603',
    `line ${line + 1} of '${path}' ${problem}`,
    'Lines above the values are declared as "header" in the csv of a --preprocess file',
  );
}
