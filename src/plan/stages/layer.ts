import type { Node } from '../../graph/ops.js';
import type { RowWindow } from './row-window.js';

/** What a layer of a stage reads row by row: another layer of it, or (null) the stage's input, whose rows set the pace. */
export interface Source {
  readonly layer: number | null;
  readonly window: RowWindow;
  /** Rows of what is read. */
  readonly height: number;
}

export interface StageLayer {
  readonly node: Node;
  /** Rows of its output, or of its input where it accumulates. */
  readonly height: number;
  readonly sources: readonly Source[];
  /** Rows that it makes a round at most: as the input's bottom edge makes the last ones all ready at once, rings need not grow for them. */
  readonly most: number;
}
