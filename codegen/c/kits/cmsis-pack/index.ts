/** A CMSIS pack: the model as a software component, self-test and example as such too. */
import { VERSION } from '../../../../src/package/version.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { type Kit, within } from '../kit.js';
import { optimised } from '../optimised.js';
import { frameworkProgram, PROGRAMS, programFiles } from '../programs.js';
import { commandTable, modelText, readingText, usageText } from '../readme.js';
import { fill } from '../template.js';

export const cmsisPack: Kit = {
  id: 'cmsis-pack',
  title: 'CMSIS pack: components for csolution, uVision and other tools of Arm',
  fits: ({ hardware }) => hardware !== null,
  files: (job) => {
    const { plan } = job;
    const programs = new Map(
      PROGRAMS.flatMap((program) => [...frameworkProgram(program, job, 'platform_stdio.c')]),
    );
    const values = {
      MODEL: plan.prefix,
      VERSION,
      HASH: plan.modelHash,
      CORE: coreOf(plan),
      MODEL_FILES: fileElements('src', job.model.keys()),
      PLATFORM_FILES: fileElements('programs', ['platform.h', 'measure.c', 'platform_stdio.c']),
      SELFTEST_FILES: fileElements('programs', programFiles('selftest', job).keys()),
      EXAMPLE_FILES: fileElements('programs', programFiles('example', job).keys()),
    };
    return new Map([
      [`Bitloom.${plan.prefix}.pdsc`, fill('cmsis-pack/pack.pdsc', values)],
      ...within('src', optimised(job.model)),
      ...within('programs', programs),
      ['README.md', readme(plan)],
    ]);
  },
};

/** As `Dcore` says it: without the F of a floating-point unit. */
function coreOf({ board }: Plan): string {
  return (board.core ?? '').replace(/F$/, '');
}

function fileElements(folder: string, paths: Iterable<string>): string {
  return [...paths]
    .filter((path) => /\.[ch]$/.test(path))
    .map((path) => {
      const category = path.endsWith('.h') ? 'header' : 'sourceC';
      return `        <file category="${category}" name="${folder}/${path}"/>`;
    })
    .join('\n');
}

function readme(plan: Plan): string {
  const { prefix, board } = plan;
  const name = `Bitloom.${prefix}.${VERSION}.pack`;
  return `# ${prefix} as a CMSIS pack: ${board.title}

${modelText(plan)}

${commandTable([
  [`zip -r ${name} .`, 'makes the pack'],
  [`cpackget add ${name}`, 'installs it'],
  [`cpackget add Bitloom.${prefix}.pdsc`, 'or uses it from this folder'],
])}

In \`*.cproject.yml\`:

\`\`\`yaml
components:
  - component: Machine Learning:${prefix}:Network
  - component: Machine Learning:${prefix}:Platform
  - component: Machine Learning:${prefix}:SelfTest
\`\`\`

and call \`platform_start(); selftest();\` in \`main\`: it compares every byte with golden vectors, and the last line is \`done pass\`. Both programs print by \`fputs\` and read by
\`getchar\`: retarget them, or define the functions of \`platform.h\`, which are weak.

${readingText('programs/input.bin')}

## In your own code

${usageText(plan)}
`;
}
