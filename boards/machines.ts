/** The emulated machines that stand for boards, and where the memories of a board lie in them. */
import { type EmulatedTimer, holdsData, type MemoryRegion } from './board.js';

/** A stretch of memory. */
interface Zone {
  readonly origin: number;
  readonly bytes: number;
}

export interface Machine {
  /** Where code may lie, nearest first; the machine starts by the vectors at the beginning of the first. */
  readonly code: readonly Zone[];
  /** Where data may lie, nearest first. */
  readonly data: readonly Zone[];
  /** For golden vectors; null where no board leaves room for them. */
  readonly test: Zone | null;
  /** null where the emulator's own counters are read. */
  readonly timer: EmulatedTimer | null;
}

const KB = 2 ** 10;
const MB = 2 ** 20;

const zone = (origin: number, bytes: number): Zone => ({ origin, bytes });

/** Arm's FPGA images AN385 and AN386 of the MPS2+: 4 MB at 0 and at 0x20000000, 16 MB of PSRAM. */
const MPS2: Machine = {
  code: [zone(0, 4 * MB)],
  data: [zone(0x20000000, 2 * MB), zone(0x21000000, 16 * MB)],
  test: zone(0x20200000, 2 * MB),
  timer: { kind: 'cmsdk', address: 0x40000000, hertz: 25e6 },
};

/** Of AN500, for code or data that needs more room. */
const PSRAM = zone(0x60000000, 16 * MB);

/** By QEMU's name of the machine; `rp2040js` is the emulator of that name. */
export const MACHINES: Readonly<Record<string, Machine>> = {
  'mps2-an385': MPS2,
  'mps2-an386': MPS2,
  'mps2-an500': { ...MPS2, code: [zone(0, 4 * MB), PSRAM], data: [zone(0x20000000, 2 * MB), PSRAM] },
  'mps2-an505': {
    code: [zone(0x10000000, 4 * MB)],
    data: [zone(0x38000000, 2 * MB), zone(0x80000000, 16 * MB)],
    test: zone(0x38200000, 2 * MB),
    timer: { kind: 'cmsdk', address: 0x50000000, hertz: 20e6 },
  },
  // 512 KB each of ITCM and DTCM, 4 MB of SRAM, and DRAM for more.
  'mps3-an547': {
    code: [zone(0x10000000, 512 * KB), zone(0x70000000, 64 * MB)],
    data: [zone(0x30000000, 512 * KB), zone(0x31000000, 4 * MB), zone(0x78000000, 64 * MB)],
    test: zone(0x11000000, 2 * MB),
    timer: { kind: 'fpgaio', address: 0x59302018, hertz: 20e6 },
  },
  microbit: {
    code: [zone(0, 256 * KB)],
    data: [zone(0x20000000, 16 * KB)],
    test: null,
    timer: { kind: 'nrf', address: 0x40008000, hertz: 16e6 },
  },
  // Flash of 16 MB, of which the board has its part.
  rp2040js: {
    code: [zone(0x10000000, 2 * MB)],
    data: [zone(0x20000000, 264 * KB)],
    test: zone(0x10200000, 8 * MB),
    timer: null,
  },
};

const VECTOR_BYTES = KB;

/**
 * A board's memory map on a machine: names, sizes and order as on the board. Memories that follow each other there do so here.
 * @throws Error naming the memory for which the machine has no room
 */
export function emulatedRegions(
  regions: readonly MemoryRegion[],
  { code, data, test }: Machine,
): readonly MemoryRegion[] {
  const taken = new Map<Zone, number>();
  const origins = new Map<MemoryRegion, number>();
  const place = (group: readonly MemoryRegion[], zones: readonly Zone[]) => {
    const bytes = group.reduce((sum, region) => sum + region.bytes, 0);
    const home = zones.find((one) => (taken.get(one) ?? 0) + bytes <= one.bytes);
    if (!home) throw new Error(`its emulator has no room for ${group.map(({ name }) => name).join(' and ')}`);
    let origin = home.origin + (taken.get(home) ?? 0);
    taken.set(home, (taken.get(home) ?? 0) + bytes);
    for (const region of group) {
      origins.set(region, origin);
      origin += region.bytes;
    }
  };
  const flash = regions.find(({ kind }) => kind === 'flash')!;
  const apart = flash.bytes > code[0]!.bytes;
  if (apart) taken.set(code[0]!, VECTOR_BYTES);
  for (const region of regions) if (!holdsData(region)) place([region], code);
  for (const group of adjacentRams(regions)) place(group, data);
  return [
    ...regions.map((region) => ({ ...region, origin: origins.get(region)! })),
    ...(apart
      ? [{ name: 'VECTORS', kind: 'vectors', origin: code[0]!.origin, bytes: VECTOR_BYTES } as const]
      : []),
    ...(test ? [{ name: 'TEST', kind: 'test', ...test } as const] : []),
  ];
}

/** RAMs for data in stretches without gaps, each by address; stretches in the order of their first in the map. */
function adjacentRams(regions: readonly MemoryRegion[]): readonly (readonly MemoryRegion[])[] {
  const groups: MemoryRegion[][] = [];
  const rams = regions.filter(holdsData).sort((a, b) => a.origin - b.origin);
  for (const ram of rams) {
    const last = groups.at(-1)?.at(-1);
    if (last && last.origin + last.bytes === ram.origin) groups.at(-1)!.push(ram);
    else groups.push([ram]);
  }
  const first = (group: readonly MemoryRegion[]) => Math.min(...group.map((ram) => regions.indexOf(ram)));
  return groups.sort((a, b) => first(a) - first(b));
}
