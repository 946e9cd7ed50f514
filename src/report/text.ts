import Table from 'cli-table3';

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** An aligned plain-text table without borders, no trailing blanks. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const grid = new Table({
    head: columns.map((c) => c.title),
    colAligns: columns.map((c) => c.align),
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  grid.push(...rows.map((row) => [...row]));
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** 1234567 -> "1,234,567". */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Milliseconds to three digits: 0.0123, 10.8, 2,587. */
export function milliseconds(value: number): string {
  return value < 1000 ? value.toPrecision(3) : grouped(value);
}

/** A bar of `width` cells filled in proportion to value / full. */
export function bar(value: number, full: number, width: number): string {
  const cells = full === 0 ? 0 : Math.round((width * value) / full);
  return '#'.repeat(Math.min(width, cells)).padEnd(width, '.');
}

/** Names come from files: what would steer a terminal, or only pretend to be text, becomes `?`. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}

/** A name in a table: `visible`, at most 80 characters. */
export function printable(name: string): string {
  const characters = [...visible(name)];
  return characters.length > 80 ? `${characters.slice(0, 77).join('')}...` : characters.join('');
}
