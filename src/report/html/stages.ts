/** Stages as they are in the middle of a run: which rows of each image exist, and which the next layers read. */
import type { TensorId } from '../../graph/tensor.js';
import type { Plan, Stage } from '../../plan/plan.js';
import { roundsOf } from '../../plan/stages/rings.js';
import { firstRow, startOf } from '../../plan/stages/row-window.js';
import { grouped } from '../text.js';
import { escaped, label, shortened, tag } from './markup.js';

const IMAGE = { width: 46, gap: 64, most: 190, least: 14 } as const;
const TOP = 46;

/** An image of a stage: its rows from `gone` to `made` are in memory, those from `fresh` on were made in this round. */
interface Snapshot {
  readonly name: string;
  readonly height: number;
  readonly gone: number;
  readonly fresh: number;
  readonly made: number;
  readonly ringRows: number;
  readonly bytes: number;
}

/** A figure for each stage. */
export function stageFigures(plan: Plan): string {
  const figures = plan.stages.map((stage, i) => stageFigure(plan, stage, i + 1));
  return tag('div', { class: 'stages' }, ...figures);
}

function stageFigure(plan: Plan, stage: Stage, number: number): string {
  const rounds = roundsOf(stage.layers, stage.inputHeight, stage.rows);
  const round = Math.floor(rounds.length / 2);
  const images = snapshots(plan, stage, rounds, round);
  const scale = IMAGE.most / Math.max(...images.map(({ height }) => height));
  const x = (image: number) => IMAGE.gap / 2 + image * (IMAGE.width + IMAGE.gap);
  const y = (image: number, row: number) => TOP + row * Math.max(scale, IMAGE.least / images[image]!.height);
  const width = images.length * (IMAGE.width + IMAGE.gap);
  const height = TOP + IMAGE.most + 24;
  const steps = `${plan.steps[stage.first]!.name} to ${plan.steps[stage.last]!.name}`;
  const summary = `stage ${number}: ${steps}, ${stage.rows} ${stage.rows === 1 ? 'row' : 'rows'} of its input a round, ${rounds.length} rounds`;
  const drawn = tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'rings',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': summary,
    },
    ...halos(stage, images, { x, y }),
    ...images.map((image, i) => imageColumn(image, x(i), (row) => y(i, row))),
  );
  const caption = `${summary}. Shown: after round ${round + 1}.`;
  return tag(
    'figure',
    {},
    tag('div', { class: 'wide', tabindex: 0 }, drawn),
    tag('figcaption', {}, escaped(caption)),
  );
}

/** The stage's input, then what its layers make. */
function snapshots(
  plan: Plan,
  stage: Stage,
  rounds: readonly (readonly number[])[],
  round: number,
): Snapshot[] {
  const given = (turn: number) => Math.min(stage.inputHeight, (turn + 1) * stage.rows);
  const image = (name: string, id: TensorId, height: number, before: number, made: number): Snapshot => {
    const { rows, rowBytes } = stage.rings.get(id) ?? { rows: height, rowBytes: 0 };
    const gone = rows < height ? Math.max(0, made - rows) : 0;
    return { name, height, gone, fresh: before, made, ringRows: rows, bytes: rows * rowBytes };
  };
  const maker = plan.steps.findLast(({ call }) => call.outputs.some(({ tensor }) => tensor === stage.input));
  const first = image(maker?.name ?? 'input', stage.input, stage.inputHeight, given(round - 1), given(round));
  const rows = stage.rings.get(stage.input)?.rows ?? stage.inputHeight;
  // What was there before the stage is whole, but for what has been read.
  const whole = rows >= stage.inputHeight;
  return [
    whole ? { ...first, fresh: first.made, made: stage.inputHeight } : first,
    ...stage.layers.map((layer, i) => {
      const step = plan.steps[layer.first]!;
      const id = plan.steps[layer.last]!.call.outputs[0]!.tensor;
      return image(step.name, id, layer.height, rounds[round - 1]?.[i] ?? 0, rounds[round]![i]!);
    }),
  ];
}

interface Scale {
  readonly x: (image: number) => number;
  readonly y: (image: number, row: number) => number;
}

/** From each layer's newest row to the rows that its window reads. */
function halos(stage: Stage, images: readonly Snapshot[], { x, y }: Scale): string[] {
  return stage.layers.flatMap(({ sources }, layer) =>
    sources.flatMap(({ layer: source, window }) => {
      const [from, to] = [source === null ? 0 : source + 1, layer + 1];
      const row = images[to]!.made - 1;
      if (row < 0) return [];
      const first = firstRow(window, row);
      const end = Math.min(images[from]!.height, startOf(window, row) + window.extent);
      const corners = [
        [x(from) + IMAGE.width, y(from, first)],
        [x(to), y(to, row)],
        [x(to), y(to, row + 1)],
        [x(from) + IMAGE.width, y(from, end)],
      ];
      const points = corners.map((corner) => corner.map((value) => value!.toFixed(1)).join(',')).join(' ');
      const title = `row ${row} of ${images[to]!.name} reads rows ${first} to ${end - 1} of ${images[from]!.name}`;
      return [tag('polygon', { class: 'halo', points }, tag('title', {}, escaped(title)))];
    }),
  );
}

function imageColumn(image: Snapshot, x: number, y: (row: number) => number): string {
  const { name, height, gone, fresh, made, ringRows, bytes } = image;
  const isRing = ringRows < height;
  const held = isRing ? `a ring of ${ringRows} of ${height} rows` : `all ${height} rows`;
  const span = (kind: string, from: number, to: number) =>
    to > from ? tag('rect', { class: kind, x, y: y(from), width: IMAGE.width, height: y(to) - y(from) }) : '';
  const middle = x + IMAGE.width / 2;
  return tag(
    'g',
    { tabindex: 0 },
    tag(
      'title',
      {},
      escaped(`${name}: ${held}, ${grouped(bytes)} bytes; rows ${gone} to ${made - 1} are there`),
    ),
    tag('rect', { class: 'whole', x, y: y(0), width: IMAGE.width, height: y(height) - y(0) }),
    span('gone', 0, gone),
    span(isRing ? 'held ring' : 'held image', gone, Math.max(gone, fresh)),
    span(isRing ? 'fresh ring' : 'fresh image', Math.max(gone, fresh), made),
    label(middle, y(0) - 22, shortened(name), { class: 'axis middle' }),
    label(middle, y(0) - 8, isRing ? `${ringRows} of ${height} rows` : `${height} rows`, {
      class: 'axis middle',
    }),
    label(middle, y(height) + 16, `${grouped(bytes)} B`, { class: 'axis middle' }),
  );
}
