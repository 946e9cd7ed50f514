import assert from 'node:assert/strict';
import { type Format, perTensor, type TypedArray } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { sharedGraph } from '../support/golden.js';
import { needsShared, readShared } from '../support/shared.js';

const FOLDER = 'models/golden_tflite';
const RUNS = 10;

/** Desktop TensorFlow Lite rounds otherwise than TFLite Micro, so codes may differ; what they say may not. */
describe('the oracle agrees with desktop TensorFlow Lite', () => {
  if (!needsShared('desktop runs', FOLDER)) return;

  for (const name of ['aww', 'ic', 'vww']) {
    it(`${name}: same class in ${RUNS} runs`, () => {
      for (const { actual, expected } of runs(name)) assert.equal(largest(actual), largest(expected));
    });
  }

  it('ad: within 3 steps of 255 in the 640 outputs of each run', () => {
    for (const { actual, expected } of runs('ad')) {
      assert.equal(actual.length, expected.length);
      expected.forEach((code, i) => {
        assert.ok(Math.abs(code - Number(actual[i])) <= 3, `${i}: ${code}, ${actual[i]}`);
      });
    }
  });
});

function runs(name: string): { actual: TypedArray; expected: number[] }[] {
  const graph = sharedGraph(name);
  const formatOf = (id: number | undefined) => graph.tensors[id!]!.format;
  // Pictures for `ic` are bytes, all else is recorded in real values.
  const bytesFormat = perTensor('int8', 1, -128);
  return Array.from({ length: RUNS }, (_, i) => {
    const input = readShared(`${FOLDER}/${name}/input/${i}.bin`);
    const codes =
      name === 'ic' ? toCodes(input, bytesFormat) : toCodes(floats(input), formatOf(graph.inputs[0]));
    const output = floats(readShared(`${FOLDER}/${name}/output_tflite/${i}.bin`));
    return {
      actual: evaluate(graph, [Int8Array.from(codes)])[graph.outputs[0]!]!,
      expected: toCodes(output, formatOf(graph.outputs[0])),
    };
  });
}

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

function toCodes(values: Iterable<number>, { scales, zeroPoints }: Format): number[] {
  return Array.from(values, (x) =>
    Math.max(-128, Math.min(127, Math.round(x / scales[0]!) + zeroPoints[0]!)),
  );
}

function largest(codes: ArrayLike<number | bigint>): number {
  const numbers = Array.from(codes, Number);
  return numbers.indexOf(Math.max(...numbers));
}
