import type { Plan, SpecialisedFunction, Stage, Step } from '../../src/plan/plan.js';
import { type Argument, callArguments, parameterNames } from '../calls.js';
import { fedImage } from '../feed.js';
import type { EmitOptions } from '../options.js';
import { states, stepOutputs } from '../ports.js';
import { describeStage, stageAt, stageBody, stageName } from '../stages.js';
import { breakCall, describeStep, fileHeader, int32Text } from '../text.js';
import { expansions } from './compact.js';
import { feedExports } from './feed.js';
import { type KernelFunction, kernelFunction } from './kernel-function.js';
import { addressOf, type Layout } from './layout.js';

/** Folder of the kernels, from the entry file. */
const KERNELS = './assembly';

/**
 * The AssemblyScript program of a plan. Specialised functions are exported so that Binaryen neither inlines them
 * into `run`, which engines would compile worse, nor specialises them for one caller; the linker hides them again.
 */
export function entryText(plan: Plan, layout: Layout, options: EmitOptions): string {
  const kernels = plan.functions.map(({ call, source }) => kernelFunction(call.kernel, source));
  const parts = [
    fileHeader(plan, `Model '${plan.prefix}'`, options),
    `${imports(plan, layout, kernels).join('\n')}\n`,
    ...plan.functions.map((specialised, i) => functionText(specialised, kernels[i]!)),
    ...plan.stages.map((stage) => stageFunction(plan, layout, stage)),
    ...runs(plan, layout, options),
    ...reset(plan, layout),
    ...start(plan, layout),
  ];
  return parts.join('\n');
}

function imports(plan: Plan, layout: Layout, kernels: readonly KernelFunction[]): readonly string[] {
  const sources = new Map(kernels.map(({ name }, i) => [name, plan.functions[i]!.source]));
  for (const { expand, source } of expansions(plan, layout)) sources.set(expand, source);
  if (plan.stages.length > 0) for (const name of ['rows_ready', 'ring_row']) sources.set(name, 'ring');
  return [...sources].map(([name, source]) => `import { ${name} } from '${KERNELS}/${source}';`).sort();
}

function functionText({ name, call }: SpecialisedFunction, kernel: KernelFunction): string {
  const names = parameterNames(call);
  const scalars = new Set(Object.keys(call.scalars));
  const parameters = names.map((parameter) => `${parameter}: ${scalars.has(parameter) ? 'i32' : 'usize'}`);
  const shape = Object.values(call.shape).map(integer);
  return `${breakCall('', `export function ${name}`, parameters, ': void {')}
${breakCall('  ', kernel.name + kernel.types, [...names, ...shape], ';')}
}
`;
}

function stageFunction(plan: Plan, layout: Layout, stage: Stage): string {
  const body = stageBody(plan, stage, {
    declare: (name, value) => `let ${name}: i32 = ${value}`,
    comment: (text) => `// ${text}`,
    min: 'min<i32>',
    rowsReady: 'rows_ready',
    ringRow: 'ring_row',
    count: ({ offset }, index) => `load<i32>(${layout.arena + offset + 4 * index})`,
    keep: ({ offset }, index, value) => `store<i32>(${layout.arena + offset + 4 * index}, ${value})`,
    move: (to, from, bytes) => `memory.copy(${layout.arena} + ${to}, ${layout.arena} + ${from}, ${bytes})`,
    indent: '  ',
    functionName: (step) => plan.functions[step.functionIndex]!.name,
    argument: (argument, offset) =>
      offset ? `${argumentText(plan, layout, argument)} + ${offset}` : argumentText(plan, layout, argument),
  });
  return `// ${describeStage(plan, stage)}
function ${stageName(plan, stage)}(): void {
${body}}
`;
}

/** What runs the model: as a whole, as rows of its input come, or step by step. */
function runs(plan: Plan, layout: Layout, { trace }: EmitOptions): readonly string[] {
  const fed = fedImage(plan);
  if (trace) return [...(fed ? [feedExports(plan, layout, fed, '')] : []), runSteps(plan, layout)];
  if (!fed) return [`export function run(): void {\n${callsFrom(plan, layout, 0)}}\n`];
  return [feedExports(plan, layout, fed, callsFrom(plan, layout, fed.passes.at(-1)!.stage.last + 1))];
}

/** The call of a step, or at its last step of the stage that it is in; null for those before, and of a stage that rows run. */
function callAt(plan: Plan, layout: Layout, index: number, indent: string): string | null {
  const step = plan.steps[index]!;
  const stage = stageAt(plan, index);
  if (stage?.fed) return null;
  if (stage) return index === stage.last ? `${indent}${stageName(plan, stage)}();` : null;
  return `${indent}// ${comment(plan, step)}\n${callText(plan, layout, step, indent)}`;
}

/** The calls of the steps from `first` on. */
function callsFrom(plan: Plan, layout: Layout, first: number): string {
  const steps = plan.steps.flatMap((_, i) => {
    const text = i < first ? null : callAt(plan, layout, i, '  ');
    return text === null ? [] : [`${text}\n`];
  });
  return steps.join('');
}

/** The traced form: one step at a time, and all of them. */
function runSteps(plan: Plan, layout: Layout): string {
  const cases = plan.steps.flatMap((_, i) => {
    const text = callAt(plan, layout, i, '      ');
    return text === null ? [] : [`    case ${i}:\n${text}\n      break;\n`];
  });
  return `export function run_step(step: i32): void {
  switch (step) {
${cases.join('')}  }
}

export function run(): void {
  for (let step = 0; step < ${plan.steps.length}; step++) run_step(step);
}
`;
}

function comment(plan: Plan, step: Step): string {
  return describeStep(step.node, stepOutputs(plan, step));
}

function callText(plan: Plan, layout: Layout, step: Step, indent: string): string {
  const args = callArguments(plan, step).map((argument) => argumentText(plan, layout, argument));
  return breakCall(indent, plan.functions[step.functionIndex]!.name, args, ';');
}

function argumentText(plan: Plan, layout: Layout, argument: Argument): string {
  return argument.kind === 'scalar' ? integer(argument.value) : String(addressOf(plan, layout, argument));
}

function reset(plan: Plan, layout: Layout): readonly string[] {
  const fills = states(plan).map(
    ({ offset, fill, bytes }) => `  memory.fill(${layout.arena + offset}, ${fill}, ${bytes});\n`,
  );
  return fills.length === 0 ? [] : [`export function reset(): void {\n${fills.join('')}}\n`];
}

/** What runs when the module is instantiated. */
function start(plan: Plan, layout: Layout): readonly string[] {
  const calls = expansions(plan, layout).map(({ expand, parameters }) => {
    return `${expand}(${parameters.map(integer).join(', ')});\n`;
  });
  return calls.length === 0 ? [] : [calls.join('')];
}

function integer(value: number): string {
  return int32Text(value, 'i32.MIN_VALUE');
}
