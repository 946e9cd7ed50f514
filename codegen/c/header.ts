import { tensorAt } from '../../src/graph/graph.js';
import { byteLength } from '../../src/graph/tensor.js';
import type { Plan } from '../../src/plan/plan.js';
import { type FedImage, fedImage } from '../feed.js';
import type { EmitOptions } from '../options.js';
import { type Port, states } from '../ports.js';
import { describeTensor, fileHeader } from '../text.js';
import { feedDeclarations } from './feed.js';
import { C_TYPE, type Names, portSuffix } from './types.js';
import { floatLiteral } from './weights.js';

type Typed = Pick<Port, 'tensor'>;

/** `<prefix>.h`: the whole interface of the model. */
export function publicHeader(plan: Plan, names: Names, options: EmitOptions): string {
  const { prefix, macro } = names;
  const inputs = plan.graph.inputs.map((id) => ({ tensor: tensorAt(plan.graph, id) }));
  const outputs = plan.graph.outputs.map((id) => ({ tensor: tensorAt(plan.graph, id) }));
  const fed = fedImage(plan);
  return `${fileHeader(plan, `Model '${prefix}'`, options)}
#ifndef ${macro}_H
#define ${macro}_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Everything that the model writes lives in the caller's arena, input and output included:
 *
 *     static ${macro}_ALIGNED(${macro}_ARENA_ALIGNMENT) uint8_t arena[${macro}_ARENA_BYTES];
 */
#define ${macro}_ARENA_BYTES ${plan.arena.bytes}u
#define ${macro}_ARENA_ALIGNMENT ${plan.arena.alignment}

#if defined(_MSC_VER) && !defined(__clang__)
#define ${macro}_ALIGNED(bytes) __declspec(align(bytes))
#else
#define ${macro}_ALIGNED(bytes) __attribute__((aligned(bytes)))
#endif

/* real value = scale * (code - zero point) */
${portMacros(macro, 'INPUT', inputs)}
${portMacros(macro, 'OUTPUT', outputs)}
${[
  ...(fed
    ? [feedDeclarations(names, fed)]
    : [...inputs.map((port, i) => inputDeclaration(names, port, portSuffix(i, inputs.length))), RUN(prefix)]),
  ...outputs.map((port, i) => outputDeclaration(names, port, portSuffix(i, outputs.length), nextWrite(fed))),
  ...(states(plan).length > 0 ? [fed ? RESET_FED(prefix, fed.stream !== null) : RESET(prefix)] : []),
].join('\n')}
${options.trace ? `#define ${macro}_TRACE 1\n` : ''}#ifdef ${macro}_TRACE
/*
 * Called after each step with each tensor that the step has written. Yours to define, e.g. to time layers; GCC and clang do without:
 * their default, which does nothing, is weak.
 */
void ${prefix}_trace(int step, const char *name, const void *data, unsigned bytes);
#endif

#ifdef __cplusplus
}
#endif

#endif
`;
}

function portMacros(macro: string, role: string, ports: readonly Typed[]): string {
  return ports
    .map(({ tensor }, i) => {
      const name = `${macro}_${role}${portSuffix(i, ports.length)}`;
      const lines = [`#define ${name}_BYTES ${byteLength(tensor)}u`];
      const [scale] = tensor.format.scales;
      if (scale !== undefined) {
        const zeroPoint = tensor.format.zeroPoints[0] ?? 0;
        lines.push(`#define ${name}_SCALE ${floatLiteral(scale)}`);
        lines.push(`#define ${name}_ZERO_POINT ${zeroPoint < 0 ? `(${zeroPoint})` : zeroPoint}`);
      }
      return `${lines.join('\n')}\n`;
    })
    .join('');
}

function inputDeclaration({ prefix, macro }: Names, { tensor }: Typed, suffix: string): string {
  return `/* ${describeTensor(tensor)}, ${macro}_INPUT${suffix}_BYTES. */
${C_TYPE[tensor.format.type]} *${prefix}_input${suffix}(void *arena);
`;
}

function outputDeclaration(
  { prefix, macro }: Names,
  { tensor }: Typed,
  suffix: string,
  until: string,
): string {
  return `/* ${describeTensor(tensor)}, ${macro}_OUTPUT${suffix}_BYTES. Valid from a run to the next ${until}. */
const ${C_TYPE[tensor.format.type]} *${prefix}_output${suffix}(const void *arena);
`;
}

function nextWrite(fed: FedImage | null): string {
  if (!fed) return 'write of an input';
  return fed.stream ? 'output' : 'row';
}

const RUN = (
  prefix: string,
): string => `/* Runs the model. The memory of the inputs is reused: write them anew before the next run. */
void ${prefix}_run(void *arena);
`;

const RESET = (
  prefix: string,
): string => `/* Starts a new sequence: call it before the first run. The arena keeps the states between runs. */
void ${prefix}_reset(void *arena);
`;

const RESET_FED = (prefix: string, isStream: boolean): string => `/* ${
  isStream
    ? 'Begins a new stream, whatever frames there were: call it before the first frame.'
    : 'Begins a new image, whatever rows there were: call it before the first row.'
} */
void ${prefix}_reset(void *arena);
`;
