/** The example: how an application calls the model, with the console where a sensor would be. */
import { tensorAt } from '../../../src/graph/graph.js';
import { elementCount, isPacked, type TensorId } from '../../../src/graph/tensor.js';
import type { Plan } from '../../../src/plan/plan.js';
import { type FedImage, fedImage } from '../../feed.js';
import { states } from '../../ports.js';
import { fileHeader } from '../../text.js';
import { C_TYPE, type Names, namesOf, portSuffix } from '../types.js';
import type { SelfTest } from './selftest.js';

/** `example.c`; example.h says what it does. */
export function exampleSource(plan: Plan): string {
  const names = namesOf(plan.prefix);
  const { prefix, macro } = names;
  const { outputs } = plan.graph;
  const fed = fedImage(plan);
  const reset = states(plan).length > 0 ? `    ${prefix}_reset(example_arena);\n` : '';
  return `${fileHeader(plan, `Example of '${prefix}'`, {})}
#include "example.h"
#include "platform.h"
#include "${prefix}.h"

${macro}_ALIGNED(${macro}_ARENA_ALIGNMENT) uint8_t example_arena[${macro}_ARENA_BYTES];

static void print_number(const char *label, int32_t value)
{
    char text[12];
    char *at = text + sizeof text - 1;
    uint32_t rest = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
    *at = '\\0';
    do {
        *--at = (char)('0' + rest % 10u);
        rest /= 10u;
    } while (rest > 0);
    if (value < 0)
        *--at = '-';
    platform_write(label);
    platform_write(at);
}

${outputs.map((id, i) => printFunction(plan, names, id, portSuffix(i, outputs.length))).join('\n')}
int example(void)
{
${fed ? fedText(names, fed, reset) : wholeText(plan, names, reset)}${outputs
  .map((_, i) => `    print_output${portSuffix(i, outputs.length)}();\n`)
  .join('')}    return 0;
}
`;
}

/** `input.bin`: what the example reads, the inputs of the first golden vector. */
export function exampleInput(plan: Plan, [first]: SelfTest): Uint8Array {
  const inputs = first?.inputs ?? [];
  const passes = fedImage(plan)?.passes.length ?? 1;
  return Buffer.concat(Array.from({ length: passes }, () => inputs).flat());
}

function wholeText({ graph: { inputs } }: Plan, { prefix, macro }: Names, reset: string): string {
  const reads = inputs.map((_, i) => {
    const suffix = portSuffix(i, inputs.length);
    return `    platform_read(${prefix}_input${suffix}(example_arena), ${macro}_INPUT${suffix}_BYTES);\n`;
  });
  return `${reset}${reads.join('')}    ${prefix}_run(example_arena);\n`;
}

/** Rows come until there is an output: never more than one is in memory. */
function fedText({ prefix, macro }: Names, { tensor, rowLength, stream }: FedImage, reset: string): string {
  const push = stream ? 'push_frames' : 'push_rows';
  const what = stream ? 'frame' : 'row';
  return `    static ${macro}_ALIGNED(4) ${C_TYPE[tensor.format.type]} ${what}[${rowLength}];
${reset}    do
        platform_read(${what}, sizeof ${what});
    while (!${prefix}_${push}(example_arena, ${what}, 1));
`;
}

/** Prints where the largest element is; packed codes as words. */
function printFunction(plan: Plan, { prefix }: Names, id: TensorId, suffix: string): string {
  const { format, shape } = tensorAt(plan.graph, id);
  const { type } = format;
  const head = `static void print_output${suffix}(void)
{
    const ${C_TYPE[type]} *values = ${prefix}_output${suffix}(example_arena);
`;
  if (isPacked(type) || type === 'int64')
    return `${head}    print_number("${prefix} output${suffix}: ", (int32_t)values[0]);
    platform_write("\\n");
}
`;
  const count = elementCount(shape);
  const value = type === 'float32' ? '(int32_t)(values[largest] * 1000.0f)' : 'values[largest]';
  return `${head}    int32_t largest = 0;
    for (int32_t i = 1; i < ${count}; i++)
        if (values[i] > values[largest])
            largest = i;
    print_number("${prefix} output${suffix}: ", largest);
    print_number(" of ${count} is the largest, ", ${value});
    platform_write("${type === 'float32' ? ' thousandths' : ''}\\n");
}
`;
}
