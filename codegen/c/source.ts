import { tensorAt } from '../../src/graph/graph.js';
import { byteLength } from '../../src/graph/tensor.js';
import type { KernelCall, TensorArgument } from '../../src/kernels/kernel.js';
import { ownScratchBytes } from '../../src/kernels/narrow.js';
import type { Plan, SpecialisedFunction, Stage, Step } from '../../src/plan/plan.js';
import { type Argument, callArguments, parameterNames } from '../calls.js';
import { fedImage } from '../feed.js';
import type { EmitOptions } from '../options.js';
import { arenaPort, elementTypeOf, type Place, states, stepOutputs } from '../ports.js';
import { describeStage, stageAt, stageBody, stageName } from '../stages.js';
import { breakCall, describeStep, fileHeader, fillLines, int32Text, LINE_WIDTH } from '../text.js';
import { countsText, feedFunctions } from './feed.js';
import { kernelSources } from './kernel-files.js';
import { C_TYPE, type Names, portSuffix } from './types.js';
import { constantName } from './weights.js';

/** `<prefix>.c`: the specialised functions and the list of calls. */
export function modelSource(plan: Plan, names: Names, options: EmitOptions): string {
  const hot = plan.placement?.hot;
  const fed = fedImage(plan);
  const parts = [
    fileHeader(plan, `Model '${names.prefix}'`, options),
    includes(plan, names),
    prologue(names),
    ...plan.functions.map((fn, i) => functionText(plan, names, fn, hot?.functions.includes(i) ?? false)),
    ...(fed ? [] : inputFunctions(plan, names)),
    ...outputFunctions(plan, names),
    ...plan.stages.map((stage) => stageFunction(plan, names, stage)),
    ...resetFunction(plan, names),
    fed ? feedFunctions(plan, names, fed, behindFed(plan, names)) : runFunction(plan, names),
  ];
  return parts.join('\n');
}

function includes(plan: Plan, { prefix }: Names): string {
  const sources = kernelSources(plan);
  const lines = [`#include "${prefix}.h"`];
  if (plan.constants.length > 0) lines.push(`#include "${prefix}_weights.h"`);
  if (states(plan).length > 0) lines.push('', '#include <string.h>');
  if (sources.length > 0) lines.push('', ...sources.map((source) => `#include "kernels/${source}.h"`));
  return `${lines.join('\n')}\n`;
}

function prologue({ prefix, macro }: Names): string {
  return `/* Keeps one copy of a specialised kernel, however many steps call it. */
#if defined(_MSC_VER) && !defined(__clang__)
#define ${macro}_NOINLINE __declspec(noinline)
#else
#define ${macro}_NOINLINE __attribute__((noinline))
#endif

#ifdef ${macro}_TRACE
#if defined(__GNUC__)
__attribute__((weak)) void ${prefix}_trace(int step, const char *name, const void *data, unsigned bytes)
{
    (void)step, (void)name, (void)data, (void)bytes;
}
#endif
#define ${macro}_TRACED(step, name, data, bytes) ${prefix}_trace(step, name, data, bytes)
#else
#define ${macro}_TRACED(step, name, data, bytes) ((void)0)
#endif

#define ${macro}_AT(offset) ((void *)((uint8_t *)arena + (offset)))
`;
}

/** A kernel bound to its shape: a function of pointers and scalars. */
function functionText(
  plan: Plan,
  { prefix, macro }: Names,
  { name, call }: SpecialisedFunction,
  hot: boolean,
): string {
  const members = Object.entries(call.shape).map(([key, value]) => `.${key} = ${cInteger(value)}`);
  const own = parameterNames(call).filter(
    (parameter) => parameter !== 'scratch' || ownScratchBytes(call) > 0,
  );
  const args = [...own, ...(members.length > 0 ? ['&shape'] : [])];
  return `${breakCall('', `static ${macro}_NOINLINE ${hot ? 'BL_HOT ' : ''}void ${prefix}_${name}`, parameters(plan, call), '')}
{
${shapeText(call.kernel, members)}${widenings(call)}${breakCall('    ', `bl_${call.kernel}`, args, ';')}
}
`;
}

/** Constants in few bits become what the kernel reads, one after the other at the scratch memory's beginning. */
function widenings(call: KernelCall): string {
  const narrow = call.constants.flatMap(({ name, widened }) =>
    widened ? { name, type: C_TYPE[widened.type] } : [],
  );
  const isLast = (i: number) => i === narrow.length - 1 && ownScratchBytes(call) === 0;
  const lines = narrow.map(
    ({ name, type }, i) => `    const ${type} *${name} = (const ${type} *)scratch;
    ${isLast(i) ? '(void)' : 'scratch = '}bl_widen_constant(scratch, ${narrowName(name)});
`,
  );
  return lines.join('');
}

function narrowName(name: string): string {
  return `narrow_${name}`;
}

function shapeText(kernel: string, members: readonly string[]): string {
  if (members.length === 0) return '';
  const head = `    static const bl_${kernel}_shape shape = {`;
  const line = `${head} ${members.join(', ')} };\n`;
  return line.length <= LINE_WIDTH ? line : `${head}\n${fillLines('        ', members)}\n    };\n`;
}

function parameters(plan: Plan, call: KernelCall): readonly string[] {
  const pointer = ({ name, tensor }: TensorArgument, written: boolean): string => {
    const { format, state } = tensorAt(plan.graph, tensor);
    return `${written || state ? '' : 'const '}${C_TYPE[format.type]} *${name}`;
  };
  return [
    ...call.outputs.map((output) => pointer(output, true)),
    ...call.inputs.map((input) => pointer(input, false)),
    ...(call.scratchBytes > 0 ? ['void *scratch'] : []),
    ...call.constants.map(
      ({ name, data, widened }) =>
        `const ${C_TYPE[elementTypeOf(data)]} *${widened ? narrowName(name) : name}`,
    ),
    ...Object.keys(call.scalars).map((name) => `int32_t ${name}`),
  ];
}

function inputFunctions(plan: Plan, { prefix, macro }: Names): readonly string[] {
  return plan.graph.inputs.map((id, i, all) => {
    const { tensor, offset } = arenaPort(plan, id);
    return `${C_TYPE[tensor.format.type]} *${prefix}_input${portSuffix(i, all.length)}(void *arena)
{
    return ${macro}_AT(${offset});
}
`;
  });
}

function outputFunctions(plan: Plan, { prefix }: Names): readonly string[] {
  return plan.graph.outputs.map((id, i, all) => {
    const { tensor, offset } = arenaPort(plan, id);
    return `const ${C_TYPE[tensor.format.type]} *${prefix}_output${portSuffix(i, all.length)}(const void *arena)
{
    return (const void *)((const uint8_t *)arena + ${offset});
}
`;
  });
}

function stageFunction(plan: Plan, names: Names, stage: Stage): string {
  const { prefix } = names;
  const body = stageBody(plan, stage, {
    declare: (name, value) => `int32_t ${name} = ${value}`,
    comment: (text) => `/* ${text} */`,
    min: 'bl_min',
    rowsReady: 'bl_rows_ready',
    ringRow: 'bl_ring_row',
    count: (_, index) => `counts[${index}]`,
    keep: (_, index, value) => `counts[${index}] = ${value}`,
    move: (to, from, bytes) => `bl_move(${names.macro}_AT(${to}), ${names.macro}_AT(${from}), ${bytes})`,
    indent: '    ',
    functionName: (step) => `${prefix}_${plan.functions[step.functionIndex]!.name}`,
    argument: (argument, offset) => argumentText(plan, names, argument, offset),
  });
  return `/* ${describeStage(plan, stage)} */
static void ${prefix}_${stageName(plan, stage)}(void *arena)
{
${stage.fed && plan.feed ? countsText(names, plan.feed) : ''}${body}}
`;
}

function runFunction(plan: Plan, names: Names): string {
  const steps = stepTexts(plan, names, 0);
  return `void ${names.prefix}_run(void *arena)
{
${steps.length > 0 ? steps.join('\n') : '    (void)arena;\n'}}
`;
}

/** The traces of the fed stages and the calls behind them. */
function behindFed(plan: Plan, names: Names): readonly string[] {
  const ends = plan.stages.flatMap(({ fed, last }) => (fed ? last : []));
  const traces = ends.map((last) => traceText(plan, names, plan.steps[last]!, last));
  return [...traces, ...stepTexts(plan, names, ends.at(-1)! + 1)];
}

/** The calls of the steps from `first` on, stages in one, each with its trace. */
function stepTexts(plan: Plan, names: Names, first: number): readonly string[] {
  return plan.steps.flatMap((step, i) => {
    if (i < first) return [];
    const stage = stageAt(plan, i);
    if (!stage) return [stepText(plan, names, step, i)];
    if (i < stage.last) return [];
    return [`    ${names.prefix}_${stageName(plan, stage)}(arena);\n${traceText(plan, names, step, i)}`];
  });
}

function stepText(plan: Plan, names: Names, step: Step, index: number): string {
  const { prefix } = names;
  const args = callArguments(plan, step).map((argument) => argumentText(plan, names, argument));
  return `    /* ${describeStep(step.node, stepOutputs(plan, step))} */
${breakCall('    ', `${prefix}_${plan.functions[step.functionIndex]!.name}`, args, ';')}
${traceText(plan, names, step, index)}`;
}

function traceText(plan: Plan, names: Names, step: Step, index: number): string {
  const traces = stepOutputs(plan, step).map(({ tensor, place }) => {
    const data = placeText(plan, names, place);
    return `    ${names.macro}_TRACED(${index}, "${step.name}", ${data}, ${byteLength(tensor)}u);\n`;
  });
  return traces.join('');
}

/** @param offset bytes by which a place of the arena is moved */
function argumentText(plan: Plan, names: Names, argument: Argument, offset: string | null = null): string {
  return argument.kind === 'scalar' ? cInteger(argument.value) : placeText(plan, names, argument, offset);
}

function placeText(plan: Plan, names: Names, place: Place, offset: string | null = null): string {
  return place.kind === 'arena'
    ? `${names.macro}_AT(${place.offset}${offset ? ` + ${offset}` : ''})`
    : constantName(plan, names, place.block);
}

function resetFunction(plan: Plan, { prefix, macro }: Names): readonly string[] {
  const fills = states(plan).map(
    ({ offset, bytes, fill }) => `    memset(${macro}_AT(${offset}), ${fill}, ${bytes}u);\n`,
  );
  return fills.length === 0 ? [] : [`void ${prefix}_reset(void *arena)\n{\n${fills.join('')}}\n`];
}

function cInteger(value: number): string {
  return int32Text(value, 'INT32_MIN');
}
