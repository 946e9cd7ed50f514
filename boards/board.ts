import type { Target } from '../src/kernels/kernel.js';

export interface MemoryRegion {
  readonly name: string;
  readonly kind: 'flash' | 'ram';
  readonly origin: number;
  readonly bytes: number;
}

/** How to build for and run on something that stands for the board. */
export interface Emulator {
  readonly runner: 'qemu' | 'rp2040js' | 'host' | 'node';
  /** QEMU machine name. */
  readonly machine?: string;
  /** Memory map of the emulated machine where it differs from the board's. */
  readonly regions?: readonly MemoryRegion[];
  /** Base address and clock of the timer that counts instructions under `-icount`. */
  readonly timer?: { readonly kind: 'cmsdk' | 'fpgaio'; readonly address: number; readonly hertz: number };
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
  readonly regions: readonly MemoryRegion[];
  readonly emulator: Emulator;
}
