import type { Offsets } from './greedy.js';
import type { PlacementProblem } from './problem.js';

export type Answer =
  | { readonly kind: 'found'; readonly offsets: Offsets }
  | { readonly kind: 'impossible' | 'unknown' };

/**
 * Whether the buffers fit into `size` granules, by branch and bound on the question which buffer of a pair is the
 * lower one. Each buffer keeps the range of offsets that the decisions so far allow; a pair that fits in one
 * order only is decided by propagation. When all buffers at their lowest offsets agree, that is a placement.
 * @param budget how often to look at a pair at most; the answer is `unknown` beyond. Deterministic.
 */
export function fitInto({ sizes, pairs }: PlacementProblem, size: number, budget: number): Answer {
  const arcs: Arc[] = pairs.map(({ a, b, gapAB, gapBA }) => ({ a, b, gapAB, gapBA, order: 0 }));
  const touching: Arc[][] = sizes.map(() => []);
  for (const arc of arcs) {
    touching[arc.a]!.push(arc);
    touching[arc.b]!.push(arc);
  }
  const low = sizes.map(() => 0);
  const high = sizes.map((bytes) => size - bytes);
  if (high.some((offset) => offset < 0)) return { kind: 'impossible' };
  let left = budget;
  const trail: Change[] = [];

  const decide = (arc: Arc, order: 1 | -1) => {
    arc.order = order;
    trail.push({ arc });
  };
  const move = (bounds: number[], i: number, value: number) => {
    trail.push({ bounds, i, before: bounds[i]! });
    bounds[i] = value;
  };
  const undo = (mark: number) => {
    while (trail.length > mark) {
      const change = trail.pop()!;
      if ('arc' in change) change.arc.order = 0;
      else change.bounds[change.i] = change.before;
    }
  };

  /**
   * Draws every conclusion of the changed buffers, or those that the budget allows; false where a range is empty or a
   * pair fits in neither order.
   */
  const propagate = (changed: number[]): boolean => {
    for (let i = changed.pop(); i !== undefined && left > 0; i = changed.pop()) {
      left -= touching[i]!.length;
      for (const arc of touching[i]!) {
        const { a, b, gapAB, gapBA } = arc;
        if (arc.order === 0) {
          const aBelow = low[a]! + gapAB <= high[b]!;
          const bBelow = low[b]! + gapBA <= high[a]!;
          if (!aBelow && !bBelow) return false;
          if (aBelow && bBelow) continue;
          decide(arc, aBelow ? 1 : -1);
        }
        const [under, over, gap] = arc.order === 1 ? [a, b, gapAB] : [b, a, gapBA];
        if (low[under]! + gap > low[over]!) {
          move(low, over, low[under]! + gap);
          changed.push(over);
        }
        if (high[over]! - gap < high[under]!) {
          move(high, under, high[over]! - gap);
          changed.push(under);
        }
        if (low[over]! > high[over]! || low[under]! > high[under]!) return false;
      }
    }
    return true;
  };

  /** The largest undecided pair that collides with every buffer at its lowest offset. */
  const collision = (): Arc | null => {
    let worst: Arc | null = null;
    let weight = -1;
    left -= arcs.length;
    for (const arc of arcs) {
      if (arc.order !== 0) continue;
      const { a, b, gapAB, gapBA } = arc;
      if (low[a]! + gapAB <= low[b]! || low[b]! + gapBA <= low[a]!) continue;
      const w = Math.min(sizes[a]!, sizes[b]!);
      if (w > weight) [worst, weight] = [arc, w];
    }
    return worst;
  };

  const search = (): Answer['kind'] => {
    if (left <= 0) return 'unknown';
    const arc = collision();
    if (!arc) return 'found';
    const { a, b, gapAB, gapBA } = arc;
    const first = low[a]! + gapAB - low[b]! <= low[b]! + gapBA - low[a]! ? 1 : -1;
    for (const order of [first, -first] as (1 | -1)[]) {
      const mark = trail.length;
      decide(arc, order);
      const answer = propagate([a, b]) ? search() : 'impossible';
      if (answer !== 'impossible') return answer;
      undo(mark);
    }
    return 'impossible';
  };

  const kind = propagate([...sizes.keys()]) ? search() : 'impossible';
  return kind === 'found' ? { kind, offsets: low } : { kind };
}

/** What one decision or conclusion changed. */
type Change =
  | { readonly arc: Arc }
  | { readonly bounds: number[]; readonly i: number; readonly before: number };

interface Arc {
  readonly a: number;
  readonly b: number;
  readonly gapAB: number;
  readonly gapBA: number;
  /** 1: a is the lower one; -1: b is; 0: undecided. */
  order: -1 | 0 | 1;
}
