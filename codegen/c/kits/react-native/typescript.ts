/** The package's TypeScript: the specification that Codegen reads, what apps import, and the self-test. */
import { tensorAt } from '../../../../src/graph/graph.js';
import { byteLength, type TensorId } from '../../../../src/graph/tensor.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { fedImage } from '../../../feed.js';
import { states } from '../../../ports.js';
import { fileHeader, fillLines, safeText } from '../../../text.js';
import type { SelfTest } from '../selftest.js';
import type { ModuleNames } from './names.js';

/** `Native<Name>.ts`. Codegen knows no ArrayBuffer; an `Object` reaches C++ as it is. */
export function specText(plan: Plan, { module }: ModuleNames): string {
  return `${fileHeader(plan, `What C++ implements for '${plan.prefix}'`, {})}
import type { TurboModule } from 'react-native';
import { TurboModuleRegistry } from 'react-native';

export interface Spec extends TurboModule {
  /** ArrayBuffers of the inputs; returns those of the outputs. */
  readonly run: (inputs: Array<Object>) => Array<Object>;
${hasReset(plan) ? '  readonly reset: () => void;\n' : ''}}

export default TurboModuleRegistry.getEnforcing<Spec>('${module}');
`;
}

/** `index.ts`. */
export function indexText(plan: Plan, { module }: ModuleNames): string {
  const { inputs, outputs } = plan.graph;
  const stream = fedImage(plan)?.stream ?? null;
  return `${fileHeader(plan, `Model '${plan.prefix}' in React Native`, {})}
import Native from './${module}';

/** real value = scale * (code - zeroPoint) */
export interface Tensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly scale: number | null;
  readonly zeroPoint: number | null;
  readonly bytes: number;
}

export const inputs: readonly Tensor[] = [
${inputs.map((id) => tensorText(plan, id)).join('')}];

export const outputs: readonly Tensor[] = [
${outputs.map((id) => tensorText(plan, id)).join('')}];

/**
 * Runs the model on the thread of the caller.
 * @param buffers ${stream ? "of one element: the next frames of the stream, as many as there are; `inputs` tells what the first output's are" : "the bytes of each input, elements as they lie in a typed array's buffer"}
 * @returns the bytes of each output${stream ? '; none while no new one is due' : ''}
 * @throws Error where a buffer is missing, or has not the input's size
 */
export function run(buffers: readonly ArrayBuffer[]): ArrayBuffer[] {
  return Native.run([...buffers]) as ArrayBuffer[];
}
${hasReset(plan) ? RESET : ''}`;
}

const RESET = `
/** Starts a new sequence. */
export function reset(): void {
  Native.reset();
}
`;

export function hasReset(plan: Plan): boolean {
  return states(plan).length > 0;
}

function tensorText(plan: Plan, id: TensorId): string {
  const tensor = tensorAt(plan.graph, id);
  const { name, shape, format } = tensor;
  const [scale = null] = format.scales;
  const zeroPoint = scale === null ? null : (format.zeroPoints[0] ?? 0);
  return `  {
    name: '${safeText(name)}',
    type: '${format.type}',
    shape: [${shape.join(', ')}],
    scale: ${scale},
    zeroPoint: ${zeroPoint},
    bytes: ${byteLength(tensor)},
  },
`;
}

/** `selftest.ts`: golden vectors, and what compares them, through JavaScript, C++ and C. */
export function selfTestText(plan: Plan, selfTest: SelfTest): string {
  const list = (ports: readonly Uint8Array[]) =>
    ports.map((bytes) => `[\n${fillLines('      ', [...bytes].map(String))},\n    ],`).join(' ');
  const runs = selfTest.map(
    ({ inputs, outputs }) => `  {
    inputs: [${list(inputs)}],
    outputs: [${list(outputs)}],
  },
`,
  );
  return `${fileHeader(plan, `Golden vectors of '${plan.prefix}'`, {})}
import { ${hasReset(plan) ? 'reset, ' : ''}run } from './index';

const runs: readonly { readonly inputs: readonly number[][]; readonly outputs: readonly number[][] }[] = [
${runs.join('')}];

/** Whether the module gives every byte of the golden vectors' outputs. */
export function selfTest(): boolean {
${hasReset(plan) ? '  reset();\n' : ''}  return runs.every(({ inputs, outputs }) => {
    const given = run(inputs.map((bytes) => Uint8Array.from(bytes).buffer)).map((buffer) => new Uint8Array(buffer));
    return (
      given.length === outputs.length &&
      outputs.every((bytes, i) => bytes.length === given[i].length && bytes.every((byte, at) => byte === given[i][at]))
    );
  });
}
`;
}
