/** The self-test for Android: a static Linux program that needs neither the NDK nor a C library. */
import { readAsset } from '../../../../src/package/root.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { namesOf } from '../../types.js';
import { variantFile } from '../../variants.js';
import { kitMakefile } from './makefile.js';

const PLATFORM = ['linux.c', 'measure.c', 'memory.c'];
const HEADERS = ['include/string.h'];

/** The files of `boards/common` that it consists of. */
export function androidPlatform(): readonly [string, string][] {
  return [...PLATFORM, ...HEADERS].map((name) => [`platform/${name}`, readAsset(`boards/common/${name}`)]);
}

/** What follows the model's variables. */
export function androidMakefile(plan: Plan): string {
  const { board, prefix } = plan;
  const { variants = [], compilerFlags, emulator, target } = board;
  const variables: Record<string, string> = {
    CPU: compilerFlags.join(' '),
    PLATFORM: PLATFORM.map((name) => name.replace('.c', '')).join(' '),
    // Division, which 32-bit ARM need not have: the NDK's clang brings its own.
    ...(target.isa === 'armv7-a+neon' ? { LIBRARIES: LIBGCC } : {}),
    RUN: `qemu-${emulator.machine} -cpu ${emulator.processors?.at(-1)}`,
  };
  const flags = variants.map(
    (variant) =>
      `$(BUILD)/model/${variantFile(namesOf(prefix), variant).replace('.c', '.o')}: VARIANT = ${variant.flags.join(' ')}\n`,
  );
  const lines = Object.entries(variables).map(([name, value]) => `${name} = ${value}\n`);
  return `${lines.join('')}${kitMakefile('android')}${flags.length > 0 ? `\n${flags.join('')}` : ''}`;
}

const LIBGCC = '$(shell arm-none-eabi-gcc -march=armv7-a+simd -mfloat-abi=softfp -print-libgcc-file-name)';
