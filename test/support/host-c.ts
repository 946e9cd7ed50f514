import { join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { portSuffix } from '../../codegen/c/types.js';
import { tensorAt } from '../../src/graph/graph.js';
import { byteLength } from '../../src/graph/tensor.js';
import type { Plan } from '../../src/plan/plan.js';
import { type Folders, run, STRICT_C } from './artifacts.js';

/**
 * A model as a program of this machine: reads runs from its standard input until it ends, all inputs of a run one after
 * the other, and writes all outputs. States start anew only at the program's start.
 *
 * @returns path of the program
 */
export function buildHostProgram(
  plan: Plan,
  folders: Folders,
  flags: readonly string[] = [],
  cc = 'gcc',
): string {
  const { prefix, graph } = plan;
  const macro = prefix.toUpperCase();
  const main = `#include <stdio.h>
#include "${prefix}.h"
static ${macro}_ALIGNED(${macro}_ARENA_ALIGNMENT) uint8_t arena[${macro}_ARENA_BYTES];
int main(void)
{
${plan.graph.tensors.some(({ state }) => state) ? `    ${prefix}_reset(arena);\n` : ''}    for (;;) {
${graph.inputs
  .map((_, i, all) => {
    const suffix = portSuffix(i, all.length);
    return `        if (fread(${prefix}_input${suffix}(arena), 1, ${macro}_INPUT${suffix}_BYTES, stdin) == 0) return 0;\n`;
  })
  .join('')}        ${prefix}_run(arena);
${graph.outputs
  .map((_, i, all) => {
    const suffix = portSuffix(i, all.length);
    return `        fwrite(${prefix}_output${suffix}(arena), 1, ${macro}_OUTPUT${suffix}_BYTES, stdout);\n`;
  })
  .join('')}    }
}
`;
  const artifact = emitC(plan);
  const folder = folders.write(artifact, new Map([['main.c', new TextEncoder().encode(main)]]));
  const sources = [...artifact.keys(), 'main.c'].filter((path) => path.endsWith('.c'));
  run(cc, [...STRICT_C, '-O2', ...flags, '-o', 'model', ...sources], folder);
  return join(folder, 'model');
}

/** Outputs of consecutive runs, all outputs of a run as one block. */
export function runHostProgram(program: string, plan: Plan, runs: readonly Uint8Array[]): readonly Buffer[] {
  const all = run(program, [], '.', Buffer.concat(runs));
  const bytes = plan.graph.outputs.reduce((sum, id) => sum + byteLength(tensorAt(plan.graph, id)), 0);
  return runs.map((_, i) => all.subarray(i * bytes, (i + 1) * bytes));
}
