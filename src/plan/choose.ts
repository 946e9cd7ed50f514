/** Which of the rows that accept a node computes it. */
import type { Candidate, Choice, Layer } from './candidates.js';
import { checkFit } from './fit.js';
import type { Objective } from './objective.js';
import type { Plan } from './plan.js';

/** By how much a row must win to replace one before it in the table, which is there for its speed: of an odd layer predictions are hardly farther off. */
export const MARGIN = 0.25;

/** What the objective wants where memory has no limit. */
export function choose(layers: readonly Layer[], objective: Objective): Choice {
  if (objective === 'speed') return layers.map(fastest);
  const smallest = leastOf(layers, bytesOf);
  if (objective === 'size') return smallest;
  // A share of the smallest plan's bytes weighs as much as the same share of the fastest plan's time.
  const time = total(layers.map(fastest), (candidate) => candidate.time);
  const code = new Map(smallest.flatMap((candidate) => [...candidate.code]));
  const bytes = total(smallest, ({ constantBytes }) => constantBytes) + sum(code.values());
  return leastOf(layers, (candidate, known) => candidate.time / time + bytesOf(candidate, known) / bytes);
}

function fastest({ candidates }: Layer): Candidate {
  return candidates.reduce((best, candidate) =>
    candidate.time < best.time * (1 - MARGIN) ? candidate : best,
  );
}

/** Constants, and the code that is not `known` yet. */
function bytesOf({ constantBytes, code }: Candidate, known: ReadonlySet<string>): number {
  return constantBytes + sum([...code].map(([name, bytes]) => (known.has(name) ? 0 : bytes)));
}

function total(choice: Choice, of: (candidate: Candidate) => number): number {
  return sum(choice.map(of));
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

/** For each layer the candidate of least price; of equal ones the fastest. */
function leastOf(
  layers: readonly Layer[],
  price: (candidate: Candidate, known: ReadonlySet<string>) => number,
): Choice {
  const known = new Set<string>();
  return layers.map(({ candidates }) => {
    const prices = new Map(candidates.map((candidate) => [candidate, price(candidate, known)]));
    const isBetter = (a: Candidate, b: Candidate) =>
      prices.get(a) === prices.get(b) ? a.time < b.time : prices.get(a)! < prices.get(b)!;
    const best = candidates.reduce((a, b) => (isBetter(b, a) ? b : a));
    for (const name of best.code.keys()) known.add(name);
    return best;
  });
}

/**
 * The plan of what the objective wants. Where that does not fit the board, layer after layer takes a smaller row, the one that
 * loses least time for the bytes that it saves, until it does. Where none fits, the plan that is the fewest bytes short.
 */
export function planWithin(
  layers: readonly Layer[],
  objective: Objective,
  assemble: (choice: Choice) => Plan,
): Plan {
  const untried = layers.map(({ candidates }) => new Set(candidates));
  let closest: { plan: Plan; short: number } | null = null;
  const attempt = (choice: Choice) => {
    const plan = assemble(choice);
    const short = sum(checkFit(plan).uses.map(({ region, bytes }) => Math.max(0, bytes - region.bytes)));
    if (!closest || short < closest.short) closest = { plan, short };
    return { plan, fits: short === 0 };
  };
  for (let choice: Choice | null = choose(layers, objective); choice; ) {
    const { plan, fits } = attempt(choice);
    if (fits) return plan;
    for (const [layer, candidate] of choice.entries()) untried[layer]!.delete(candidate);
    choice = economize(choice, untried, plan);
  }
  attempt(choose(layers, 'size'));
  return closest!.plan;
}

/** A layer that takes another row. */
interface Change {
  readonly layer: number;
  readonly to: Candidate;
  readonly saved: number;
  /** Time lost a byte. */
  readonly price: number;
}

/** The choice with less of the memory that is short; null where no untried candidate has less. */
function economize(choice: Choice, untried: readonly ReadonlySet<Candidate>[], plan: Plan): Choice | null {
  const lack = checkFit(plan).uses.find(({ region, bytes }) => bytes > region.bytes)!;
  const short = lack.bytes - lack.region.bytes;
  const size = (candidate: Candidate) =>
    lack.region.kind === 'ram' ? candidate.room : bytesOf(candidate, new Set());
  const changes = choice.flatMap((from, layer) =>
    [...untried[layer]!].flatMap((to): Change[] => {
      const saved = size(from) - size(to);
      return saved > 0 ? [{ layer, to, saved, price: (to.time - from.time) / saved }] : [];
    }),
  );
  const wanted = lack.region.kind === 'ram' ? tight(changes, choice, plan, short) : changes;
  wanted.sort((a, b) => a.price - b.price);
  if (wanted.length === 0) return null;
  const next = [...choice];
  const changed = new Set<number>();
  let saved = 0;
  for (const change of wanted) {
    if (saved >= short || changed.has(change.layer)) continue;
    next[change.layer] = change.to;
    changed.add(change.layer);
    // The arena is as large as its tightest step: what several save is no sum.
    saved = lack.region.kind === 'ram' ? short : saved + change.saved;
  }
  return next;
}

/** Of the changes those of steps that need more than the arena may have, or all where none of these would help. */
function tight(changes: readonly Change[], choice: Choice, { steps, totals }: Plan, short: number): Change[] {
  const crowded = choice.map(({ calls }) =>
    calls.some((call) =>
      steps.some((step) => step.call === call && step.cost.liveBytes > totals.arenaBytes - short),
    ),
  );
  const found = changes.filter(({ layer }) => crowded[layer]);
  return found.length > 0 ? found : [...changes];
}
