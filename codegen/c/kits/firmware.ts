import type { Board, Hardware } from '../../../boards/board.js';
import { readAsset } from '../../../src/package/root.js';
import type { Artifact } from '../../../src/plan/artifact.js';
import type { Plan } from '../../../src/plan/plan.js';
import { fedImage } from '../../feed.js';
import { namesOf } from '../types.js';
import { androidMakefile, androidPlatform } from './android.js';
import { hex, linkerScript } from './linker-script.js';
import { kitMakefile } from './makefile.js';
import { type SelfTest, selfTestVectors } from './selftest.js';

/** Where the kit keeps its golden vectors; a runner replaces this file to test others. */
export const VECTORS_PATH = 'selftest/selftest_vectors.c';

/** Start-up and self-test use little; the rest is room for interrupts. */
const LEAST_STACK_BYTES = 2048;

/** `make run` lets an instruction take 2^7 ns: more than one tick of every machine's timer. */
const ICOUNT_SHIFT = 7;

/** Puts a function of the model where sections.ld copies it from. */
const HOT_ATTRIBUTE = '__attribute__((section(".model.hot." BL_LINE)))';

const COMMON_PLATFORM = ['startup.c', 'measure.c', 'memory.c'];

/**
 * Makes a buildable project of a model's C files: self-test with golden vectors, Makefile and, for boards with a
 * Cortex-M, start-up code and linker scripts of the real board and of its emulator.
 *
 * @param artifact what `emitC` made of the same plan
 * @param selfTest golden vectors; see `selfTestOf` in src/verify
 */
export function emitFirmware(plan: Plan, artifact: Artifact, selfTest: SelfTest): Artifact {
  const sources = [...artifact.keys()].filter((path) => path.endsWith('.c')).sort();
  const files = new Map<string, string>([
    ['selftest/selftest.h', readAsset('codegen/c/kits/selftest.h')],
    ['selftest/selftest.c', readAsset('codegen/c/kits/selftest.c')],
    [VECTORS_PATH, selfTestVectors(plan, selfTest)],
    ['platform/platform.h', readAsset('boards/common/platform.h')],
    ...otherFiles(plan, sources),
  ]);
  const encoder = new TextEncoder();
  return new Map([
    ...artifact,
    ...[...files].map(([path, text]): [string, Uint8Array] => [path, encoder.encode(text)]),
  ]);
}

function otherFiles(plan: Plan, sources: readonly string[]): readonly [string, string][] {
  const { hardware, emulator } = plan.board;
  if (hardware) return cortexM(plan, hardware, sources);
  return emulator.runner === 'qemu-user' ? android(plan, sources) : host(plan, sources);
}

function host(plan: Plan, sources: readonly string[]): readonly [string, string][] {
  return [
    ['platform/platform.c', readAsset('boards/host/platform.c')],
    ['Makefile', `${modelVariables(plan, sources)}${kitMakefile('host')}`],
  ];
}

function android(plan: Plan, sources: readonly string[]): readonly [string, string][] {
  return [...androidPlatform(), ['Makefile', `${modelVariables(plan, sources)}${androidMakefile(plan)}`]];
}

function cortexM(plan: Plan, hardware: Hardware, sources: readonly string[]): readonly [string, string][] {
  const { board, placement } = plan;
  const { emulator } = board;
  const boot = hardware.boot ? [hardware.boot.file] : [];
  const boardSources = [...COMMON_PLATFORM, `${hardware.console}.c`, `${hardware.timer}.c`, ...boot];
  const emulatorSources = [...COMMON_PLATFORM, 'semihosting.c', `${emulatorTimer(board)}.c`, ...boot];
  const stems = (paths: readonly string[]) => paths.map((path) => path.replace(/\.[cS]$/, '')).join(' ');
  const variables: Record<string, string> = {
    CPU: board.compilerFlags.join(' '),
    ...(placement?.hot ? { PLACEMENT: `'-DBL_HOT=${HOT_ATTRIBUTE}'` } : {}),
    ...(placement && placement.constants !== placement.code ? { APART: '.model.rodata' } : {}),
    STACK_BYTES: String(stackBytes(plan)),
    BOARD_PLATFORM: stems(boardSources),
    EMULATOR_PLATFORM: stems(emulatorSources),
    BOARD_FLAGS: hardware.consolePin === undefined ? '' : `-DCONSOLE_TX=${hardware.consolePin}u`,
    EMULATOR_FLAGS: emulator.timer ? `-DTIMER_ADDRESS=${hex(emulator.timer.address)}u` : '',
    RUN: runCommand(plan),
    FLASH: hardware.flash[0] ?? `@echo "no command is known that writes to ${board.title}"; false`,
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name} = ${value}`.trimEnd());
  return [
    [
      'Makefile',
      `${modelVariables(plan, sources)}${lines.join('\n')}\n${readAsset('codegen/c/kits/firmware.mk')}`,
    ],
    ['platform/board.ld', linkerScript(plan, board.regions)],
    ['platform/emulator.ld', linkerScript(plan, emulator.regions ?? board.regions)],
    ['platform/sections.ld', readAsset('boards/common/sections.ld')],
    ...[...new Set([...boardSources, ...emulatorSources])].map((name): [string, string] => [
      `platform/${name}`,
      name === hardware.boot?.file ? hardware.boot.text : readAsset(`boards/common/${name}`),
    ]),
    ['README.md', readme(plan, hardware)],
  ];
}

function modelVariables(plan: Plan, sources: readonly string[]): string {
  return `# Model '${plan.prefix}' on ${plan.board.title}. Generated by Bitloom.
MODEL = ${plan.prefix}
BOARD = ${plan.board.id}
MODEL_SOURCES = ${sources.join(' ')}
TRACE_MACRO = ${namesOf(plan.prefix).macro}_TRACE
`;
}

function emulatorTimer({ emulator }: Board): string {
  return emulator.timer ? `timer_${emulator.timer.kind}` : `timer_${emulator.runner}`;
}

/** Bytes that the image reserves for the stack: twice the prediction, in whole KB. */
function stackBytes({ totals }: Plan): number {
  return Math.max(LEAST_STACK_BYTES, Math.ceil((2 * totals.stackBytes) / 1024) * 1024);
}

function runCommand({ board, prefix }: Plan): string {
  const { machine } = board.emulator;
  return machine
    ? `qemu-system-arm ${qemuArguments(machine, ICOUNT_SHIFT).join(' ')} -kernel $(EMULATOR_IMAGE)`
    : `@echo "run it with: bitloom verify ${prefix}.tflite --board ${board.id}"; false`;
}

/** Headless, semihosting on standard output, 2^shift ns of virtual time an instruction. */
export function qemuArguments(machine: string, shift: number): readonly string[] {
  return [
    ...['-M', machine, '-display', 'none', '-monitor', 'none', '-serial', 'none'],
    ...['-chardev', 'stdio,id=console', '-semihosting-config', 'enable=on,target=native,chardev=console'],
    ...['-icount', `shift=${shift}`],
  ];
}

/** What the emulator's image prints as ticks. */
function emulatorCounts({ emulator }: Board): string {
  if (!emulator.timer) return 'In the emulator ticks are executed instructions.';
  const ticks = (2 ** ICOUNT_SHIFT * emulator.timer.hertz) / 1e9;
  return `In the emulator ${ticks} ticks are one executed instruction.`;
}

function readme(plan: Plan, hardware: Hardware): string {
  const { board, prefix } = plan;
  const { macro } = namesOf(prefix);
  const { machine } = board.emulator;
  const commands: readonly (readonly [string, string])[] = [
    [
      'make',
      `builds the self-test for the board: \`build/${prefix}-${board.id}.elf\`, \`.bin\` and \`.hex\``,
    ],
    ...hardware.flash
      .slice(0, 1)
      .map((command) => ['make flash', `writes it to the board: \`${command}\``] as const),
    ['make size', "sizes by section; `.model.text` and `.model.rodata` are the model's own"],
    ['make emulator', 'the same objects of the model with the memory map and console of the emulator'],
    ...(machine ? [['make run', `runs that in QEMU as ${machine}`] as const] : []),
    ['make TRACE=1 ...', 'checks and times every layer'],
  ];
  return `# ${prefix} on ${board.title}

Generated by Bitloom. \`${prefix}.h\` is the interface of the model; \`${prefix}*.c\` and \`kernels/\` are all that it needs.
The rest is a self-test: it runs the model on golden vectors and compares every byte.

| command | what it does |
|---|---|
${commands.map(([command, what]) => `| \`${command}\` | ${what} |`).join('\n')}

Needs make and arm-none-eabi-gcc${machine ? ', and qemu-system-arm to run it here' : ''} (Debian: \`apt install make gcc-arm-none-eabi
libnewlib-arm-none-eabi${machine ? ' qemu-system-arm' : ''}\`).${machine ? '' : ` \`bitloom verify ${prefix}.tflite --board ${board.id}\` runs it in ${board.emulator.runner}.`}

The board's image counts cycles of the core (\`cycles=\`). ${emulatorCounts(board)}
${consoleText(hardware)}

## In your own firmware

\`\`\`c
#include "${prefix}.h"

static ${macro}_ALIGNED(${macro}_ARENA_ALIGNMENT) uint8_t arena[${macro}_ARENA_BYTES];
\`\`\`

${usage(plan)}
The model needs ${plan.arena.bytes} bytes of arena, its stack, and no other RAM.
${placementAdvice(plan)}`;
}

function consoleText({ console, consolePin }: Hardware): string {
  const line = '115200 baud, 8 data bits, no parity';
  switch (console) {
    case 'semihosting':
      return `It leaves the clocks as they are after reset and prints by semihosting: without a debug probe that has semihosting
enabled it stops at its first line.`;
    case 'uart_rp2040':
      return `It runs at the 12 MHz of the crystal and prints on UART0: GPIO 0, ${line}.`;
    case 'uart_nrf':
      return `It leaves the clocks as they are after reset and prints on the UART: P0.${String(consolePin).padStart(2, '0')}, ${line}.`;
  }
}

function usage(plan: Plan): string {
  const { prefix } = plan;
  const fed = fedImage(plan);
  if (fed?.stream)
    return `Call \`${prefix}_reset(arena)\` once and \`${prefix}_push_frames(arena, frames, count)\` as frames come; when it returns more than 0, read the output.`;
  return fed
    ? `Call \`${prefix}_reset(arena)\` once and \`${prefix}_push_rows(arena, rows, count)\` as rows of the image come; when it returns 1, read the output.`
    : `Write the input, call \`${prefix}_run(arena)\`, read the output: \`${prefix}.h\` says where each lies.`;
}

function placementAdvice({ placement }: Plan): string {
  if (!placement?.hot) return '';
  const { hot, arena, constants } = placement;
  return `
Here the arena is in ${arena.name}, the constants are in ${constants.name}, and start-up copies the functions that are marked \`BL_HOT\`, about
${hot.bytes} bytes, to ${hot.region.name}. In your firmware define that macro as the attribute that does so there, as the Makefile does; without it they
run from flash.
`;
}
