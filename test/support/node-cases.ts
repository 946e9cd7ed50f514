import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import type { Graph } from '../../src/graph/graph.js';
import type { Node, OpAttributes, OpKind } from '../../src/graph/ops.js';
import { toMemory } from '../../src/graph/packed.js';
import {
  allocate,
  elementCount,
  type Format,
  INTEGER_RANGE,
  isPacked,
  type Tensor,
  type TypedArray,
  toBytes,
} from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { type Folders, planFor } from './artifacts.js';
import { buildHostProgram, runHostProgram } from './host-c.js';
import { importWasm, runWasm } from './node-wasm.js';

/** A tensor of a case; without data it is an input of the graph. */
export interface CaseTensor {
  readonly shape: readonly number[];
  readonly format: Format;
  readonly data?: TypedArray;
}

/** One node with its operands, and the contents of those that are inputs. */
export interface NodeCase<K extends OpKind = OpKind> {
  readonly kind: K;
  readonly attributes: OpAttributes[K];
  readonly operands: readonly CaseTensor[];
  readonly output: { readonly shape: readonly number[]; readonly format: Format };
  readonly contents: readonly TypedArray[];
}

/** A case that fast-check prints without its contents. */
export function nodeCase(value: NodeCase): NodeCase {
  return Object.assign(value, { [fc.toStringMethod]: () => caseText(value) });
}

function caseText({ kind, attributes, operands, output }: NodeCase): string {
  const brief = ({ shape, format, data }: CaseTensor) =>
    `${data ? 'constant ' : ''}${format.type}[${shape.join('x')}] ${format.scales} ${format.zeroPoints}`;
  return `${kind} ${JSON.stringify(attributes)} of ${[...operands, output].map(brief).join(', ')}`;
}

/** All cases as one graph of unconnected nodes, so that one compilation checks many. */
export function graphOfCases(cases: readonly NodeCase[]): Graph {
  const tensors: Tensor[] = [];
  const inputs: number[] = [];
  const tensor = ({ shape, format, data }: CaseTensor) =>
    tensors.push({ name: `t${tensors.length}`, shape, format, data: data ?? null, state: false }) - 1;
  const nodes = cases.map(({ kind, attributes, operands, output }, index) => {
    const ids = operands.map(tensor);
    inputs.push(...ids.filter((id) => tensors[id]!.data === null));
    const source = { operator: kind, index };
    return { kind, attributes, inputs: ids, outputs: [tensor(output)], source } as Node;
  });
  return { name: 'cases', tensors, nodes, inputs, outputs: nodes.flatMap(({ outputs }) => outputs) };
}

/** Pseudo-random bytes, the same for the same seed; floats are spread over a few orders of magnitude. */
export function noise(format: Format, shape: readonly number[], seed: number): TypedArray {
  const data = allocate(format.type, elementCount(shape));
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  if (isPacked(format.type)) {
    const { min, max } = INTEGER_RANGE[format.type];
    const codes = data as Int8Array | Uint8Array;
    return codes.map(() => (format.type === 'binary' ? (next() & 1 ? 1 : -1) : min + (next() & max)));
  }
  if (data instanceof Float32Array) return data.map(() => (next() - 128) * 2 ** ((next() % 8) - 6));
  toBytes(data).forEach((_, i, bytes) => {
    bytes[i] = next();
  });
  return data;
}

const BACKENDS = {
  'C on this machine': async (graph: Graph, inputs: readonly Uint8Array[], folders: Folders) => {
    const plan = planFor(graph, 'host', 'cases');
    const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const program = buildHostProgram(plan, folders, sanitize);
    return runHostProgram(program, plan, [Buffer.concat(inputs)])[0]!;
  },
  WASM: async (graph: Graph, inputs: readonly Uint8Array[], folders: Folders) => {
    const { load } = await importWasm(planFor(graph, 'web', 'cases'), folders);
    return runWasm(await load(), inputs);
  },
};

const BACKEND_NAMES = Object.keys(BACKENDS) as readonly (keyof typeof BACKENDS)[];
const hasCompiler = spawnSync('gcc', ['--version']).status === 0;
if (!hasCompiler) console.log('      skipped: kernels in C need gcc');

export const CASE_BACKENDS = BACKEND_NAMES.filter((name) => hasCompiler || name === 'WASM');

/** Fails with the first case whose output differs from the oracle's. */
export async function assertCases(
  backend: keyof typeof BACKENDS,
  cases: readonly NodeCase[],
  folders: Folders,
): Promise<void> {
  const graph = graphOfCases(cases);
  const inputs = cases.flatMap(({ contents }) => contents);
  const expected = evaluate(graph, inputs);
  const memory = inputs.map((data, i) => toMemory(graph.tensors[graph.inputs[i]!]!, data));
  const actual = await BACKENDS[backend](graph, memory, folders);
  let at = 0;
  graph.outputs.forEach((id, i) => {
    const bytes = toMemory(graph.tensors[id]!, expected[id]!);
    const seen = new Uint8Array(actual.subarray(at, at + bytes.length));
    if (!bytes.every((byte, k) => byte === seen[k])) assert.deepEqual(seen, bytes, caseText(cases[i]!));
    at += bytes.length;
  });
}
