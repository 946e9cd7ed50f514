/** A quantization as one self-contained page: no script, nothing from elsewhere. */
import type { FrontPoint, LayerReport, QuantizeReport } from '../../quantize/index.js';
import { decibelsText } from '../quantize-text.js';
import { grouped } from '../text.js';
import { cards, documentOf, section } from './document.js';
import { escaped, label, rounded, tableRow, tag, ticks } from './markup.js';

/** Says of a file that it is such a page. */
export const GENERATOR = '<meta name="generator" content="bitloom quantize">';

/** @param name of the network */
export function quantizePage(name: string, { layers, agreement, choice, board }: QuantizeReport): string {
  const { same, inferences, decibels, right, calibrated } = agreement;
  const percent = (count: number, of: number) => `${((100 * count) / of).toFixed(2)} %`;
  return documentOf(`${name}, quantized`, GENERATOR, [
    tag('h1', {}, escaped(`${name}, quantized`)),
    board ? tag('p', { class: board.fits ? 'verdict' : 'verdict no' }, escaped(board.sentence)) : '',
    cards([
      [
        'agreement',
        percent(same, inferences),
        `of ${inferences} inferences${calibrated ? ' of the calibration' : ''}`,
      ],
      ['output', decibelsText(decibels), 'dB above its error'],
      ...(right
        ? [
            ['right, float', percent(right.float, right.labelled), `of ${right.labelled}`] as const,
            ['right, quantized', percent(right.quantized, right.labelled), `of ${right.labelled}`] as const,
          ]
        : []),
      ...(board
        ? [
            ['constants', grouped(board.constantBytes), `bytes on ${board.id}`] as const,
            ['arena', grouped(board.arenaBytes), 'bytes'] as const,
            ['instructions', `≈ ${grouped(board.instructions)}`, 'predicted'] as const,
          ]
        : []),
    ]),
    section(
      'Signal and error, layer by layer',
      'Decibels of each layer’s output above its difference from the float network’s: what it and all layers before it have lost. As wide as its weights are many, by their square root; coloured by their format.',
      tag('figure', { class: 'fits' }, layersChart(layers)),
      legend(layers),
    ),
    choice && choice.front.length > 1
      ? section(
          'What fewer bytes cost',
          'Choices of formats for the layers, each with the least loss for its bytes of constants: the sum over layers of what noise in each did to the outputs, times the error that its format makes. Red: taken.',
          tag('figure', { class: 'fits' }, frontChart(choice.front, choice.taken)),
        )
      : '',
    section('Layers', '', tag('div', { class: 'tables' }, layersTable(layers, board !== null))),
  ]);
}

const PLOT = { left: 64, top: 20, width: 820, height: 200 } as const;
const COLOURS = ['--input', '--ring', '--output', '--state', '--code', '--image', '--scratch'] as const;

function colourOf(layers: readonly LayerReport[]): (grid: string) => string {
  const grids = [...new Set(layers.map(({ grid }) => grid))];
  return (grid) => `var(${COLOURS[grids.indexOf(grid) % COLOURS.length]})`;
}

function layersChart(layers: readonly LayerReport[]): string {
  const finite = layers.map(({ decibels }) => (Number.isFinite(decibels) ? decibels : 0));
  const high = Math.max(10, ...finite);
  const y = (decibels: number) => PLOT.top + PLOT.height * (1 - Math.max(0, decibels) / high);
  const widths = layers.map(({ weights }) => Math.sqrt(weights));
  const whole = widths.reduce((sum, width) => sum + width, 0) || 1;
  const colour = colourOf(layers);
  let x = PLOT.left;
  const bars = layers.map(({ name, grid, weights, decibels }, i) => {
    const width = (PLOT.width * widths[i]!) / whole;
    const top = y(finite[i]!);
    const title = `${name}: ${decibelsText(decibels)} dB, ${grouped(weights)} weights of ${grid}`;
    const bar = tag(
      'rect',
      {
        x,
        y: top,
        width: Math.max(1, width - 1),
        height: PLOT.top + PLOT.height - top,
        style: `fill:${colour(grid)}`,
      },
      tag('title', {}, escaped(title)),
    );
    x += width;
    return bar;
  });
  return chart(`decibels of ${layers.length} layers`, [...levels(high, y, 'dB'), ...bars]);
}

function frontChart(front: readonly FrontPoint[], taken: FrontPoint): string {
  const points = [...front, taken];
  const bytes = points.map((point) => point.bytes);
  const [least, most] = [Math.min(...bytes), Math.max(...bytes)];
  const decades = points.map(({ loss }) => Math.log10(Math.max(loss, 1e-12)));
  const [low, high] = [Math.floor(Math.min(...decades)), Math.ceil(Math.max(...decades))];
  const x = (value: number) => PLOT.left + 20 + ((PLOT.width - 60) * (value - least)) / (most - least || 1);
  const y = (loss: number) =>
    PLOT.top + PLOT.height * (1 - (Math.log10(Math.max(loss, 1e-12)) - low) / (high - low || 1));
  const dot = (point: FrontPoint, isTaken: boolean) => {
    const formats = Object.entries(point.grids).map(([grid, count]) => `${count} layers of ${grid}`);
    const title = `${grouped(point.bytes)} bytes, loss ${point.loss.toExponential(2)}\n${formats.join(', ')}`;
    return tag(
      'g',
      { class: isTaken ? 'point taken' : 'point', tabindex: 0 },
      tag('title', {}, escaped(title)),
      tag('circle', { cx: x(point.bytes), cy: y(point.loss), r: isTaken ? 7 : 5 }),
    );
  };
  const path = front
    .map((point, i) => `${i ? 'L' : 'M'}${rounded(x(point.bytes))} ${rounded(y(point.loss))}`)
    .join('');
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return chart(`${front.length} choices from ${grouped(least)} to ${grouped(most)} bytes`, [
    ...powers.flatMap((power) => level(y(10 ** power), `1e${power}`)),
    tag('path', { class: 'front', d: path }),
    ...front.map((point) => dot(point, false)),
    dot(taken, true),
    ...[least, most].map((value) =>
      label(x(value), PLOT.top + PLOT.height + 18, grouped(value), { class: 'axis middle' }),
    ),
    label(PLOT.left + PLOT.width / 2, PLOT.top + PLOT.height + 34, 'bytes of constants', {
      class: 'axis middle',
    }),
  ]);
}

function levels(high: number, y: (value: number) => number, unit: string): string[] {
  return ticks(high, 4).flatMap((value) => level(y(value), `${value} ${unit}`));
}

function level(y: number, text: string): string[] {
  return [
    tag('line', { class: 'grid', x1: PLOT.left, x2: PLOT.left + PLOT.width, y1: y, y2: y }),
    label(PLOT.left - 8, y + 4, text, { class: 'axis end' }),
  ];
}

function chart(name: string, content: readonly string[]): string {
  const size = { width: PLOT.left + PLOT.width + 20, height: PLOT.top + PLOT.height + 48 };
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${size.width} ${size.height}`,
      role: 'img',
      'aria-label': name,
    },
    ...content,
  );
}

function legend(layers: readonly LayerReport[]): string {
  const colour = colourOf(layers);
  const entries = [...new Set(layers.map(({ grid }) => grid))].map((grid) =>
    tag('li', {}, tag('i', { style: `background:${colour(grid)}` }), escaped(grid)),
  );
  return tag('ul', { class: 'legend' }, ...entries);
}

function layersTable(layers: readonly LayerReport[], costs: boolean): string {
  const head = [
    '',
    'layer',
    'operator',
    'weights',
    'format',
    'dB',
    'range of the output',
    'sensitivity',
    ...(costs ? ['bytes', 'instructions'] : []),
  ];
  const rows = layers.map(({ name, operator, weights, grid, decibels, range, sensitivity, cost }, i) =>
    tableRow('td', [
      tag('span', { class: 'number' }, String(i + 1)),
      escaped(name),
      escaped(operator),
      grouped(weights),
      escaped(grid),
      decibelsText(decibels),
      range ?? 'fixed',
      sensitivity === null ? '' : sensitivity.toExponential(2),
      ...(costs ? [grouped(cost?.bytes ?? 0), grouped(cost?.instructions ?? 0)] : []),
    ]),
  );
  return tag(
    'table',
    { class: 'figures layers' },
    tag('thead', {}, tableRow('th', head)),
    tag('tbody', {}, ...rows),
  );
}
