/** What programs on a bare Cortex-M need beside themselves, on the board and in its emulator. */
import type { Board, Hardware } from '../../../boards/board.js';
import { readAsset } from '../../../src/package/root.js';
import type { Plan } from '../../../src/plan/plan.js';
import { hex, linkerScript } from './linker-script.js';

/** Start-up and self-test use little; the rest is room for interrupts. */
const LEAST_STACK_BYTES = 2048;

/** Kits let an instruction take 2^7 ns in QEMU: more than one tick of every machine's timer. */
export const ICOUNT_SHIFT = 7;

/** Puts a function of the model where sections.ld copies it from. */
const HOT_ATTRIBUTE = '__attribute__((section(".model.hot." BL_LINE)))';

const COMMON = ['startup.c', 'measure.c', 'memory.c'];

/** Of one machine: names of files in `platform/`, and what they are compiled with. */
export interface Machine {
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

export interface CortexMPlatform {
  readonly board: Machine;
  readonly emulator: Machine;
  /** The value of BL_HOT, where hot code is copied. */
  readonly hot: string | null;
  /** That the image reserves. */
  readonly stackBytes: number;
  /** In `platform/`: those sources and the linker scripts board.ld and emulator.ld. */
  readonly files: readonly [string, string][];
}

export function cortexMPlatform(plan: Plan, hardware: Hardware): CortexMPlatform {
  const { board, placement } = plan;
  const { emulator } = board;
  const { boot, consolePins: pins } = hardware;
  const booting = boot ? [boot.file] : [];
  const boardSources = [...COMMON, `${hardware.console}.c`, `${hardware.timer}.c`, ...booting];
  const emulatorSources = [...COMMON, 'semihosting.c', `${emulatorTimer(board)}.c`, ...booting];
  return {
    board: {
      sources: boardSources,
      flags: pins ? [`-DCONSOLE_TX=${pins.transmit}u`, `-DCONSOLE_RX=${pins.receive}u`] : [],
    },
    emulator: {
      sources: emulatorSources,
      flags: emulator.timer ? [`-DTIMER_ADDRESS=${hex(emulator.timer.address)}u`] : [],
    },
    hot: placement?.hot ? HOT_ATTRIBUTE : null,
    stackBytes: stackBytes(plan),
    files: [
      ['platform/board.ld', linkerScript(plan, board.regions)],
      ['platform/emulator.ld', linkerScript(plan, emulator.regions ?? board.regions)],
      ['platform/sections.ld', readAsset('boards/common/sections.ld')],
      ...[...new Set([...boardSources, ...emulatorSources])].map((name): [string, string] => [
        `platform/${name}`,
        name === boot?.file ? boot.text : readAsset(`boards/common/${name}`),
      ]),
    ],
  };
}

function emulatorTimer({ emulator }: Board): string {
  return emulator.timer ? `timer_${emulator.timer.kind}` : `timer_${emulator.runner}`;
}

/** Twice the prediction, in whole KB. */
function stackBytes({ totals }: Plan): number {
  return Math.max(LEAST_STACK_BYTES, Math.ceil((2 * totals.stackBytes) / 1024) * 1024);
}

/** Headless, semihosting on standard output, 2^shift ns of virtual time an instruction. */
export function qemuArguments(machine: string, shift: number): readonly string[] {
  return [
    ...['-M', machine, '-display', 'none', '-monitor', 'none', '-serial', 'none'],
    ...['-chardev', 'stdio,id=console', '-semihosting-config', 'enable=on,target=native,chardev=console'],
    ...['-icount', `shift=${shift}`],
  ];
}
