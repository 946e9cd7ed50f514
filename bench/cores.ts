/** The cores that firmware is measured for, each with the whole memory of an emulated machine that runs its code. */
import type { Board, MemoryRegion } from '../boards/board.js';
import { loadBoard } from '../boards/index.js';

export type CoreName = 'M0+' | 'M3' | 'M4' | 'M7' | 'M33' | 'M55';

interface Core {
  /** The board whose target and compiler flags are the core's. */
  readonly profile: string;
  /** The board whose emulator runs it: Armv6-M code runs on a Cortex-M4 as it is. */
  readonly machine: string;
  /** Memory larger than that of any board, so that every model fits. */
  readonly regions: readonly MemoryRegion[];
}

const region = (kind: MemoryRegion['kind'], origin: number, megabytes: number): MemoryRegion => ({
  name: kind.toUpperCase(),
  kind,
  origin,
  bytes: megabytes * 2 ** 20,
});

/** 4 MB at 0 and at 0x20000000, 16 MB of PSRAM: the FPGA images AN385 and AN386. */
const MPS2 = [region('flash', 0, 4), region('ram', 0x21000000, 16), region('test', 0x20000000, 4)];

const CORES: Readonly<Record<CoreName, Core>> = {
  'M0+': { profile: 'pico', machine: 'mps2-an386', regions: MPS2 },
  M3: { profile: 'mps2-an385', machine: 'mps2-an385', regions: MPS2 },
  M4: { profile: 'nucleo-f446re', machine: 'mps2-an386', regions: MPS2 },
  M7: {
    profile: 'nucleo-f746zg',
    machine: 'nucleo-f746zg',
    regions: [region('flash', 0, 4), region('ram', 0x60000000, 16), region('test', 0x20000000, 4)],
  },
  M33: {
    profile: 'nrf5340-dk',
    machine: 'nrf5340-dk',
    regions: [region('flash', 0x10000000, 4), region('ram', 0x80000000, 16), region('test', 0x38000000, 4)],
  },
  // Vectors must be in the ITCM, of which there are 512 KB, followed by nothing.
  M55: {
    profile: 'mps3-an547',
    machine: 'mps3-an547',
    regions: [region('flash', 0x10000000, 0.5), region('ram', 0x31000000, 4), region('test', 0x11000000, 2)],
  },
};

export const CORE_NAMES = Object.keys(CORES) as readonly CoreName[];

/** A board of that core on which any model can be measured. */
export function measuringBoard(name: CoreName): Board {
  const { profile, machine, regions } = CORES[name];
  const board = loadBoard(profile);
  const { emulator } = loadBoard(machine);
  return {
    ...board,
    hardware: board.hardware && { ...board.hardware, boot: null },
    regions,
    emulator: { ...emulator, regions },
  };
}
