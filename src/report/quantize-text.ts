import type { QuantizeReport } from '../quantize/index.js';
import { grouped, printable, table } from './text.js';

/** What `bitloom quantize` says. */
export function quantizeText({ layers, agreement, choice, board }: QuantizeReport): string {
  const rows = layers.map(({ name, operator, weights, grid, decibels, cost }) => [
    printable(name),
    operator,
    grouped(weights),
    grid,
    decibelsText(decibels),
    ...(board ? [grouped(cost?.bytes ?? 0), grouped(cost?.instructions ?? 0)] : []),
  ]);
  const titles = [
    'layer',
    'operator',
    'weights',
    'format',
    'dB',
    ...(board ? ['bytes', 'instructions'] : []),
  ];
  const columns = titles.map((title, i) => ({
    title,
    align: [0, 1, 3].includes(i) ? ('left' as const) : ('right' as const),
  }));
  return [table(columns, rows), '', ...summary({ layers, agreement, choice, board })].join('\n');
}

function summary({ layers, agreement, choice, board }: QuantizeReport): string[] {
  const { inferences, same, decibels, right, calibrated } = agreement;
  const share = (count: number, of: number) => `${count} of ${of} (${((100 * count) / of).toFixed(2)} %)`;
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  return [
    `${grouped(weights)} weights`,
    `output: ${decibelsText(decibels)} dB above its error; the greatest element is the float network's in ${share(same, inferences)} inferences${calibrated ? ', those of the calibration' : ''}`,
    ...(right
      ? [
          `right: float ${share(right.float, right.labelled)}, quantized ${share(right.quantized, right.labelled)}`,
        ]
      : []),
    ...(choice && !choice.fits ? ['no choice of formats has room; the smallest was taken'] : []),
    ...(board
      ? [
          `${grouped(board.constantBytes)} bytes of constants, arena of ${grouped(board.arenaBytes)} bytes, about ${grouped(board.instructions)} instructions`,
          board.sentence,
        ]
      : []),
  ];
}

export function decibelsText(decibels: number): string {
  return Number.isFinite(decibels) ? decibels.toFixed(1) : 'exact';
}
