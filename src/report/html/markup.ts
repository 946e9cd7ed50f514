/** Building blocks of HTML and SVG: text in, text out. */

export type Attributes = Readonly<Record<string, string | number | null>>;

/** Text that is data: as content or as an attribute's value. */
export function escaped(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!,
  );
}

/** An element. Attributes that are null are left out; `children` are markup already. */
export function tag(name: string, attributes: Attributes = {}, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value!)}"`)
    .join('');
  return `<${name}${written}>${children.join('')}</${name}>`;
}

/** A hundredth of a pixel is more than anyone sees. */
export function rounded(value: number): string {
  return String(Math.round(100 * value) / 100);
}

/** A text of an SVG. */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return tag('text', { x, y, ...attributes }, escaped(text));
}

/** 0 and round numbers up to `most`, at most `count` steps of 1, 2 or 5 times a power of ten apart. */
export function ticks(most: number, count = 5): number[] {
  if (most <= 0) return [0];
  const rough = most / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step);
}

/** A row of a table; cells are markup. */
export function tableRow(cell: 'td' | 'th', cells: readonly string[]): string {
  return tag('tr', {}, ...cells.map((content) => tag(cell, cell === 'th' ? { scope: 'col' } : {}, content)));
}

/** A step's name that fits above a drawing: the operator's first letters and the number. */
export function shortened(name: string): string {
  return name.length > 17 ? `${name.slice(0, 9)}…${name.slice(-5)}` : name;
}
