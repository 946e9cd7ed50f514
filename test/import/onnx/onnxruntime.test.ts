import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import type { TypedArray } from '../../../src/graph/tensor.js';
import { importOnnx } from '../../../src/import/onnx/index.js';
import { evaluate } from '../../../src/oracle/index.js';
import { networkInput, onnxNetworks } from '../../support/onnx-networks.js';
import { placesOf } from '../../support/onnx-testdata.js';
import { needsShared, readShared } from '../../support/shared.js';

/** Outputs of ONNX Runtime, one list an input (`node --import=tsx bench/onnxruntime.ts --record`). */
const RECORDED = JSON.parse(readFileSync(new URL('onnxruntime.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, readonly (readonly number[])[]>
>;

/** Compares values and the top class of all recorded inputs; classes within half of the tolerance are one. */
function agrees(name: string, bytes: Uint8Array, tolerance: number): void {
  const graph = importOnnx(bytes, name);
  for (const [i, expected] of RECORDED[name]!.entries()) {
    const actual = outputOf(graph, name, i + 1);
    const difference = Math.max(...expected.map((value, k) => Math.abs(value - actual[k]!)));
    assert.ok(difference <= tolerance, `input ${i}: off by ${difference}`);
    const top = (values: readonly number[]) => values.indexOf(Math.max(...values));
    const gap = Math.abs(actual[top(expected)]! - actual[top(actual)]!);
    assert.ok(gap <= tolerance / 2, `input ${i}: class ${top(actual)} instead of ${top(expected)}`);
  }
}

function outputOf(graph: Graph, name: string, seed: number): number[] {
  const { data, shape } = networkInput(name, seed);
  const places = placesOf(shape, tensorAt(graph, graph.inputs[0]).shape);
  const input = data.slice() as TypedArray & (Float32Array | Uint8Array);
  for (const [at, from] of places.entries()) input[at] = data[from]!;
  return Array.from(evaluate(graph, [input])[graph.outputs[0]!]!, Number);
}

describe('networks agree with ONNX Runtime', () => {
  const networks = onnxNetworks();

  it('convolutions, batch normalization, pools and a sum in QDQ form', () =>
    agrees('image', networks.image!, 2 / 256));

  it('matrices of 4-bit blocks, slices and tables in QDQ form', () =>
    agrees('sequence', networks.sequence!, 0.041));

  it('operator form, codes in and out', () => agrees('operators', networks.operators!, 2));
});

describe('the keyword-spotting network agrees with ONNX Runtime', () => {
  if (!needsShared('keyword spotting', 'models/onnx/')) return;
  for (const name of Object.keys(RECORDED).filter((file) => file.endsWith('.onnx'))) {
    it(name, () => agrees(name, readShared(`models/onnx/${name}`), 6 / 256));
  }

  it('but not as a float network', () => {
    const name = 'micro_kws_m_static_quantized_dequant';
    assert.throws(
      () => importOnnx(readShared(`models/onnx/${name}.onnx`), name),
      /BL107.*Conv #4 .* computes in float: no QuantizeLinear follows/,
    );
  });
});
