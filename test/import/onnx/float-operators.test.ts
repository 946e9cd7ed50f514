import assert from 'node:assert/strict';
import { importerOf } from '../../../src/import/onnx/operators/index.js';
import {
  type NodeTest,
  needsTestdata,
  nodeModel,
  nodeTest,
  nodeTests,
  quantized,
  run,
} from '../../support/onnx-testdata.js';

/** Operators that compute with two activations. */
const BINARY = new Set(['Add', 'Sub', 'Mul', 'MatMul', 'Concat', 'Max', 'Min']);

/** Greatest error as a share of the output's range: two roundings to 8 bits and what the operator makes of the first. */
const TOLERANCE = 0.02;

/** Tests of the operators that Bitloom imports which it does not take, with what it says; the last ones are no test of 8 bits. */
const REJECTED: readonly (readonly [name: RegExp, message: RegExp])[] = [
  [/_3d_default|convtranspose_3d/, /one or two dimensions/],
  [/_argmax_.*select_last_index/, /BL104.*selects the last index/],
  [/convtranspose_(1d|autopad|dilations|kernel_shape|output_shape|with_kernel)/, /BL104.*groups, dilations/],
  [/convtranspose_pad$/, /BL104.*makes/],
  [/_div(_|$)/, /BL104.*divides by more than one number/],
  [/dropout.*mask|training_dropout/, /BL10/],
  [/gemm_default_matrix_bias/, /BL104.*has a bias/],
  [/^test_(max|min)_(example|one_input)/, /BL104.*inputs/],
  [/maxpool_2d_dilations/, /BL104.*dilations/],
  [/maxpool_with_argmax/, /BL104.*where its maxima lie/],
  [/prelu/, /BL104.*slope a channel/],
  [/allowzero_reordered|zero_size_splits|slice_start_out_of_bounds/, /BL10[24]/],
  [/resize.*cubic/, /BL104.*mode cubic/],
  [/resize.*(tf_|downsample_scales_linear$|downsample_sizes_linear_pytorch)/, /BL104.*coordinates/],
  [/training_mode/, /BL104.*training mode/],
];

/** Steps, sharp peaks and casts to types that the output does not carry. */
const MEANINGLESS = /thresholdedrelu_example|softmax_large_number|argmax|castlike|_cast_/;

/** The test, if it is one of a single float operator that Bitloom imports. */
function imported(name: string): NodeTest | null {
  const model = nodeModel(name);
  const [node, ...more] = model?.nodes ?? [];
  const single = node && more.length === 0 && importerOf(node.domain, node.op) !== null;
  return single && model?.inputs[0]?.type === 'float' && !/Quant/.test(node.op) ? nodeTest(name) : null;
}

describe("ONNX's tests of float operators, between QuantizeLinear and DequantizeLinear", () => {
  if (!needsTestdata('float operators')) return;
  const tests = nodeTests(/^test_(?!.*(bfloat|BFLOAT|DOUBLE|adam|adagrad))/).flatMap((name) => {
    const test = MEANINGLESS.test(name) ? null : imported(name);
    return test ? [test] : [];
  });

  it('are many', () => assert.ok(tests.length > 200, `${tests.length}`));

  for (const test of tests) {
    const { op } = test.model.nodes[0]!;
    const free = test.model.inputs.filter((_, i) => i === 0 || BINARY.has(op)).map(({ name }) => name);
    const data = test.inputs.filter((_, i) => free.includes(test.model.inputs[i]!.name));
    const rejection = REJECTED.find(([name]) => name.test(test.name));
    if (rejection) {
      it(`${test.name} ends in a message`, () => {
        assert.throws(() => run(quantized(test, free), data), rejection[1]);
      });
      continue;
    }
    it(`${test.name} within ${100 * TOLERANCE} % of the range`, () => {
      const { outputs } = run(quantized(test, free), data);
      for (const [i, output] of outputs.entries()) {
        const expected = Array.from(test.outputs[i]!.data);
        const actual = Array.from(output, Number);
        assert.equal(actual.length, expected.length);
        const range = Math.max(0, ...expected) - Math.min(0, ...expected) || 1;
        const error = Math.max(...expected.map((value, k) => Math.abs(value - actual[k]!))) / range;
        assert.ok(error < TOLERANCE, `off by ${(100 * error).toFixed(1)} % of the range`);
      }
    });
  }
});
