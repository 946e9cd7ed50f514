/** Many models as one program of this machine, which costs a fraction of as many programs, and sees how much of its arena each writes. */
import { join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { portSuffix } from '../../codegen/c/types.js';
import { tensorAt } from '../../src/graph/graph.js';
import { byteLength } from '../../src/graph/tensor.js';
import type { Plan } from '../../src/plan/plan.js';
import { type Folders, run, STRICT_C } from './artifacts.js';

/** A run of one of the models. */
export interface HostJob {
  readonly model: number;
  /** Which of two patterns the arena and memory beside it hold before. */
  readonly paint: 0 | 1;
  /** All inputs; of a model that is fed, numbers of rows, 0 for a new image, each with their bytes, until the output is there. */
  readonly input: Uint8Array;
}

export interface HostRun {
  /** All outputs, one after the other. */
  readonly output: Buffer;
  /** Bytes of the arena up to the last one that was written with something else than it held. */
  readonly touched: number;
  /** Whether memory beside the arena is as it was. */
  readonly guarded: boolean;
}

/** Runs the models' jobs in turn, each in memory of its own. */
export function runOnHost(
  plans: readonly Plan[],
  jobs: readonly HostJob[],
  folders: Folders,
  flags: readonly string[],
): HostRun[] {
  const models = plans.map((plan, i): Plan => ({ ...plan, prefix: `m${i}` }));
  const artifacts = models.map((plan) => emitC(plan));
  const sources = artifacts.flatMap((artifact) => [...artifact.keys()].filter((path) => path.endsWith('.c')));
  const main = new TextEncoder().encode(mainText(models, sources));
  const folder = folders.write(...artifacts, new Map([['main.c', main]]));
  run('gcc', [...STRICT_C, '-O1', ...flags, '-o', 'models', 'main.c'], folder);
  const given = jobs.map(({ model, paint, input }) =>
    Buffer.concat([Uint8Array.of(model & 255, model >> 8, paint), input]),
  );
  const written = run(join(folder, 'models'), [], folder, Buffer.concat(given));
  let at = 0;
  return jobs.map(({ model }) => {
    const { graph } = models[model]!;
    const bytes = graph.outputs.reduce((sum, id) => sum + byteLength(tensorAt(graph, id)), 0);
    const output = written.subarray(at, at + bytes);
    const [touched, broken] = [written.readUInt32LE(at + bytes), written.readUInt32LE(at + bytes + 4)];
    at += bytes + 8;
    return { output, touched, guarded: broken === 0 };
  });
}

const GUARD_BYTES = 256;

/** One unit, so that kernels are parsed once. */
function mainText(models: readonly Plan[], sources: readonly string[]): string {
  const most = Math.max(...models.map(({ arena }) => arena.bytes));
  return `#include <stdio.h>
${sources.map((source) => `#include "${source}"`).join('\n')}

static uint8_t memory[${2 * GUARD_BYTES + most}] __attribute__((aligned(64)));
static uint8_t *const arena = memory + ${GUARD_BYTES};
static int pattern;

/* Neighbours differ, and the patterns everywhere. */
static uint8_t canary(uint32_t i)
{
    return (uint8_t)(29u * i + (pattern ? 0x3Au : 0xC5u));
}

static uint32_t touched(uint32_t from, uint32_t to)
{
    while (to > from && memory[to - 1] == canary(to - 1))
        to--;
    return to - from;
}

static void report(uint32_t bytes)
{
    const uint32_t facts[] = {touched(${GUARD_BYTES}, ${GUARD_BYTES} + bytes), touched(0, ${GUARD_BYTES}) + touched(${GUARD_BYTES} + bytes, sizeof memory)};
    fwrite(facts, 1, sizeof facts, stdout);
}

${models.map(modelText).join('\n')}
int main(void)
{
    static void (*const models[])(void) = {${models.map(({ prefix }) => `run_${prefix}`).join(', ')}};
    for (int low; (low = getchar()) != EOF;) {
        int model = low + 256 * getchar();
        pattern = getchar();
        for (uint32_t i = 0; i < sizeof memory; i++)
            memory[i] = canary(i);
        models[model]();
    }
    return 0;
}
`;
}

function modelText(plan: Plan): string {
  const { prefix, graph, feed } = plan;
  const macro = prefix.toUpperCase();
  const written = graph.outputs.map((_, i, all) => {
    const suffix = portSuffix(i, all.length);
    return `    fwrite(${prefix}_output${suffix}(arena), 1, ${macro}_OUTPUT${suffix}_BYTES, stdout);\n`;
  });
  return `static void run_${prefix}(void)
{
${feed ? pushing(plan, macro) : given(plan, macro)}${written.join('')}    report(${macro}_ARENA_BYTES);
}
`;
}

function given({ prefix, graph }: Plan, macro: string): string {
  const read = graph.inputs.map((_, i, all) => {
    const suffix = portSuffix(i, all.length);
    return `    if (fread(${prefix}_input${suffix}(arena), 1, ${macro}_INPUT${suffix}_BYTES, stdin) == 0) return;\n`;
  });
  return `${read.join('')}    ${prefix}_run(arena);\n`;
}

function pushing({ prefix, graph }: Plan, macro: string): string {
  const { format } = tensorAt(graph, graph.inputs[0]);
  return `    static ${format.type}_t rows[8 * ${macro}_INPUT_ROW_LENGTH];
    ${prefix}_reset(arena);
    for (int done = 0; !done;) {
        int count = getchar();
        if (count == 0) ${prefix}_reset(arena);
        if (fread(rows, sizeof rows[0] * ${macro}_INPUT_ROW_LENGTH, (size_t)count, stdin) != (size_t)count) return;
        done = ${prefix}_push_rows(arena, rows, count);
    }
`;
}
