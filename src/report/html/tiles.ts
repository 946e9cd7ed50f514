/** Images computed in strips or patches: which part of each image a tile has, and what several tiles compute, the halos. */
import type { Plan, TiledImage, TiledSteps } from '../../plan/plan.js';
import { hull, type Interval, lengthOf } from '../../plan/tiles/window.js';
import { gridText } from '../runs-text.js';
import { escaped, label, shortened, tag } from './markup.js';

/** Of the drawing of an image, whatever its size; above it are two lines of text. */
const IMAGE = { most: 120, least: 24, top: 36, margin: 3 } as const;

/** Of the tile that has a frame: its row and column in the grid. */
interface Place {
  readonly row: number;
  readonly column: number;
}

/** A figure for each stretch of layers that runs in tiles. */
export function tileFigures({ tiles }: Plan): string {
  return tag('div', { class: 'stages' }, ...tiles.map(tileFigure));
}

function tileFigure({ grid, layers, images }: TiledSteps): string {
  const framed = { row: Math.floor((grid.rows - 1) / 2), column: Math.floor((grid.columns - 1) / 2) };
  const number = framed.row * grid.columns + framed.column + 1;
  const tile = `${grid.rows === 1 ? 'strip' : 'patch'} ${number} of ${grid.rows * grid.columns}`;
  const summary = `${layers.first} to ${layers.last} in ${gridText(grid)}. Framed: what ${tile} has of each image.`;
  return tag(
    'figure',
    {},
    tag('div', { class: 'tiled' }, ...images.map((image) => imageDrawing(image, framed))),
    tag('figcaption', {}, escaped(summary)),
  );
}

/** The image, on it what several tiles have, the darker the more tiles do, and the tiles' outlines (`data-rows`, `data-columns`: their size). */
function imageDrawing(image: TiledImage, framed: Place): string {
  const { name, height, width, rows, columns } = image;
  const pixel = IMAGE.most / Math.max(width, height);
  const size = { width: Math.max(IMAGE.least, width * pixel), height: Math.max(IMAGE.least, height * pixel) };
  const middle = IMAGE.margin + IMAGE.most / 2;
  const area = (down: Interval, across: Interval) => ({
    x: middle + size.width * (across.first / width - 0.5),
    y: IMAGE.top + (size.height * down.first) / height,
    width: (size.width * lengthOf(across)) / width,
    height: (size.height * lengthOf(down)) / height,
  });
  const all = (length: number): Interval => ({ first: 0, last: length - 1 });
  const parts = rows.flatMap((down) => columns.map((across) => tag('rect', area(down, across))));
  const halos = [
    ...overlapsOf(columns).map((across) => area(rows.reduce(hull), across)),
    ...overlapsOf(rows).map((down) => area(down, columns.reduce(hull))),
  ];
  const outline = (row: number, column: number) => {
    const [down, across] = [rows[row]!, columns[column]!];
    const title = `${name}: rows ${spanText(down)}, columns ${spanText(across)}`;
    const kind = row === framed.row && column === framed.column ? 'tile framed' : 'tile';
    const sides = { 'data-rows': lengthOf(down), 'data-columns': lengthOf(across) };
    return tag('rect', { class: kind, ...area(down, across), ...sides }, tag('title', {}, escaped(title)));
  };
  const others = rows.flatMap((_, row) =>
    columns.flatMap((__, column) =>
      row === framed.row && column === framed.column ? [] : outline(row, column),
    ),
  );
  const again = againText(image);
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: IMAGE.most + 2 * IMAGE.margin,
      height: IMAGE.top + size.height + IMAGE.margin,
      role: 'img',
      'aria-label': `${name}: ${again} pixels`,
      'data-image': name,
    },
    label(middle, 12, shortened(name), { class: 'axis middle' }),
    label(middle, 27, `${width}×${height}, ${again}`, { class: 'axis middle' }),
    tag('rect', { class: 'whole', ...area(all(height), all(width)) }),
    tag('g', { class: 'parts' }, ...parts),
    ...halos.map((halo) => tag('rect', { class: 'again', ...halo })),
    ...others,
    outline(framed.row, framed.column),
  );
}

/** What each two of them have in common, where they do. */
function overlapsOf(parts: readonly Interval[]): Interval[] {
  return parts.flatMap((part, i) =>
    parts
      .slice(i + 1)
      .map((other) => ({ first: Math.max(part.first, other.first), last: Math.min(part.last, other.last) }))
      .filter((common) => lengthOf(common) > 0),
  );
}

/** `+12 %`: pixels of all tiles beyond those of the image, which has more where windows leave out some. */
function againText({ height, width, rows, columns }: TiledImage): string {
  const sum = (parts: readonly Interval[]) => parts.reduce((all, part) => all + lengthOf(part), 0);
  const percent = Math.round(100 * ((sum(rows) * sum(columns)) / (height * width) - 1));
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`;
}

function spanText({ first, last }: Interval): string {
  return first === last ? `${first}` : `${first} to ${last}`;
}
