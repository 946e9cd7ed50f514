/** Models for a board whose processors differ: the same layers compiled several times, of which run time chooses. */
import type { Variant } from '../../boards/board.js';
import { tensorAt } from '../../src/graph/graph.js';
import type { Plan } from '../../src/plan/plan.js';
import { fedImage } from '../feed.js';
import type { EmitOptions } from '../options.js';
import { states } from '../ports.js';
import { fileHeader } from '../text.js';
import { C_TYPE, type Names, portSuffix } from './types.js';

/** A function of the model that executes layers. */
interface Executing {
  readonly returns: string;
  readonly name: string;
  readonly parameters: string;
  readonly args: string;
}

/** The variant that every processor of the board can run. */
const BASE = 'base';

/** File of the functions that all variants are compiled from, in place of `<prefix>.c`. */
export function layersFile({ prefix }: Names): string {
  return `${prefix}_layers.h`;
}

/** The file of a variant. */
export function variantFile({ prefix }: Names, { name }: Pick<Variant, 'name'>): string {
  return `${prefix}_${name}.c`;
}

/**
 * `<prefix>.c`, which chooses, and a file for each variant, by path. Constants and the arena are the same for all: variants differ in
 * what kernels find that the compiler may use. Compiled without its flags, a variant is the base once more.
 */
export function variantSources(
  plan: Plan,
  names: Names,
  variants: readonly Variant[],
  options: EmitOptions,
): ReadonlyMap<string, string> {
  const executing = executingFunctions(plan);
  return new Map([
    [`${names.prefix}.c`, chooser(plan, names, variants, options)],
    [variantFile(names, { name: BASE }), variantSource(plan, names, BASE, executing, [], options)],
    ...variants.map(({ name, flags }): [string, string] => [
      variantFile(names, { name }),
      variantSource(plan, names, name, [...executing, ...otherFunctions(plan)], flags, options),
    ]),
  ]);
}

function executingFunctions(plan: Plan): Executing[] {
  const fed = fedImage(plan);
  if (!fed) return [{ returns: 'void', name: 'run', parameters: 'void *arena', args: 'arena' }];
  const type = `const ${C_TYPE[tensorAt(plan.graph, plan.graph.inputs[0]).format.type]} *`;
  const push = (returns: string, name: string) => ({
    returns,
    name,
    parameters: `void *arena, ${type}rows, int32_t count`,
    args: 'arena, rows, count',
  });
  if (fed.stream) return [push('int32_t', 'push_frames')];
  const run = { returns: 'void', name: 'run', parameters: `void *arena, ${type}input`, args: 'arena, input' };
  return [push('int', 'push_rows'), run];
}

/** Names of those that the base has for all. */
function otherFunctions(plan: Plan): { readonly name: string }[] {
  const { inputs, outputs } = plan.graph;
  const ports = (role: string, { length }: readonly unknown[]) =>
    Array.from({ length }, (_, i) => ({ name: `${role}${portSuffix(i, length)}` }));
  return [
    ...(fedImage(plan) ? [] : ports('input', inputs)),
    ...ports('output', outputs),
    ...(states(plan).length > 0 ? [{ name: 'reset' }] : []),
  ];
}

/** The layers with names of functions that only this variant has. */
function variantSource(
  plan: Plan,
  names: Names,
  variant: string,
  renamed: readonly { readonly name: string }[],
  flags: readonly string[],
  options: EmitOptions,
): string {
  const { prefix } = names;
  const told = flags.length > 0 ? `: compile it with ${flags.join(' ')}` : '';
  return `${fileHeader(plan, `Model '${prefix}', variant '${variant}'${told}`, options)}
${renamed.map(({ name }) => `#define ${prefix}_${name} ${prefix}_${variant}_${name}\n`).join('')}
#include "${layersFile(names)}"
`;
}

function chooser(plan: Plan, names: Names, variants: readonly Variant[], options: EmitOptions): string {
  const { prefix } = names;
  const all = [...variants.map(({ name }) => name), BASE];
  const functions = executingFunctions(plan).map(({ returns, name, parameters, args }) => {
    const declared = all.map((variant) => `${returns} ${prefix}_${variant}_${name}(${parameters});\n`);
    const call = (variant: string) =>
      `${returns === 'void' ? '' : 'return '}${prefix}_${variant}_${name}(${args});`;
    const chosen = variants.map(
      (variant, i) => `${i > 0 ? '    else ' : '    '}if (${test(variant)})\n        ${call(variant.name)}\n`,
    );
    return `${declared.join('')}
${returns} ${prefix}_${name}(${parameters})
{
${chosen.join('')}    else
        ${call(BASE)}
}
`;
  });
  return `${fileHeader(plan, `Model '${prefix}': chooses the variant for the processor`, options)}
#include "${prefix}.h"

/* Of Linux's C libraries: an entry of the auxiliary vector, in which the kernel says what the processor has. */
unsigned long getauxval(unsigned long type);

${functions.join('\n')}`;
}

function test({ auxiliary, bit }: Variant): string {
  return `getauxval(${auxiliary}ul) >> ${bit} & 1ul`;
}
