/** A project for the Raspberry Pi Pico SDK. */
import type { Plan } from '../../../../src/plan/plan.js';
import { type Kit, sourcesOf, within } from '../kit.js';
import { frameworkProgram, mainSource, PROGRAMS } from '../programs.js';
import { commandTable, modelText, readingText, usageText } from '../readme.js';
import { fill } from '../template.js';

/** Boards of the SDK by the files that their boot ROMs want. */
const BOARDS: Readonly<Record<string, string>> = { 'boot2.S': 'pico', 'image_def.S': 'pico2' };

export const picoSdk: Kit = {
  id: 'pico-sdk',
  title: 'project of the Raspberry Pi Pico SDK; UF2 images',
  fits: ({ hardware }) => hardware?.boot != null && hardware.boot.file in BOARDS,
  flash: ({ id }, model) => [
    ['cmake', '-B', 'build', `-DPICO_BOARD=${id}`],
    ['cmake', '--build', 'build'],
    ['picotool', 'load', '-v', '-x', `build/${model}-selftest.uf2`],
  ],
  files: (job) => {
    const { plan } = job;
    const values = {
      MODEL: plan.prefix,
      BOARD: picoBoard(plan),
      SOURCES: sourcesOf(job.model)
        .map((path) => `  src/${path}`)
        .join('\n'),
      HOT: plan.placement?.hot ? HOT(plan.prefix) : '',
    };
    return new Map([
      ['CMakeLists.txt', fill('pico-sdk/CMakeLists.txt', values)],
      ['pico_sdk_import.cmake', fill('pico-sdk/pico_sdk_import.cmake', {})],
      ...within('src', job.model),
      ...PROGRAMS.flatMap((program) =>
        within(program, [
          ...frameworkProgram(program, job, 'pico-sdk/platform_pico.c'),
          ['main.c', mainSource(program)],
        ]),
      ),
      ['README.md', readme(plan)],
    ]);
  },
};

function picoBoard({ board }: Plan): string {
  return BOARDS[board.hardware!.boot!.file]!;
}

const HOT = (prefix: string): string => `
# Hot functions run from RAM: the SDK's linker script copies what is in such sections.
target_compile_definitions(${prefix} PRIVATE "BL_HOT=__attribute__((section(\\".time_critical.${prefix}.\\" BL_LINE)))")`;

function readme(plan: Plan): string {
  const { prefix, board } = plan;
  return `# ${prefix} for the Pico SDK: ${board.title}

${modelText(plan)}

${commandTable([
  ['export PICO_SDK_PATH=...', 'says where the SDK is'],
  [`cmake -B build -DPICO_BOARD=${picoBoard(plan)}`, 'configures'],
  ['cmake --build build', 'builds self-test and example: `.elf`, `.uf2`, `.bin` and `.hex`'],
  [
    `picotool load -v -x build/${prefix}-selftest.uf2`,
    'writes the self-test to the board, or copy the file to its BOOTSEL drive',
  ],
])}

Both programs print on UART0 and on USB. The self-test compares every byte with golden vectors: the last line is \`done pass\`.

${readingText('example/input.bin')}

## In your own project

\`add_subdirectory\` this folder, link \`${prefix}::${prefix}\`.

${usageText(plan)}
`;
}
