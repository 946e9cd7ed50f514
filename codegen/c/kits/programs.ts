/** The two programs that every kit has, in terms of boards/common/platform.h: self-test and example. */
import { readAsset } from '../../../src/package/root.js';
import { exampleInput, exampleSource } from './example.js';
import { type Files, type KitJob, within } from './kit.js';
import { selfTestVectors } from './selftest.js';

export const PROGRAMS = ['selftest', 'example'] as const;
export type Program = (typeof PROGRAMS)[number];

/** File of the golden vectors. */
export const VECTORS_FILE = 'selftest_vectors.c';

/** What a program consists of beside its platform and, for frameworks that start it otherwise, its `main`. */
export function programFiles(program: Program, { plan, selfTest }: KitJob): Files {
  switch (program) {
    case 'selftest':
      return new Map([
        ['selftest.h', readAsset('codegen/c/kits/selftest.h')],
        ['selftest.c', readAsset('codegen/c/kits/selftest.c')],
        [VECTORS_FILE, selfTestVectors(plan, selfTest)],
      ]);
    case 'example':
      return new Map<string, string | Uint8Array>([
        ['example.h', readAsset('codegen/c/kits/example.h')],
        ['example.c', exampleSource(plan)],
        ['input.bin', exampleInput(plan, selfTest)],
      ]);
  }
}

/** `main.c` of a program. */
export function mainSource(program: Program): string {
  return `#include "${program}.h"
#include "platform.h"

int main(void)
{
    platform_start();
    return ${program}();
}
`;
}

/** Both programs with their `main.c`, each in a folder of its name. */
export function programFolders(job: KitJob, folder = ''): readonly [string, string | Uint8Array][] {
  return PROGRAMS.flatMap((program) =>
    within(`${folder}${program}`, [...programFiles(program, job), ['main.c', mainSource(program)]]),
  );
}

/** A program where a framework starts it: with what stands for the machine there. */
export function frameworkProgram(program: Program, job: KitJob, platform: string): Files {
  return new Map([
    ...programFiles(program, job),
    ['platform.h', readAsset('boards/common/platform.h')],
    ['measure.c', readAsset('codegen/c/kits/measure.c')],
    [platform.slice(platform.lastIndexOf('/') + 1), readAsset(`codegen/c/kits/${platform}`)],
  ]);
}
