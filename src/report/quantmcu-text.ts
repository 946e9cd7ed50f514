import type { QuantMcuReport } from '../quantmcu/index.js';
import { grouped, printable, table } from './text.js';

/** What `bitloom quantmcu` says. */
export function quantMcuText({ maps, bitOps, needs, agreement, kept, verdict }: QuantMcuReport): string {
  const rows = maps.map(({ name, shape, macs, bits, entropy }) => [
    printable(name),
    shape.join('x'),
    grouped(macs),
    String(bits),
    entropy.before.toFixed(2),
    entropy.after.toFixed(2),
  ]);
  const columns = ['feature map', 'shape', 'MACs on it', 'bits', 'entropy', 'as stored'].map((title, i) => ({
    title,
    align: i < 2 ? ('left' as const) : ('right' as const),
  }));
  const { inferences, same, calibrated } = agreement;
  const lines = [
    `BitOPs ${grouped(bitOps.before)} to ${grouped(bitOps.after)}: ${(bitOps.before / bitOps.after).toFixed(2)} times fewer`,
    ...(needs
      ? [
          `arena on ${needs.board} ${grouped(needs.before.arenaBytes)} to ${grouped(needs.after.arenaBytes)} bytes, ` +
            `about ${grouped(needs.before.instructions)} to ${grouped(needs.after.instructions)} instructions`,
        ]
      : []),
    `the same class as with 8 bits: ${same} of ${inferences} inferences${calibrated ? ', those of the calibration' : ''}`,
    `${kept ? 'kept' : '8 bits are kept'}: ${verdict}`,
  ];
  return `${table(columns, rows)}\n\n${lines.join('\n')}`;
}
