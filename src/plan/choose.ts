/** Which of the rows that accept a node computes it. */
import type { Graph } from '../graph/graph.js';
import type { Candidate, Choice, Layer } from './candidates.js';
import { checkFit, type Fit } from './fit.js';
import { signature } from './functions.js';
import type { Objective } from './objective.js';
import type { Plan } from './plan.js';

/** Predictions are hardly farther off. By less a row does not replace one before it in the table, which is there for its speed. */
const PREDICTION_ERROR = 0.05;

/** What the objective wants where memory has no limit. */
export function choose(graph: Graph, layers: readonly Layer[], objective: Objective): Choice {
  if (objective === 'speed') return layers.map(fastest);
  const smallest = leastOf(graph, layers, bytesOf);
  if (objective === 'size') return smallest;
  // A share of the smallest plan's bytes weighs as much as the same share of the fastest plan's time.
  const time = total(layers.map(fastest), (candidate) => candidate.time);
  const bytes = total(smallest, (candidate) => candidate.constantBytes + candidate.codeBytes);
  return leastOf(
    graph,
    layers,
    (candidate, shared) => candidate.time / time + bytesOf(candidate, shared) / bytes,
  );
}

function fastest({ candidates }: Layer): Candidate {
  return candidates.reduce((best, candidate) =>
    candidate.time < best.time * (1 - PREDICTION_ERROR) ? candidate : best,
  );
}

function bytesOf({ constantBytes, codeBytes }: Candidate, shared: boolean): number {
  return constantBytes + (shared ? 0 : codeBytes);
}

function total(choice: Choice, of: (candidate: Candidate) => number): number {
  return choice.reduce((sum, candidate) => sum + of(candidate), 0);
}

/** For each layer the candidate of least price; of equal ones the fastest. */
function leastOf(
  graph: Graph,
  layers: readonly Layer[],
  price: (candidate: Candidate, shared: boolean) => number,
): Choice {
  const functions = new Set<string>();
  return layers.map(({ candidates }) => {
    const priced = candidates.map((candidate) => {
      const names = candidate.calls.map((call) => signature(graph, call));
      return {
        candidate,
        names,
        price: price(
          candidate,
          names.every((name) => functions.has(name)),
        ),
      };
    });
    const best = priced.reduce((a, b) =>
      b.price < a.price || (b.price === a.price && b.candidate.time < a.candidate.time) ? b : a,
    );
    for (const name of best.names) functions.add(name);
    return best.candidate;
  });
}

/**
 * The plan of what the objective wants. Where that does not fit the board, layer after layer takes a smaller row, the one that
 * loses least time for the bytes that it saves, until it does; the smallest plan where none fits.
 */
export function planWithin(
  graph: Graph,
  layers: readonly Layer[],
  objective: Objective,
  assemble: (choice: Choice) => Plan,
): Plan {
  const untried = layers.map(({ candidates }) => new Set(candidates));
  for (let choice: Choice | null = choose(graph, layers, objective); choice; ) {
    const plan = assemble(choice);
    const fit = checkFit(plan);
    if (fit.fits || untried.every(({ size }) => size === 1)) return plan;
    for (const [layer, candidate] of choice.entries()) untried[layer]!.delete(candidate);
    choice = economize(choice, untried, plan, fit);
  }
  return assemble(choose(graph, layers, 'size'));
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
function economize(
  choice: Choice,
  untried: readonly ReadonlySet<Candidate>[],
  plan: Plan,
  { uses }: Fit,
): Choice | null {
  const lack = uses.find(({ region, bytes }) => bytes > region.bytes)!;
  const short = lack.bytes - lack.region.bytes;
  const size = (candidate: Candidate) =>
    lack.region.kind === 'ram' ? candidate.room : bytesOf(candidate, false);
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
