import { extent, type Offsets, placeGreedily } from './greedy.js';
import type { PlacementProblem } from './problem.js';

export interface Placement {
  readonly offsets: Offsets;
  readonly size: number;
  /** No placement is smaller. */
  readonly lowerBound: number;
}

/** Places the buffers in as little memory as can be found; units are granules. */
export function place(problem: PlacementProblem): Placement {
  const offsets = placeGreedily(problem);
  const size = extent(problem.sizes, offsets);
  return { offsets, size, lowerBound: 0 };
}
