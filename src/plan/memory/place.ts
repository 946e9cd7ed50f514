import { lowerBound } from './bound.js';
import { extent, type Offsets, placeGreedily } from './greedy.js';
import type { PlacementProblem } from './problem.js';
import { fitInto } from './search.js';

export interface Placement {
  readonly offsets: Offsets;
  readonly size: number;
  /** No placement is smaller. */
  readonly lowerBound: number;
}

/** Looks at pairs for each tried size: well under a second for all of them. */
const BUDGET = 1_000_000;

/**
 * Places the buffers in the least memory; units are granules. Bisects between the bound of what is live at one
 * moment and a greedy placement; each tried size is found, proved impossible, or given up when the search's
 * budget ends, in which case only the bound stays behind the size.
 */
export function place(problem: PlacementProblem): Placement {
  let offsets = placeGreedily(problem);
  let size = extent(problem.sizes, offsets);
  let proved = lowerBound(problem);
  let open = proved;
  let tried = open;
  while (open < size) {
    const answer = fitInto(problem, tried, BUDGET);
    if (answer.kind === 'found') {
      offsets = answer.offsets;
      size = extent(problem.sizes, offsets);
    } else {
      if (answer.kind === 'impossible') proved = Math.max(proved, tried + 1);
      open = tried + 1;
    }
    tried = Math.floor((open + size - 1) / 2);
  }
  return { offsets, size, lowerBound: Math.min(proved, size) };
}
