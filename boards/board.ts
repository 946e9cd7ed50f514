import type { Target } from '../src/kernels/kernel.js';
import type { Flasher } from './flasher.js';

export interface MemoryRegion {
  readonly name: string;
  /**
   * Of an emulated machine also `test`, which holds the golden vectors of a self-test, so that they do not count against the board's own
   * memory, and `vectors`, where the machine starts if that is not the board's flash.
   */
  readonly kind: 'flash' | 'ram' | 'test' | 'vectors';
  readonly origin: number;
  readonly bytes: number;
  /** What a RAM is for: data alone unless stated. `code`: hot functions run faster there than from flash. */
  readonly use?: readonly ('data' | 'code')[];
}

export function holdsData({ kind, use = ['data'] }: MemoryRegion): boolean {
  return kind === 'ram' && use.includes('data');
}

/** Where the image of a board with memories begins: at its first flash. */
export function imageAddress({ regions }: Pick<Board, 'regions'>): number {
  return regions.find(({ kind }) => kind === 'flash')!.origin;
}

/** The timer that counts instructions under `-icount`: base address and clock. */
export interface EmulatedTimer {
  /** Rest of a file stem in `boards/common`. */
  readonly kind: 'cmsdk' | 'fpgaio' | 'nrf';
  readonly address: number;
  readonly hertz: number;
}

/** How to build for and run on something that stands for the board. */
export interface Emulator {
  readonly runner: 'qemu' | 'qemu-user' | 'rp2040js' | 'host' | 'node';
  /** QEMU machine name; of `qemu-user` the architecture in its name: `qemu-aarch64`. */
  readonly machine?: string;
  /** Processors of `qemu-user` that all run the program, from the one that can do least on. */
  readonly processors?: readonly string[];
  /** Memory map of the emulated machine: names and sizes are the board's. */
  readonly regions?: readonly MemoryRegion[];
  readonly timer?: EmulatedTimer;
}

/** What the firmware of the real board needs beyond the core's own start-up. */
export interface Hardware {
  /** File stem in `boards/common`: where the self-test prints. Semihosting needs an attached debug probe. */
  readonly console: 'semihosting' | 'uart_rp2040' | 'uart_nrf';
  /** Pins of a console of the nRF family: 0 to 31 are those of port 0, 32 and up those of port 1. */
  readonly consolePins?: { readonly transmit: number; readonly receive: number };
  /** File stem in `boards/common` of the cycle counter. */
  readonly timer: 'timer_dwt' | 'timer_systick';
  /**
   * Assembly, a file in the board's folder, of what a boot ROM wants in an image: in section `.boot` before the vector table, or in
   * `.image_def` behind it.
   */
  readonly boot: { readonly file: string; readonly text: string } | null;
  /** By which the chip's boot ROM knows UF2 files that are for it; absent where it takes none. */
  readonly uf2Family?: number;
  /** What writes the image to the board, the best first, each by another tool. */
  readonly flash: readonly Flasher[];
}

/** A second build of the model for processors that can do more than all of the board's can; run time chooses. */
export interface Variant {
  /** Part of names of files and functions. */
  readonly name: string;
  /** What the compiler is told in addition. */
  readonly flags: readonly string[];
  /** Entry of Linux's auxiliary vector (`AT_HWCAP`, `AT_HWCAP2`) and the bit in it that says whether a processor can. */
  readonly auxiliary: number;
  readonly bit: number;
}

/** A board's profile: `board.json` of a folder. */
export interface Board {
  readonly id: string;
  readonly title: string;
  /** Where the figures are from: documents, each with what it says. */
  readonly sources: readonly string[];
  readonly target: Target;
  /** Core name as users know it, e.g. `Cortex-M4F`; null for Android, `host`, `web` and `web-scalar`. */
  readonly core: string | null;
  /** The highest. */
  readonly clockHertz: number | null;
  /** Of the flash at that clock; null where a cache hides them, or where there is none. */
  readonly flashWaitStates: number | null;
  /** Of MUL, 32 by 32 bits to 32; an option of Armv6-M's cores. Null where documents do not say. */
  readonly multiplyCycles: number | null;
  readonly compilerFlags: readonly string[];
  /** From the one that asks for most on. */
  readonly variants?: readonly Variant[];
  /**
   * Flash memories and RAMs, those of a kind from the fastest on, a FLASH that holds the vectors and a RAM among them; empty for
   * Android, `host`, `web` and `web-scalar`, which have no limits.
   */
  readonly regions: readonly MemoryRegion[];
  /** null where the artifact is not firmware. */
  readonly hardware: Hardware | null;
  readonly emulator: Emulator;
}
