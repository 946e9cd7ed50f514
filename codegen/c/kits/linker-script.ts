import type { MemoryRegion } from '../../../boards/board.js';
import { joinAdjacent } from '../../../src/plan/placement.js';
import type { Plan } from '../../../src/plan/plan.js';

/**
 * The memory map and what goes where, in front of the shared sections (boards/common/sections.ld).
 * @param regions the board's, or its emulator's under the same names
 */
export function linkerScript({ board, placement }: Plan, regions: readonly MemoryRegion[]): string {
  if (!placement) throw new Error(`board '${board.id}' has no memory map`);
  const joined = placement.regions.length < board.regions.length;
  const map = joined ? joinAdjacent(regions) : regions;
  const access = ({ kind, use = [] }: MemoryRegion) =>
    kind === 'ram' ? (use.includes('code') ? 'rwx' : 'rw') : kind === 'flash' ? 'rx' : 'r';
  const memory = map.map(
    (region) =>
      `  ${region.name} (${access(region)}) : ORIGIN = ${hex(region.origin)}, LENGTH = ${region.bytes / 1024}K\n`,
  );
  const aliases = {
    CONSTANTS: placement.constants.name,
    STACK: placement.stack.name,
    ARENA: placement.arena.name,
    HOT: (placement.hot?.region ?? placement.data).name,
    ...(map.some(({ kind }) => kind === 'vectors') ? {} : { VECTORS: 'FLASH' }),
    // Golden vectors, where the map has no place of their own.
    ...(map.some(({ kind }) => kind === 'test') ? {} : { TEST: 'FLASH' }),
  };
  const lines = Object.entries(aliases).map(([name, region]) => `REGION_ALIAS("${name}", ${region})\n`);
  return `MEMORY\n{\n${memory.join('')}}\n${lines.join('')}INCLUDE sections.ld\n`;
}

export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
