/** Emulated machines under the stubs of frameworks in sdk/: what links a framework's program, and what runs an image. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cortexMPlatform, ICOUNT_SHIFT, qemuArguments } from '../../../codegen/c/kits/cortex-m.js';
import { PACKAGE_ROOT, readAsset } from '../../../src/package/root.js';
import type { Plan } from '../../../src/plan/plan.js';
import { readElf } from '../../../src/verify/elf.js';
import { runImage } from '../../../src/verify/rp2040js.js';
import { run } from '../artifacts.js';

export const SDK = join(PACKAGE_ROOT, 'test/support/kits/sdk');

/** Names that kits define themselves. */
const RENAMED = ['write', 'read', 'exit', 'now', 'start', 'measure', 'time', 'cost'].map(
  (name) => `-Dplatform_${name}=board_${name}`,
);

/** newlib's own stack and heap use beside the model's. */
const EXTRA_STACK_BYTES = 8192;
const LIMIT = 2_000_000_000;

export interface Machine {
  /** Has machine.cmake, for stubs that are built by CMake. */
  readonly folder: string;
  readonly cpu: readonly string[];
  readonly objects: readonly string[];
  readonly link: readonly string[];
}

/** Compiles start-up, console and timer of the emulator of a plan's board. */
export function machineFor(plan: Plan, folder: string): Machine {
  const platform = cortexMPlatform(plan, plan.board.hardware!);
  const own = join(folder, 'platform');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'platform.h'), readAsset('boards/common/platform.h'));
  for (const [path, text] of platform.files) writeFileSync(join(folder, path), text);
  const cpu = plan.board.compilerFlags;
  const compile = (source: string, flags: readonly string[]) => {
    const object = join(folder, `${source.replace(/^.*\//, '')}.o`);
    run(
      'arm-none-eabi-gcc',
      [...cpu, '-Os', '-ffunction-sections', ...flags, '-c', source, '-o', object],
      folder,
    );
    return object;
  };
  const objects = [
    ...platform.emulator.sources.map((name) =>
      compile(join(own, name), [
        ...platform.emulator.flags,
        ...(name.endsWith('.c') ? [...RENAMED, '-ffreestanding'] : []),
      ]),
    ),
    compile(join(SDK, 'retarget.c'), []),
  ];
  const stack = platform.stackBytes + EXTRA_STACK_BYTES;
  const link = [
    '-nostartfiles',
    '--specs=nano.specs',
    '--specs=nosys.specs',
    `-L${own}`,
    '-Temulator.ld',
    '-Wl,--gc-sections',
    `-Wl,--defsym=stack_bytes=${stack}`,
  ];
  const list = (items: readonly string[]) => items.join(';');
  writeFileSync(
    join(folder, 'machine.cmake'),
    `set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_C_FLAGS_INIT "${cpu.join(' ')}")
set(CMAKE_CXX_FLAGS_INIT "${cpu.join(' ')}")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(MACHINE_SDK "${SDK}")
set(MACHINE_OBJECTS "${list(objects)}")
set(MACHINE_LINK "${list(link)}")
`,
  );
  return { folder, cpu, objects, link };
}

/** What an image for the emulator of a board prints. */
export async function printed({ board }: Plan, image: string, input: Uint8Array): Promise<string> {
  const { machine } = board.emulator;
  if (!machine) return (await runImage(readElf(readFileSync(image)), LIMIT, input)).text;
  const args = [...qemuArguments(machine, ICOUNT_SHIFT), '-kernel', image];
  return spawnSync('qemu-system-arm', args, { input, timeout: 120_000, encoding: 'utf8' }).stdout;
}

/** Instructions for a difference of the emulator's ticks. */
export function instructionsOf({ board }: Plan, ticks: number): number {
  const { timer } = board.emulator;
  return timer ? Math.round((ticks * 1e9) / timer.hertz / 2 ** ICOUNT_SHIFT) : ticks;
}
