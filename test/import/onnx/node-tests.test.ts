import assert from 'node:assert/strict';
import { needsTestdata, nodeTest, nodeTests, run, withConstants } from '../../support/onnx-testdata.js';

/** The quantized tests of ONNX in scope, with the inputs that stay inputs; the others are parameters, constants in a real model. */
const IN_SCOPE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  test_basic_convinteger: [['x']],
  test_convinteger_without_padding: [['x']],
  test_convinteger_with_padding: [['x']],
  test_dequantizelinear: [['x']],
  test_dynamicquantizelinear: [['x']],
  test_dynamicquantizelinear_expanded: [['x']],
  test_dynamicquantizelinear_max_adjusted: [['x']],
  test_dynamicquantizelinear_max_adjusted_expanded: [['x']],
  test_dynamicquantizelinear_min_adjusted: [['x']],
  test_dynamicquantizelinear_min_adjusted_expanded: [['x']],
  test_matmulinteger: [['A']],
  test_qlinearconv: [['x']],
  test_qlinearmatmul_2D: [['a'], ['a', 'b']],
  test_qlinearmatmul_3D: [['a', 'b']],
  test_quantizelinear: [['x']],
};

/** Those that are not, and why (docs/onnx.md). */
const OUT_OF_SCOPE: Readonly<Record<string, RegExp>> = {
  test_dequantizelinear_axis: /BL107.*more than one scale/,
  test_quantizelinear_axis: /BL107.*more than one scale/,
};

describe('the quantized node tests of ONNX', () => {
  if (!needsTestdata('node tests')) return;

  it('are all either in scope or not', () => {
    const all = nodeTests(/quantize|qlinear|integer/).filter((name) => !/nonmaxsup/.test(name));
    assert.deepEqual(all.toSorted(), [...Object.keys(IN_SCOPE), ...Object.keys(OUT_OF_SCOPE)].toSorted());
  });

  for (const [name, choices] of Object.entries(IN_SCOPE)) {
    for (const free of choices) {
      it(`${name} of ${free.join(' and ')}`, () => {
        const test = nodeTest(name);
        const data = test.inputs.filter((_, i) => free.includes(test.model.inputs[i]!.name));
        const { outputs } = run(withConstants(test, free), data);
        assert.deepEqual(
          outputs.map((data) => Array.from(data, Number)),
          test.outputs.map(({ data }) => Array.from(data)),
        );
      });
    }
  }

  for (const [name, words] of Object.entries(OUT_OF_SCOPE)) {
    it(`${name} ends in a message`, () => {
      const test = nodeTest(name);
      assert.throws(() => run(withConstants(test, ['x']), test.inputs), words);
    });
  }
});
