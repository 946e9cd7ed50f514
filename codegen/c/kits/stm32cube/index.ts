/** Files that drop into the `Core` folder of a project of STM32CubeMX; nothing of the HAL is used. */
import type { Plan } from '../../../../src/plan/plan.js';
import type { Files, Kit } from '../kit.js';
import { optimised } from '../optimised.js';
import { frameworkProgram, PROGRAMS } from '../programs.js';
import { commandTable, modelText, readingText, usageText } from '../readme.js';

export const stm32Cube: Kit = {
  id: 'stm32cube',
  title: 'Core/Src and Core/Inc for projects of STM32CubeMX, without HAL',
  fits: ({ hardware }) => hardware !== null,
  files: (job) => {
    const programs = PROGRAMS.flatMap((program) => [...frameworkProgram(program, job, 'platform_stdio.c')]);
    const all: Files = new Map([...optimised(job.model), ...programs]);
    return new Map([
      ...[...all].map(([path, content]) => [`${folderOf(path)}${path}`, content] as const),
      ['README.md', readme(job.plan)],
    ]);
  },
};

function folderOf(path: string): string {
  if (path.endsWith('.h')) return 'Core/Inc/';
  return path.endsWith('.c') ? 'Core/Src/' : '';
}

function readme(plan: Plan): string {
  const { prefix, board } = plan;
  return `# ${prefix} for STM32Cube: ${board.title}

${modelText(plan)}

${commandTable([
  [
    'cp -r Core PROJECT/',
    'puts the files beside those of CubeMX, none of which has such a name; CubeIDE compiles what is in Core/Src',
  ],
  [
    'selftest();',
    'in `main.c`, between USER CODE BEGIN 2 and END 2, with `#include "selftest.h"` and `"platform.h"`: compares every byte with golden vectors',
  ],
  ['example();', 'in the endless loop, with `#include "example.h"`: reads an input, prints the result'],
])}

Call \`platform_start()\` before either. They print by \`fputs\` and read by \`getchar\`: retarget \`__io_putchar\` and \`__io_getchar\` to your
UART, as ST's examples do, or define \`platform_write\` and \`platform_read\`, which are weak as all of \`platform_stdio.c\` is. A release leaves out
\`selftest*\`, \`example*\`, \`platform*\` and \`measure.c\`.

${readingText('input.bin')}

## In your own code

${usageText(plan)}
`;
}
