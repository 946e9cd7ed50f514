/** A Zephyr module with two samples. */

import type { Board } from '../../../../boards/board.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { namesOf } from '../../types.js';
import { frameworkNames } from '../frameworks.js';
import { type Kit, type KitJob, sourcesOf, within } from '../kit.js';
import { frameworkProgram, mainSource, PROGRAMS, type Program } from '../programs.js';
import { commandTable, modelText, readingText, usageText } from '../readme.js';
import { fill } from '../template.js';

/** Of the self-test and the console beside the model's own. */
const STACK_BYTES = 2048;

export const zephyr: Kit = {
  id: 'zephyr',
  title: 'Zephyr module with two samples',
  fits: ({ hardware }) => hardware !== null,
  flash: (board) => [
    ['west', 'build', '-p', 'auto', '-b', boardName(board), '-d', 'build/selftest', 'samples/selftest'],
    ['west', 'flash', '-d', 'build/selftest'],
  ],
  files: (job) => {
    const values = valuesOf(job);
    return new Map([
      ['zephyr/module.yml', fill('zephyr/module.yml', values)],
      ['zephyr/CMakeLists.txt', fill('zephyr/CMakeLists.txt', values)],
      ['zephyr/Kconfig', fill('zephyr/Kconfig', values)],
      ...within('src', job.model),
      ...PROGRAMS.flatMap((program) => within(`samples/${program}`, sample(program, job, values))),
      ['README.md', readme(job.plan)],
    ]);
  },
};

function valuesOf({ plan, model }: KitJob): Record<string, string> {
  const { prefix, macro } = namesOf(plan.prefix);
  return {
    MODEL: prefix,
    SYMBOL: `BITLOOM_${macro}`,
    TITLE: plan.board.title,
    BOARD: boardName(plan.board),
    STACK_BYTES: String(Math.ceil(plan.totals.stackBytes / 1024) * 1024 + STACK_BYTES),
    SOURCES: sourcesOf(model)
      .map((path) => `    ../src/${path}`)
      .join('\n'),
  };
}

function boardName(board: Board): string {
  return frameworkNames(board).zephyr ?? 'your_board';
}

function sample(
  program: Program,
  job: KitJob,
  values: Record<string, string>,
): readonly (readonly [string, string | Uint8Array])[] {
  const named = { ...values, PROGRAM: program };
  const files = [...frameworkProgram(program, job, 'zephyr/platform_zephyr.c')];
  return [
    ['CMakeLists.txt', fill('zephyr/sample.cmake', named)],
    ['prj.conf', fill('zephyr/prj.conf', named)],
    ['sample.yaml', fill(`zephyr/${program}.yaml`, named)],
    ...within('src', [...files.filter(([name]) => name !== 'input.bin'), ['main.c', mainSource(program)]]),
    ...files.filter(([name]) => name === 'input.bin'),
  ];
}

function readme(plan: Plan): string {
  const { prefix, board } = plan;
  const build = (program: Program) =>
    `west build -p auto -b ${boardName(plan.board)} -d build/${program} samples/${program}`;
  return `# ${prefix} for Zephyr: ${board.title}

${modelText(plan)}

${commandTable([
  [build('selftest'), 'builds the self-test, which compares every byte with golden vectors'],
  ['west flash -d build/selftest', 'writes it to the board; its last line on the console is `done pass`'],
  [build('example'), 'the same of the example'],
])}

${readingText('samples/example/input.bin')}

## In your own application

Add this folder to \`ZEPHYR_EXTRA_MODULES\`, or name its repository in \`west.yml\`; set \`CONFIG_BITLOOM_${namesOf(prefix).macro}=y\`.

${usageText(plan)}
`;
}
