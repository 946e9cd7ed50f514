import type { Objective } from './objective.js';
import type { Feed } from './stages/feed.js';
import { OVERHEAD } from './stages/plan-staged.js';
import type { Overrides } from './why.js';

/** What `plan` can be told beside the board. */
export interface PlanOptions {
  /** What the choice of kernels makes small; `speed` unless given. What it wants is taken as far as the board has room. */
  readonly optimize?: Objective;
  /** Kernels by layer (names as in `Plan.steps`), where another than the objective's is wanted. */
  readonly kernels?: Overrides;
  /**
   * By which share more time (0.05: 5 %) layers may take that run row by row, in stages, so that the arena is as small as it gets.
   * Where absent layers do so only if the model does not fit the board otherwise.
   */
  readonly minRam?: number;
  /**
   * For comparison: get smaller arenas not by stages, but as MCUNetV2 does, by layers that compute images in so many times so many
   * patches, halos included.
   */
  readonly patches?: number;
  /**
   * `rows`: the caller brings the input row by row, so that the image is never whole in the arena; layers after it run as stages.
   * `frames`: the rows are frames of a stream without end, of whose last ones each output is made (docs/streaming.md).
   */
  readonly feed?: Feed;
  /**
   * How often the caller brings the image at most, where it is fed: more than once, each time for other columns of it, makes rings of
   * the first layers as much narrower. 1 unless given.
   */
  readonly passes?: number;
}

/** Options as the command line takes them, without those that are as if not given. */
export function optionWords(options: PlanOptions): readonly string[] {
  const { optimize = 'speed', kernels = {}, minRam, patches, feed, passes } = options;
  return [
    ...(optimize === 'speed' ? [] : [`--optimize ${optimize}`]),
    ...Object.entries(kernels).map(([layer, name]) => `--kernel ${layer}=${name}`),
    ...(minRam === undefined ? [] : ['--min-ram']),
    ...(minRam === undefined || minRam === OVERHEAD ? [] : [`--overhead ${percent(minRam)}`]),
    ...(patches === undefined ? [] : [`--patches ${patches}`]),
    ...(feed ? [`--feed ${feed}`] : []),
    ...(passes === undefined ? [] : [`--passes ${passes}`]),
  ];
}

/** Of a share that was read as a percentage: 0.07, whose hundredfold is not 7. */
function percent(share: number): number {
  return Number((100 * share).toPrecision(12));
}
