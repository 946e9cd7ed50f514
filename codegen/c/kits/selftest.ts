import { tensorAt } from '../../../src/graph/graph.js';
import { byteLength, type TensorId } from '../../../src/graph/tensor.js';
import type { Plan } from '../../../src/plan/plan.js';
import { type FedImage, fedImage } from '../../feed.js';
import { tracedLayers } from '../../layers.js';
import { states } from '../../ports.js';
import { fileHeader, fillLines } from '../../text.js';
import { C_TYPE, namesOf, portSuffix } from '../types.js';
import { crc32 } from './crc32.js';

/** Bytes, little endian, of one inference. */
export interface SelfTestRun {
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
  /** What each of `tracedLayers` must show. */
  readonly layers: readonly Uint8Array[];
}

/** Inferences that follow each other, so that states carry over; expectations come from the oracle. */
export type SelfTest = readonly SelfTestRun[];

/** `selftest_vectors.c`: the golden vectors and what `selftest.h` asks of the model. */
export function selfTestVectors(plan: Plan, selfTest: SelfTest): string {
  const { prefix, macro } = namesOf(plan.prefix);
  const layers = tracedLayers(plan);
  const { inputs, outputs } = plan.graph;
  const fed = fedImage(plan);
  const sizes = (ids: readonly TensorId[]) => ids.map((id) => `${bytesOf(plan, id)}u`);
  return `${fileHeader(plan, `Golden vectors of '${prefix}'`, {})}
#include "${prefix}.h"
#include "selftest.h"

${macro}_ALIGNED(${macro}_ARENA_ALIGNMENT) uint8_t selftest_arena[${macro}_ARENA_BYTES];
const uint32_t selftest_arena_bytes = ${macro}_ARENA_BYTES;
#ifdef SELFTEST_TRACE
uint8_t selftest_arena_before[SELFTEST_GUARD_BYTES];
uint8_t selftest_arena_behind[SELFTEST_GUARD_BYTES];
#endif

const char selftest_name[] = "${prefix}";
const uint32_t selftest_input_count = ${inputs.length}u;
const uint32_t selftest_output_count = ${outputs.length}u;
${array('const uint32_t selftest_output_bytes[]', sizes(outputs))}
const uint32_t selftest_layer_count = ${layers.length}u;
${array(
  'const uint8_t selftest_layer_whole[]',
  layers.map(({ whole }) => (whole ? '1' : '0')),
)}

${fed ? fedInputText(plan, fed) : inputText(plan)}
${ports('const void *', 'output', prefix, outputs.length)}
void selftest_reset(void)
{
${states(plan).length > 0 ? `    ${prefix}_reset(selftest_arena);\n` : ''}}

void (*const selftest_model)(void *arena) = ${fed ? 'push_image' : `${prefix}_run`};

#ifdef SELFTEST_TRACE
void ${prefix}_trace(int step, const char *name, const void *data, unsigned bytes)
{
    (void)step;
    (void)name;
    selftest_layer(data, bytes);
}
#endif

${selfTest.map((run, i) => runText(run, i, macro)).join('\n')}
const uint32_t selftest_run_count = ${selfTest.length}u;
${array(
  'const selftest_run selftest_runs[]',
  selfTest.map((_, i) => `{inputs_${i}, outputs_${i}, layers_${i}}`),
)}
`;
}

/** Inputs are written where the model reads them. */
function inputText(plan: Plan): string {
  const { prefix } = plan;
  const { inputs } = plan.graph;
  return `${array(
    'static const uint32_t input_bytes[]',
    inputs.map((id) => `${bytesOf(plan, id)}u`),
  )}

${ports('static void *', 'input', prefix, inputs.length)}
void selftest_give(uint32_t index, const uint8_t *bytes)
{
    uint8_t *input = selftest_input(index);
    for (uint32_t i = 0; i < input_bytes[index]; i++) input[i] = bytes[i];
}
`;
}

function fedInputText(plan: Plan, image: FedImage): string {
  return `static const uint8_t *image;

void selftest_give(uint32_t index, const uint8_t *bytes)
{
    (void)index;
    image = bytes;
}

${image.stream ? pushFramesText(plan) : pushRowsText(plan, image)}`;
}

/** The input is pushed where it lies, in each pass one row, then two, then three. */
function pushRowsText(plan: Plan, { tensor, passes }: FedImage): string {
  const { prefix, macro } = namesOf(plan.prefix);
  const type = C_TYPE[tensor.format.type];
  return `static void ${passes.length > 1 ? 'push_pass' : 'push_image'}(void *arena)
{
    const ${type} *rows = (const void *)image;
    int32_t count = 1;
    for (int32_t row = 0; row < ${macro}_INPUT_ROWS; row += count) {
        count = count % 3 + 1;
        if (count > ${macro}_INPUT_ROWS - row) count = ${macro}_INPUT_ROWS - row;
        ${prefix}_push_rows(arena, rows + row * ${macro}_INPUT_ROW_LENGTH, count);
    }
}
${passes.length > 1 ? PUSH_IMAGE(macro) : ''}`;
}

/** The first run takes a whole window, others the frames from one output to the next. */
function pushFramesText(plan: Plan): string {
  const { prefix, macro } = namesOf(plan.prefix);
  return `static void push_image(void *arena)
{
    static int32_t frames = ${macro}_WINDOW_FRAMES;
    ${prefix}_push_frames(arena, (const void *)image, frames);
    frames = ${macro}_STRIDE_FRAMES;
}
`;
}

const PUSH_IMAGE = (macro: string): string => `
static void push_image(void *arena)
{
    for (int32_t pass = 0; pass < ${macro}_PASSES; pass++) push_pass(arena);
}
`;

function bytesOf(plan: Plan, id: TensorId): number {
  return byteLength(tensorAt(plan.graph, id));
}

function ports(result: string, role: 'input' | 'output', prefix: string, count: number): string {
  const cases = Array.from({ length: count }, (_, i) =>
    i < count - 1
      ? `    if (index == ${i}u) return ${prefix}_${role}${portSuffix(i, count)}(selftest_arena);\n`
      : `    return ${prefix}_${role}${portSuffix(i, count)}(selftest_arena);\n`,
  );
  return `${result}selftest_${role}(uint32_t index)
{
${count === 1 ? '    (void)index;\n' : ''}${cases.join('')}}
`;
}

function runText({ inputs, outputs, layers }: SelfTestRun, run: number, macro: string): string {
  const port = (role: string, ports: readonly Uint8Array[]) => [
    ...ports.map((bytes, i) =>
      array(
        `static const ${macro}_ALIGNED(8) uint8_t ${role}_${run}_${i}[] SELFTEST_DATA`,
        Array.from(bytes, (byte) => String(byte)),
      ),
    ),
    array(
      `static const uint8_t *const ${role}s_${run}[]`,
      ports.map((_, i) => `${role}_${run}_${i}`),
    ),
  ];
  const checks = array(
    `static const uint32_t layers_${run}[] SELFTEST_DATA`,
    layers.map((bytes) => `0x${crc32(bytes).toString(16).padStart(8, '0')}u`),
  );
  return [...port('input', inputs), ...port('output', outputs), checks, ''].join('\n');
}

/** C has no empty arrays: one of no items holds a zero. */
function array(declaration: string, items: readonly string[]): string {
  return `${declaration} = {\n${fillLines('    ', items.length > 0 ? items : ['0'])}\n};`;
}
