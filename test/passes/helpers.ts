import assert from 'node:assert';
import { checkGraph } from '../../src/graph/check.js';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { type TypedArray, toBytes } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import type { Pass } from '../../src/passes/index.js';

/** Runs `pass` with the oracle; the result must keep the contract of graphs. */
export function run(pass: Pass, graph: Graph): Graph {
  const result = pass(graph, evaluate);
  checkGraph(result);
  return result;
}

/** Inputs, outputs and every output byte are the same in both graphs. */
export function assertSame(before: Graph, after: Graph, inputs: readonly TypedArray[]): void {
  assert.deepStrictEqual(interfaceOf(after), interfaceOf(before));
  const [expected, actual] = [before, after].map((graph) => {
    const contents = evaluate(graph, inputs);
    return graph.outputs.map((id) => Buffer.from(toBytes(contents[id]!)).toString('hex'));
  });
  assert.deepStrictEqual(actual, expected);
}

/** Names, shapes and formats of inputs and outputs, in order. */
function interfaceOf(graph: Graph) {
  const describe = (id: number) => {
    const { name, shape, format } = tensorAt(graph, id);
    return { name, shape, format };
  };
  return { inputs: graph.inputs.map(describe), outputs: graph.outputs.map(describe) };
}

/** All 256 codes, in order. */
export const EVERY_BYTE = Int8Array.from({ length: 256 }, (_, i) => i - 128);
