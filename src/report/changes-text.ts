import { BitloomError } from '../graph/diagnostics.js';
import type { Fit } from '../plan/fit.js';
import type { Plan } from '../plan/plan.js';
import type { Change } from '../plan/what-if/changes.js';
import { grouped } from './text.js';

/** BL302 with by how much the plan does not fit, and the changes by which it would. */
export function misfitError({ prefix, board }: Plan, fit: Fit, changes: readonly Change[]): BitloomError {
  const problem = `${prefix} ${fit.sentence}`;
  const wayOut = changes.map(describe).join('; ');
  return new BitloomError(
    'BL302',
    problem,
    wayOut === ''
      ? `No board, no smaller input and no narrower weights make it fit; bitloom plan --board ${board.id} --why says who needs the memory`
      : `Nearest changes: ${wayOut}`,
  );
}

function describe(change: Change): string {
  switch (change.kind) {
    case 'board':
      return `it fits ${change.board}`;
    case 'feed':
      return `with --feed rows its arena has ${grouped(change.bytes)} bytes, which fit`;
    case 'input': {
      const size = change.shape.join('x');
      return change.estimated
        ? `with an input of about ${size} its arena would fit, in proportion: its shapes are tied to the size that it has`
        : `with an input of ${size} its arena fits`;
    }
    case 'weights': {
      const needs = `${grouped(change.bytes)} bytes of flash`;
      return change.fits
        ? `with ${change.format} weights it needs ${needs}, which fit`
        : `with ${change.format} weights it still needs ${needs}`;
    }
  }
}
