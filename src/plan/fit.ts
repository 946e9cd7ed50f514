import type { MemoryRegion } from '../../boards/board.js';
import { usedBytes } from './placement.js';
import type { Plan, Step } from './plan.js';

/** Predicted use of one memory. */
export interface Use {
  readonly region: MemoryRegion;
  readonly bytes: number;
}

export interface Fit {
  readonly fits: boolean;
  /** Of the memories that hold something; empty where the board has no limits (`host`, `web`). */
  readonly uses: readonly Use[];
  /** For the user: how full the board is, or by how much it is too small and the way out. */
  readonly sentence: string;
}

/** Whether model, start-up code and stack fit the board's memory. Exact for arena and constants, predicted for code and stack. */
export function checkFit(plan: Plan): Fit {
  const { totals, board, placement } = plan;
  if (!placement) return { fits: true, uses: [], sentence: `${board.id} sets no memory limit` };
  const uses = placement.regions
    .map((region) => ({ region, bytes: usedBytes(placement, totals, region) }))
    .filter(({ bytes }) => bytes > 0);
  const full = uses.filter(({ region, bytes }) => bytes > region.bytes);
  const sentence =
    full.length === 0
      ? `fits ${board.id}: ${uses.map(describeUse).join(', ')}`
      : `does not fit ${board.id}: ${full.map((use) => describeLack(plan, use)).join('; ')}`;
  return { fits: full.length === 0, uses, sentence };
}

/** Bytes of the memory that holds the arena which are left for it; null where the board has no limits. */
export function roomOfArena({ totals, placement }: Plan): number | null {
  if (!placement) return null;
  return placement.arena.bytes - (usedBytes(placement, totals, placement.arena) - totals.arenaBytes);
}

function describeUse({ region, bytes }: Use): string {
  return `${grouped(bytes)} of ${grouped(region.bytes)} bytes of ${region.name}`;
}

function describeLack(plan: Plan, { region, bytes }: Use): string {
  const [key, advice]: [keyof Step['cost'], string] =
    region.kind === 'ram'
      ? ['liveBytes', 'a smaller input or fewer channels there help']
      : ['constantBytes', 'fewer channels there help'];
  const greatest = plan.steps.reduce<Step | null>(
    (best, step) => (best && best.cost[key] >= step.cost[key] ? best : step),
    null,
  );
  const culprit = greatest
    ? `; most of it is for ${greatest.name} (${grouped(greatest.cost[key])}): ${advice}`
    : '';
  return `${grouped(bytes - region.bytes)} bytes short of ${region.name} (needs ${grouped(bytes)}, has ${grouped(region.bytes)})${culprit}`;
}

/** 1234567 as 1,234,567. */
export function grouped(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}
