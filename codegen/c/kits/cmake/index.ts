/** A library for projects that CMake builds; self-test and example where it is the whole project. */
import { readAsset } from '../../../../src/package/root.js';
import { VERSION } from '../../../../src/package/version.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { namesOf } from '../../types.js';
import { cortexMPlatform, ICOUNT_SHIFT, qemuArguments } from '../cortex-m.js';
import { type Files, type Kit, type KitJob, sourcesOf } from '../kit.js';
import { programFolders } from '../programs.js';
import { commandTable, modelText, usageText } from '../readme.js';
import { fill } from '../template.js';

export const cmake: Kit = {
  id: 'cmake',
  title: 'CMake library `<model>::<model>`, for add_subdirectory and FetchContent; self-test by CTest',
  fits: ({ hardware, emulator }) => hardware !== null || emulator.runner === 'host',
  files: (job) =>
    new Map([
      ...job.model,
      ...programFolders(job),
      ['platform/platform.h', readAsset('boards/common/platform.h')],
      ['CMakeLists.txt', fill('cmake/CMakeLists.txt', values(job))],
      ...(job.plan.board.hardware ? cortexM(job) : host(job)),
    ]),
};

function values({ plan, model }: KitJob): Record<string, string> {
  const { prefix, macro } = namesOf(plan.prefix);
  const { board } = plan;
  return {
    MODEL: prefix,
    MACRO: macro,
    VERSION,
    HASH: plan.modelHash,
    TITLE: board.title,
    LANGUAGES: board.hardware?.boot ? 'C ASM' : 'C',
    OPTIMISE: board.hardware ? '-O2' : '-O3',
    SOURCES: sourcesOf(model)
      .map((path) => `  ${path}`)
      .join('\n'),
  };
}

function host(job: KitJob): Files {
  return new Map([
    ['platform/platform.c', readAsset('boards/host/platform.c')],
    ['cmake/programs.cmake', fill('cmake/programs-host.cmake', values(job))],
    ['README.md', readme(job.plan, '', `build/${job.plan.prefix}-example`)],
  ]);
}

function cortexM(job: KitJob): Files {
  const { plan } = job;
  const { board, prefix } = plan;
  const platform = cortexMPlatform(plan, board.hardware!);
  const { machine } = board.emulator;
  const run = machine ? `qemu-system-arm ${qemuArguments(machine, ICOUNT_SHIFT).join(' ')} -kernel` : null;
  const images = {
    ...values(job),
    HOT: platform.hot
      ? `# The linker script has a place for them: start-up copies them to where they run fast.\ntarget_compile_definitions(${prefix} PRIVATE "BL_HOT=${platform.hot.replaceAll('"', '\\"')}")`
      : '',
    STACK_BYTES: String(platform.stackBytes),
    BOARD_FLAGS: platform.board.flags.join(';'),
    BOARD_SOURCES: platform.board.sources.join(' '),
    EMULATOR_FLAGS: platform.emulator.flags.join(';'),
    EMULATOR_SOURCES: platform.emulator.sources.join(' '),
    TEST: run
      ? `add_test(NAME ${prefix}-selftest COMMAND ${run} $<TARGET_FILE:${prefix}-selftest-emulator>)`
      : `# rp2040js runs the emulator's images: bitloom verify ${prefix}.tflite --board ${board.id}`,
  };
  return new Map([
    ...platform.files.map(([path, text]) => [path, inArchive(path, text, prefix)] as const),
    ['cmake/programs.cmake', fill('cmake/programs-cortex-m.cmake', images)],
    [
      'cmake/arm-none-eabi.cmake',
      fill('cmake/arm-none-eabi.cmake', { ...images, CPU: board.compilerFlags.join(' ') }),
    ],
    [
      'README.md',
      readme(
        plan,
        ' -DCMAKE_TOOLCHAIN_FILE=cmake/arm-none-eabi.cmake',
        run && `${run} build/${prefix}-example-emulator.elf`,
      ),
    ],
  ]);
}

/** The model's objects are members of its library. */
function inArchive(path: string, text: string, prefix: string): string {
  if (!path.endsWith('sections.ld')) return text;
  return text
    .replace('*model/*_weights.o(', `*lib${prefix}.a:${prefix}_weights.*(`)
    .replace('*model/*.o(', `*lib${prefix}.a:(`);
}

function readme(plan: Plan, toolchain: string, example: string | null): string {
  const { prefix, board } = plan;
  return `# ${prefix} on ${board.title}, for CMake

${modelText(plan)}

${commandTable([
  [`cmake -B build${toolchain}`, 'configures'],
  [
    'cmake --build build',
    `builds the library, self-test and example${board.hardware ? ', for the board and for its emulator' : ''}`,
  ],
  ...(example
    ? ([
        [
          'ctest --test-dir build --verbose',
          'runs the self-test, which compares every byte with golden vectors',
        ],
        [`${example} < example/input.bin`, 'reads that input, raw bytes, and prints the result'],
      ] as const)
    : []),
])}

## In your own project

${usageText(plan)}

\`\`\`cmake
include(FetchContent)
FetchContent_Declare(${prefix} SOURCE_DIR \${CMAKE_CURRENT_SOURCE_DIR}/${prefix})
FetchContent_MakeAvailable(${prefix})
target_link_libraries(app PRIVATE ${prefix}::${prefix})
\`\`\`

Self-test and example are left out there, and no flag of your project changes. Two models are two such libraries.
`;
}
