/** Builds the two programs of each kit as its README says, or as its framework would, with stubs in place of what is not installed here. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { PROGRAMS, type Program } from '../../../codegen/c/kits/programs.js';
import type { Plan } from '../../../src/plan/plan.js';
import { run } from '../artifacts.js';
import { jniFolder } from './jvm.js';
import { type Machine, machineFor, SDK } from './machine.js';

/** How a kit was built: by what users have, or with stubs of their framework. */
export type By = 'own tools' | 'stubs';

export interface Built {
  readonly by: By;
  /** Image or program. */
  readonly image: Readonly<Record<Program, string>>;
  /** What the example reads, in the kit. */
  readonly input: string;
  /** What runs an image in place of a board, and counts its instructions as cycles; absent where the plan's board says what runs it. */
  readonly emulator?: readonly string[];
}

type Builder = (plan: Plan, folder: string, scratch: string) => Built;

/**
 * Builds a kit.
 * @param folder of the kit's files
 * @param scratch an empty folder
 */
export function buildKit(id: string, plan: Plan, folder: string, scratch: string): Built {
  return BUILDERS[id]!(plan, folder, scratch);
}

const images = (of: (program: Program) => string) => ({ selftest: of('selftest'), example: of('example') });

/** Commands of the README, each of which must be there, run in the kit's folder. */
function follow(
  folder: string,
  commands: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  for (const command of commands) {
    if (!readme.includes(`\`${command}\``)) throw new Error(`README.md does not say '${command}'`);
    const settings = Object.entries(env).map(([name, value]) => `export ${name}='${value}'; `);
    run('bash', ['-c', settings.join('') + command], folder);
  }
}

function bare({ board, prefix }: Plan, folder: string): Built {
  const host = board.hardware === null;
  for (const program of PROGRAMS)
    run('make', ['-s', `PROGRAM=${program}`, ...(host ? ['all'] : ['all', 'emulator'])], folder);
  const image = images((program) =>
    host
      ? `build/${prefix}-${program}`
      : `build/${program === 'example' ? 'example/' : ''}${prefix}-emulator.elf`,
  );
  return { by: 'own tools', image, input: 'example/input.bin' };
}

function cmake({ board, prefix }: Plan, folder: string): Built {
  const toolchain = board.hardware ? ' -DCMAKE_TOOLCHAIN_FILE=cmake/arm-none-eabi.cmake' : '';
  follow(folder, [`cmake -B build${toolchain}`, 'cmake --build build']);
  if (board.emulator.runner !== 'rp2040js') follow(folder, ['ctest --test-dir build --verbose']);
  const image = images((program) => `build/${prefix}-${program}${board.hardware ? '-emulator.elf' : ''}`);
  return { by: 'own tools', image, input: 'example/input.bin' };
}

function picoSdk(plan: Plan, folder: string, scratch: string): Built {
  const machine = machineFor(plan, scratch);
  const env = { PICO_SDK_PATH: join(SDK, 'pico-sdk'), MACHINE: machine.folder };
  follow(folder, [`cmake -B build -DPICO_BOARD=${plan.board.id}`, 'cmake --build build'], env);
  return {
    by: 'stubs',
    image: images((program) => `build/${plan.prefix}-${program}.elf`),
    input: 'example/input.bin',
  };
}

function zephyr(plan: Plan, folder: string, scratch: string): Built {
  const machine = machineFor(plan, scratch);
  for (const program of PROGRAMS) {
    const env = `ZEPHYR_BASE='${join(SDK, 'zephyr')}' MACHINE='${machine.folder}'`;
    // What `west build` runs.
    run(
      'bash',
      ['-c', `${env} cmake -S samples/${program} -B build/${program} && cmake --build build/${program}`],
      folder,
    );
  }
  const image = images((program) => `build/${program}/zephyr.elf`);
  return { by: 'stubs', image, input: 'samples/example/input.bin' };
}

/** RISC-V as that of an ESP32-C3: no atomic instructions and no floating point. */
const ESP32_C3 =
  'qemu-system-riscv32 -M virt -cpu rv32,a=off,f=off,d=off -bios none -display none -monitor none -serial stdio -icount shift=0 -kernel';

function espIdf({ prefix }: Plan, folder: string): Built {
  for (const program of PROGRAMS) {
    const at = `examples/${program}`;
    // What `idf.py set-target esp32c3 build` runs.
    const env = `IDF_PATH='${join(SDK, 'esp-idf')}' IDF_TARGET=esp32c3`;
    run('bash', ['-c', `${env} cmake -S ${at} -B ${at}/build && cmake --build ${at}/build`], folder);
  }
  const image = images((program) => `examples/${program}/build/${prefix}_${program}`);
  return { by: 'stubs', image, input: 'examples/example/input.bin', emulator: ESP32_C3.split(' ') };
}

/** Compiles sources by the flags that frameworks have, and links them with the machine. */
function compile(
  machine: Machine,
  folder: string,
  program: Program,
  {
    sources,
    include,
    extra = [],
  }: { sources: readonly string[]; include: readonly string[]; extra?: readonly string[] },
): string {
  const image = join(machine.folder, `${program}.elf`);
  const flags = [
    ...machine.cpu,
    '-Os',
    '-ffunction-sections',
    '-fdata-sections',
    ...include.map((path) => `-I${path}`),
  ];
  const objects = sources.map((source, i) => {
    const object = join(machine.folder, `${program}-${i}.o`);
    const language = /\.(cpp|ino)$/.test(source)
      ? ['-x', 'c++', '-std=gnu++17', '-fno-exceptions', '-fno-rtti', '-include', 'Arduino.h']
      : [];
    run('arm-none-eabi-gcc', [...flags, ...language, '-c', source, '-o', object], folder);
    return object;
  });
  run(
    'arm-none-eabi-gcc',
    [...machine.cpu, ...machine.link, ...objects, ...machine.objects, ...extra, '-o', image],
    folder,
  );
  return image;
}

/** Every file that is compiled below a folder. */
function sourcesIn(folder: string, below: string): string[] {
  return readdirSync(join(folder, below), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(c|cpp|ino)$/.test(path))
    .map((path) => `${below}/${path}`)
    .sort();
}

const arduino =
  (sketches: Readonly<Record<Program, string>>, input: string) =>
  (plan: Plan, folder: string, scratch: string): Built => {
    const machine = machineFor(plan, scratch);
    const core = join(SDK, 'arduino');
    const image = images((program) =>
      compile(machine, folder, program, {
        sources: [
          ...sourcesIn(folder, 'src'),
          ...sourcesIn(folder, sketches[program]),
          join(core, 'arduino.cpp'),
        ],
        include: ['src', sketches[program], core, SDK],
      }),
    );
    return { by: 'stubs', image, input };
  };

/** `main.c` as CubeMX has it, with the calls that READMEs tell of. */
function mainOf(program: Program, scratch: string): string {
  const path = join(scratch, `main-${program}.c`);
  writeFileSync(
    path,
    `#include "board.h"
#include "${program}.h"
#include "platform.h"

/* There is no such counter in the emulator. */
platform_time platform_now(void)
{
    const platform_time now = {0, board_now().ticks};
    return now;
}

int main(void)
{
    board_start();
    platform_start();
    return ${program}();
}
`,
  );
  return path;
}

function stm32Cube(plan: Plan, folder: string, scratch: string): Built {
  const machine = machineFor(plan, scratch);
  const image = images((program) =>
    compile(machine, folder, program, {
      sources: [...sourcesIn(folder, 'Core/Src'), mainOf(program, scratch)],
      include: ['Core/Inc', SDK],
    }),
  );
  return { by: 'stubs', image, input: 'input.bin' };
}

interface Component {
  readonly Csub: string;
  readonly files: { readonly file: readonly { readonly category: string; readonly name: string }[] };
}

/** Takes sources and include paths from the pack's description, as tools do. */
function cmsisPack(plan: Plan, folder: string, scratch: string): Built {
  const machine = machineFor(plan, scratch);
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' });
  const pack = parser.parse(readFileSync(join(folder, `Bitloom.${plan.prefix}.pdsc`), 'utf8'));
  const components: readonly Component[] = pack.package.components.component;
  const files = (subs: readonly string[], category: string) =>
    components
      .filter(({ Csub }) => subs.includes(Csub))
      .flatMap(({ files: { file } }) =>
        file.filter((one) => one.category === category).map(({ name }) => name),
      );
  const image = images((program) => {
    const used = ['Network', 'Platform', program === 'selftest' ? 'SelfTest' : 'Example'];
    return compile(machine, folder, program, {
      sources: [...files(used, 'sourceC'), mainOf(program, scratch)],
      include: [...files(used, 'include'), SDK],
    });
  });
  return { by: 'stubs', image, input: 'programs/input.bin' };
}

/** What bench.sh builds on a phone of this machine's ABI. */
function aar({ prefix }: Plan, folder: string): Built {
  const toolchain = join(SDK, 'android/ndk/build/cmake/android.toolchain.cmake');
  const env = `JNI='${jniFolder()}'`;
  const configure = `cmake -S src/main/cpp -B build -DANDROID_ABI=x86_64 -DCMAKE_TOOLCHAIN_FILE='${toolchain}'`;
  run('bash', ['-c', `${env} ${configure} && cmake --build build --target programs`], folder);
  const image = images((program) => `build/${prefix}-${program}`);
  return { by: 'stubs', image, input: 'src/main/cpp/x86_64/example/input.bin' };
}

const BUILDERS: Readonly<Record<string, Builder>> = {
  bare,
  cmake,
  arduino: arduino(
    { selftest: 'examples/SelfTest', example: 'examples/Example' },
    'examples/Example/input.bin',
  ),
  platformio: arduino(
    { selftest: 'examples/selftest/src', example: 'examples/example/src' },
    'examples/example/input.bin',
  ),
  zephyr,
  'pico-sdk': picoSdk,
  'esp-idf': espIdf,
  'cmsis-pack': cmsisPack,
  stm32cube: stm32Cube,
  aar,
};
