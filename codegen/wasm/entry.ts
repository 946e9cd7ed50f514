import type { Plan, SpecialisedFunction, Step } from '../../src/plan/plan.js';
import { type Argument, callArguments, parameterNames } from '../calls.js';
import type { EmitOptions } from '../options.js';
import { states, stepOutputs } from '../ports.js';
import { breakCall, describeStep, fileHeader, int32Text } from '../text.js';
import { expansions } from './compact.js';
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
    options.trace ? runSteps(plan, layout) : run(plan, layout),
    ...reset(plan, layout),
    ...start(plan, layout),
  ];
  return parts.join('\n');
}

function imports(plan: Plan, layout: Layout, kernels: readonly KernelFunction[]): readonly string[] {
  const sources = new Map(kernels.map(({ name }, i) => [name, plan.functions[i]!.source]));
  for (const { expand, source } of expansions(plan, layout)) sources.set(expand, source);
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

function run(plan: Plan, layout: Layout): string {
  const steps = plan.steps.map(
    (step) => `  // ${comment(plan, step)}\n${callText(plan, layout, step, '  ')}\n`,
  );
  return `export function run(): void {\n${steps.join('')}}\n`;
}

/** The traced form: one step at a time, and all of them. */
function runSteps(plan: Plan, layout: Layout): string {
  const cases = plan.steps.map(
    (step, i) => `    // ${comment(plan, step)}
    case ${i}:
${callText(plan, layout, step, '      ')}
      break;
`,
  );
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
  const text = (argument: Argument): string =>
    argument.kind === 'scalar' ? integer(argument.value) : String(addressOf(plan, layout, argument));
  const args = callArguments(plan, step).map(text);
  return breakCall(indent, plan.functions[step.functionIndex]!.name, args, ';');
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
