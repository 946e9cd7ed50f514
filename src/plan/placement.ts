/** Which of a board's memories holds what: profiles list those of a kind from the fastest on. */
import { type Board, holdsData, type MemoryRegion } from '../../boards/board.js';
import type { HotCode, Placement, PlanTotals, SpecialisedFunction, Step } from './plan.js';

/** RAM for start-up data and the stack of the caller and of an interrupt. */
const START_UP_RAM = 1024;

/** A fast RAM that holds arena and stack keeps this much for the stack: predictions are no promise. */
const STACK_ROOM = 4096;
/** Functions that take less of the time stay in flash. */
const LEAST_SHARE = 0.01;
/** Of the room for hot code that predicted bytes may fill. */
const FILL = 0.75;

/** Places the parts of a model; null for boards without a memory map. */
export function placeOn(board: Board, parts: Parts): Placement | null {
  if (board.regions.length === 0) return null;
  const { totals } = parts;
  const flashes = board.regions.filter(({ kind }) => kind === 'flash');
  const code = flashes[0]!;
  const codeBytes = totals.codeBytes + totals.startUpBytes;
  const constants =
    flashes.find((flash) => (flash === code ? codeBytes : 0) + totals.constantBytes <= flash.bytes) ??
    largest(flashes);

  const separate = board.regions.filter(holdsData);
  const fitting = separate.find((ram) => totals.arenaBytes + reserve(separate, ram, totals) <= ram.bytes);
  const regions = fitting ? board.regions : joinAdjacent(board.regions);
  const rams = regions.filter(holdsData);
  const arena = fitting ?? largest(rams);
  const placed = { regions, code, constants, arena, stack: rams[0]!, data: rams.at(-1)!, hot: null };
  return { ...placed, hot: hotCode(placed, parts) };
}

interface Parts {
  readonly totals: PlanTotals;
  readonly functions: readonly SpecialisedFunction[];
  readonly steps: readonly Step[];
}

/** Predicted bytes of everything that goes to a region. */
export function usedBytes(placement: Placement, totals: PlanTotals, region: MemoryRegion): number {
  return partsIn(placement, totals, region).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What goes to a region, and its predicted bytes. */
export function partsIn(
  { code, constants, stack, arena, data, hot }: Placement,
  totals: PlanTotals,
  region: MemoryRegion,
): readonly { readonly what: string; readonly bytes: number }[] {
  const parts: readonly [string, MemoryRegion | undefined, number][] = [
    ['constants', constants, totals.constantBytes],
    ['code', code, totals.codeBytes],
    ['start-up code', code, totals.startUpBytes],
    ['arena', arena, totals.arenaBytes],
    ['stack', stack, totals.stackBytes],
    ['start-up data', data, START_UP_RAM],
    ['hot code', hot?.region, hot?.bytes ?? 0],
  ];
  return parts.flatMap(([what, place, bytes]) => (place === region && bytes > 0 ? [{ what, bytes }] : []));
}

/**
 * The map with RAMs that follow each other as one, which has the name and place in the order of the last: the board's and, by the
 * same names, its emulator's.
 */
export function joinAdjacent(regions: readonly MemoryRegion[]): readonly MemoryRegion[] {
  const list: MemoryRegion[] = [];
  for (const region of regions) {
    const before = list.findIndex((r) => holdsData(r) && r.origin + r.bytes === region.origin);
    if (before < 0 || !holdsData(region)) {
      list.push(region);
    } else {
      const [{ origin, bytes }] = list.splice(before, 1) as [MemoryRegion];
      list.push({ ...region, origin, bytes: bytes + region.bytes });
    }
  }
  return list;
}

/** What the first RAM holds besides an arena, and the last. The only one of a board takes what it gets. */
function reserve(rams: readonly MemoryRegion[], ram: MemoryRegion, totals: PlanTotals): number {
  if (rams.length === 1) return totals.stackBytes + START_UP_RAM;
  return (ram === rams[0] ? STACK_ROOM : 0) + (ram === rams.at(-1) ? START_UP_RAM : 0);
}

function largest(regions: readonly MemoryRegion[]): MemoryRegion {
  return regions.reduce((a, b) => (b.bytes > a.bytes ? b : a));
}

/** Those functions that save most for their size, as far as there is room. */
function hotCode(placement: Placement, { steps, functions, totals }: Parts): HotCode | null {
  const region = placement.regions.find(({ kind, use }) => kind === 'ram' && use?.includes('code'));
  if (!region) return null;
  const taken = usedBytes(placement, totals, region) + (region === placement.stack ? STACK_ROOM : 0);
  let room = FILL * (region.bytes - taken);
  const worthwhile = functions
    .map((_, index) => {
      const calls = steps.filter(({ functionIndex }) => functionIndex === index);
      const share = calls.reduce((sum, { cost }) => sum + cost.time, 0) / totals.time;
      return { index, share, bytes: calls.reduce((sum, { cost }) => sum + cost.codeBytes, 0) };
    })
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((a, b) => b.share / b.bytes - a.share / a.bytes);
  const chosen = worthwhile.filter(({ bytes }) => {
    const fits = bytes <= room;
    if (fits) room -= bytes;
    return fits;
  });
  if (chosen.length === 0) return null;
  return {
    region,
    functions: chosen.map(({ index }) => index).sort((a, b) => a - b),
    bytes: chosen.reduce((sum, { bytes }) => sum + bytes, 0),
    share: chosen.reduce((sum, { share }) => sum + share, 0),
  };
}
