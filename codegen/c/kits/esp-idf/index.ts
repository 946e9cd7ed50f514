/** A component for ESP-IDF with two example projects. The board is `host`: portable C, which no assembly is for. */
import { VERSION } from '../../../../src/package/version.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { namesOf } from '../../types.js';
import { type Kit, type KitJob, sourcesOf, within } from '../kit.js';
import { frameworkProgram, PROGRAMS, type Program } from '../programs.js';
import { commandTable, modelText, readingText, usageText } from '../readme.js';
import { fill } from '../template.js';

/** Of the self-test, the console and FreeRTOS beside the model's own. */
const STACK_BYTES = 4096;

export const espIdf: Kit = {
  id: 'esp-idf',
  title: 'ESP-IDF component with two projects: portable C for RISC-V and Xtensa (board host)',
  fits: ({ emulator }) => emulator.runner === 'host',
  flash: (_board, _model, port) => [['idf.py', '-C', 'examples/selftest', '-p', port(), 'flash']],
  files: (job) => {
    const values = valuesOf(job);
    return new Map([
      ['CMakeLists.txt', fill('esp-idf/CMakeLists.txt', values)],
      ['Kconfig', fill('esp-idf/Kconfig', values)],
      ['idf_component.yml', fill('esp-idf/idf_component.yml', values)],
      ...within('src', job.model),
      ...PROGRAMS.flatMap((program) => within(`examples/${program}`, project(program, job, values))),
      ['README.md', readme(job.plan)],
    ]);
  },
};

function valuesOf({ plan, model }: KitJob): Record<string, string> {
  const { prefix, macro } = namesOf(plan.prefix);
  return {
    MODEL: prefix,
    MACRO: macro,
    VERSION,
    STACK_BYTES: String(Math.ceil(plan.totals.stackBytes / 1024) * 1024 + STACK_BYTES),
    SOURCES: sourcesOf(model)
      .map((path) => `    src/${path}`)
      .join('\n'),
  };
}

function project(
  program: Program,
  job: KitJob,
  values: Record<string, string>,
): readonly (readonly [string, string | Uint8Array])[] {
  const files = [...frameworkProgram(program, job, 'esp-idf/platform_esp.c')];
  const named = { ...values, PROGRAM: program };
  return [
    ['CMakeLists.txt', fill('esp-idf/project.cmake', named)],
    ['sdkconfig.defaults', fill('esp-idf/sdkconfig.defaults', named)],
    ['main/CMakeLists.txt', fill('esp-idf/main.cmake', named)],
    ['main/main.c', fill('esp-idf/main.c', named)],
    ...within(
      'main',
      files.filter(([name]) => name !== 'input.bin'),
    ),
    ...files.filter(([name]) => name === 'input.bin'),
  ];
}

function readme(plan: Plan): string {
  return `# ${plan.prefix} for ESP-IDF

${modelText(plan)}

${commandTable([
  ['idf.py -C examples/selftest set-target esp32c3', 'chooses the chip'],
  [
    'idf.py -C examples/selftest build',
    'builds the self-test, which compares every byte with golden vectors',
  ],
  ['idf.py -C examples/selftest -p PORT flash', 'writes it to the board'],
  ['idf.py -C examples/selftest -p PORT monitor', 'shows its lines; the last is `done pass`'],
  ['idf.py -C examples/example -p PORT flash', 'the example'],
])}

${readingText('examples/example/input.bin')}

## In your own project

Put this folder into \`components/\`, and require it, by the folder's name, in your component's CMakeLists.txt.

${usageText(plan)}
`;
}
