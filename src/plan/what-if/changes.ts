/** Where a model does not fit its board: the nearest changes by which it would, each planned and not guessed. */
import type { Board, MemoryRegion } from '../../../boards/board.js';
import { BitloomError } from '../../graph/diagnostics.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import { withInputSize } from '../../graph/with-input-size.js';
import { checkFit, roomOfArena, type Use } from '../fit.js';
import type { Plan } from '../plan.js';
import type { Feed } from '../stages/feed.js';
import { roomShort } from '../stages/plan-staged.js';
import { COARSER, type Coarser, withWeights } from './coarser-weights.js';

export type Change =
  /** On that board all of it fits. */
  | { readonly kind: 'board'; readonly board: string }
  /** Fed by rows (`--feed rows`) its arena fits, and has so many bytes. */
  | { readonly kind: 'feed'; readonly bytes: number }
  /** With an input of this shape the arena fits; `estimated` in proportion to the image where shapes are tied to the size. */
  | { readonly kind: 'input'; readonly shape: readonly number[]; readonly estimated: boolean }
  /** With weights of this format the plan needs so many bytes of the flash that is short; whether that fits. */
  | { readonly kind: 'weights'; readonly format: Coarser; readonly bytes: number; readonly fits: boolean };

/** As `planModel` with the options of the plan in question, or fed otherwise. */
export type Replan = (graph: Graph, board: Board, feed?: Feed) => Plan;

const MOST_BOARDS = 2;

/** Packings of the same weights by different kernels differ by less: boards with less flash are not tried. */
const PACKING = 2;

/** Images are tried in steps of this where they have several, as networks are trained for such sizes. */
const SIZE_STEP = 16;

/**
 * What would make the model of `plan` fit.
 * @param boards to look at
 * @returns none where it fits
 */
export function nearestChanges(graph: Graph, plan: Plan, boards: readonly Board[], replan: Replan): Change[] {
  const lacks = checkFit(plan).uses.filter(({ region, bytes }) => bytes > region.bytes);
  const ram = lacks.find(({ region }) => region === plan.placement?.arena);
  const flash = lacks.find(({ region }) => region.kind === 'flash');
  return [
    ...(lacks.length > 0 ? largerBoards(graph, plan, boards, replan) : []),
    ...(ram && !plan.feed ? fedByRows(graph, plan, replan) : []),
    ...(ram ? smallerInput(graph, plan, replan) : []),
    ...(flash ? coarserWeights(graph, ram ? withRoom(plan) : plan.board, flash, replan) : []),
  ];
}

/** The smallest boards that hold it. */
function largerBoards(graph: Graph, plan: Plan, boards: readonly Board[], replan: Replan): Change[] {
  const bytesOf = ({ regions }: Board, kind?: MemoryRegion['kind']) =>
    regions.reduce((sum, region) => (kind && region.kind !== kind ? sum : sum + region.bytes), 0);
  const ordered = boards
    .filter(({ id, regions }) => id !== plan.board.id && regions.length > 0)
    .filter((board) => PACKING * bytesOf(board, 'flash') >= plan.totals.constantBytes)
    .sort((a, b) => bytesOf(a) - bytesOf(b) || (a.id < b.id ? -1 : 1));
  const found: Change[] = [];
  for (const board of ordered) {
    if (found.length === MOST_BOARDS) break;
    if (attempt(() => replan(graph, board), isFitting)) found.push({ kind: 'board', board: board.id });
  }
  return found;
}

/** The image's rows as they come, in place of the whole image. */
function fedByRows(graph: Graph, { board }: Plan, replan: Replan): Change[] {
  let bytes = 0;
  const fits = attempt(
    () => replan(graph, board, 'rows'),
    (made) => {
      bytes = made.arena.bytes;
      return roomShort(made) === 0;
    },
  );
  return fits ? [{ kind: 'feed', bytes }] : [];
}

/** The largest image of the same proportions whose arena fits. */
function smallerInput(graph: Graph, plan: Plan, replan: Replan): Change[] {
  const [input, ...others] = graph.inputs;
  if (input === undefined || others.length > 0 || tensorAt(graph, input).shape.length !== 4) return [];
  const [n = 1, height = 0, width = 0, channels = 0] = tensorAt(graph, input).shape;
  const step = height >= 4 * SIZE_STEP ? SIZE_STEP : 1;
  const sizeOf = (rows: number) => ({ rows, columns: Math.max(1, Math.round((rows * width) / height)) });
  const change = (rows: number, estimated: boolean): Change[] => {
    const shape = [n, rows, sizeOf(rows).columns, channels];
    return rows > 0 ? [{ kind: 'input', shape, estimated }] : [];
  };
  const sizes = Array.from({ length: Math.ceil(height / step) - 1 }, (_, i) => step * (i + 1));
  const graphs = sizes.flatMap((rows) => {
    const smaller = withInputSize(graph, rows, sizeOf(rows).columns);
    return smaller ? [{ rows, smaller }] : [];
  });
  const share = Math.max(0, roomOfArena(plan) ?? 0) / plan.arena.bytes;
  const guess = Math.floor(height * Math.sqrt(share));
  const fitting = lastTrue(
    graphs.length,
    graphs.findLastIndex(({ rows }) => rows <= guess),
    (i) =>
      attempt(
        () => replan(graphs[i]!.smaller, plan.board),
        (made) => roomShort(made) === 0,
      ),
  );
  if (fitting >= 0) return change(graphs[fitting]!.rows, false);
  return graphs.length < sizes.length ? change(guess, true) : [];
}

/** The last index below `count` that `holds`, which all before it do and none after it; -1 for none. Steps grow from `guess` on, as it is near. */
function lastTrue(count: number, guess: number, holds: (i: number) => boolean): number {
  let [low, high] = [-1, count];
  for (let [probe, step] = [Math.max(0, guess), 1]; high - low > 1; step *= 2) {
    const held = holds(probe);
    if (held) low = probe;
    else high = probe;
    const next = held ? probe + step : probe - step;
    probe = low < next && next < high ? next : Math.floor((low + high) / 2);
  }
  return low;
}

/** The plan's board with room for any arena: which schedule saves RAM is long to search for, and little to flash. */
function withRoom({ board, placement }: Plan): Board {
  const regions = board.regions.map((region) =>
    region.name === placement?.arena.name ? { ...region, bytes: Number.MAX_SAFE_INTEGER } : region,
  );
  return { ...board, regions };
}

function coarserWeights(graph: Graph, board: Board, { region }: Use, replan: Replan): Change[] {
  return COARSER.flatMap((format): Change[] => {
    try {
      const coarser = checkFit(replan(withWeights(graph, format), board));
      const bytes = coarser.uses.find(({ region: { name } }) => name === region.name)?.bytes ?? 0;
      return [{ kind: 'weights', format, bytes, fits: bytes <= region.bytes }];
    } catch (error) {
      if (error instanceof BitloomError) return [];
      throw error;
    }
  });
}

/** Whether what is planned does; not where it cannot be planned at all. */
function attempt(make: () => Plan, does: (plan: Plan) => boolean): boolean {
  try {
    return does(make());
  } catch (error) {
    if (error instanceof BitloomError) return false;
    throw error;
  }
}

function isFitting(plan: Plan): boolean {
  return checkFit(plan).fits;
}
