import type { Target } from '../src/kernels/kernel.js';

export interface MemoryRegion {
  readonly name: string;
  /** `test`: holds the golden vectors of a self-test, so that they do not count against the board's own memory. */
  readonly kind: 'flash' | 'ram' | 'test';
  readonly origin: number;
  readonly bytes: number;
  /** What a RAM is for: data alone unless stated. `code`: hot functions run faster there than from flash. */
  readonly use?: readonly ('data' | 'code')[];
}

export function holdsData({ kind, use = ['data'] }: MemoryRegion): boolean {
  return kind === 'ram' && use.includes('data');
}

/** How to build for and run on something that stands for the board. */
export interface Emulator {
  readonly runner: 'qemu' | 'rp2040js' | 'host' | 'node';
  /** QEMU machine name. */
  readonly machine?: string;
  /** Memory map of the emulated machine where it differs from the board's: sizes are the board's. */
  readonly regions?: readonly MemoryRegion[];
  /** Base address and clock of the timer that counts instructions under `-icount`. */
  readonly timer?: { readonly kind: 'cmsdk' | 'fpgaio'; readonly address: number; readonly hertz: number };
}

/** What the firmware of the real board needs beyond the core's own start-up. */
export interface Hardware {
  /** File stem in `boards/common`: where the self-test prints. Semihosting needs an attached debug probe. */
  readonly console: 'semihosting' | 'uart_rp2040';
  /** File stem in `boards/common` of the cycle counter. */
  readonly timer: 'timer_dwt' | 'timer_systick';
  /** File in the board's folder that comes before the vector table. */
  readonly boot: string | null;
  /** Command that writes the image `$(IMAGE)` to the board; null where none is known. */
  readonly flash: string | null;
}

/** A board's profile: `boards/<id>/board.json`. */
export interface Board {
  readonly id: string;
  readonly title: string;
  readonly target: Target;
  /** Core name as users know it, e.g. `Cortex-M4F`; null for `host` and `web`. */
  readonly core: string | null;
  readonly clockHertz: number | null;
  readonly compilerFlags: readonly string[];
  /**
   * Flash memories and RAMs, those of a kind from the fastest on, a FLASH that holds the vectors and a RAM among them; empty for `host` and
   * `web`, which have no limits.
   */
  readonly regions: readonly MemoryRegion[];
  /** null where the artifact is not firmware. */
  readonly hardware: Hardware | null;
  readonly emulator: Emulator;
}
