import type { Explanation } from '../plan/why.js';
import { grouped, table } from './text.js';

/** The kernels of a layer, one line each, and why one of them computes it. */
export function explanationText(
  { layer, candidates, reason }: Explanation,
  model: string,
  board: string,
): string {
  const hasCycles = candidates.every(({ cycles }) => cycles !== null);
  const rows = candidates.map((candidate) => [
    candidate.chosen ? '>' : '',
    candidate.kernel,
    grouped(candidate.instructions),
    ...(hasCycles ? [grouped(candidate.cycles!)] : []),
    grouped(candidate.constantBytes),
    grouped(candidate.codeBytes),
    grouped(candidate.arenaBytes),
  ]);
  return [
    `${layer} of ${model} on ${board}`,
    '',
    table(
      [
        { title: '', align: 'left' },
        { title: 'kernel', align: 'left' },
        { title: 'instructions', align: 'right' },
        ...(hasCycles ? [{ title: 'cycles', align: 'right' } as const] : []),
        { title: 'constants', align: 'right' },
        { title: 'code', align: 'right' },
        { title: 'RAM', align: 'right' },
      ],
      rows,
    ),
    '',
    reason,
  ].join('\n');
}
