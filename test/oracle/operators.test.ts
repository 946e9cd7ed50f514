import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.js';
import type { Node, NodeOf, OpAttributes, OpKind } from '../../src/graph/ops.js';
import { type Format, perTensor, plain, type Tensor, type TypedArray } from '../../src/graph/tensor.js';
import { evaluate, initialState } from '../../src/oracle/index.js';

type Operand = { readonly shape: readonly number[]; readonly format: Format; readonly data: TypedArray };

const int8 = (shape: number[], codes: number[], scale = 1, zeroPoint = 0): Operand => ({
  shape,
  format: perTensor('int8', scale, zeroPoint),
  data: Int8Array.from(codes),
});
const int16 = (shape: number[], codes: number[], scale = 1): Operand => ({
  shape,
  format: perTensor('int16', scale, 0),
  data: Int16Array.from(codes),
});
const int32 = (codes: number[]): Operand => ({
  shape: [codes.length],
  format: plain('int32'),
  data: Int32Array.from(codes),
});
const output8 = (shape: number[], scale = 1, zeroPoint = 0) => ({
  shape,
  format: perTensor('int8', scale, zeroPoint),
});

const ALL = { min: -128, max: 127 };
const ONE = { height: 1, width: 1 };
const NO_PADDING = { top: 0, bottom: 0, left: 0, right: 0 };
const WINDOW = { stride: ONE, dilation: ONE, padding: NO_PADDING, clamp: ALL };

/** A graph of one operator whose operands are its inputs. */
function graphOf<K extends OpKind>(
  kind: K,
  attributes: OpAttributes[K],
  operands: readonly (Operand | null)[],
  output: { readonly shape: readonly number[]; readonly format: Format },
): Graph {
  const present = operands.filter((operand) => operand !== null);
  const tensor = (name: string, { shape, format }: Pick<Operand, 'shape' | 'format'>): Tensor => ({
    name,
    shape,
    format,
    data: null,
    state: false,
  });
  const node: NodeOf<K> = {
    kind,
    attributes,
    inputs: operands.map((operand) => (operand === null ? null : present.indexOf(operand))),
    outputs: [present.length],
    source: { operator: kind, index: 0 },
  };
  return {
    name: kind,
    tensors: [...present.map((operand, i) => tensor(`input ${i}`, operand)), tensor('output', output)],
    nodes: [node as Node],
    inputs: present.map((_, i) => i),
    outputs: [present.length],
  };
}

function run<K extends OpKind>(
  kind: K,
  attributes: OpAttributes[K],
  operands: readonly (Operand | null)[],
  output: { readonly shape: readonly number[]; readonly format: Format },
): number[] {
  const graph = graphOf(kind, attributes, operands, output);
  const inputs = operands.filter((operand) => operand !== null).map(({ data }) => data);
  return Array.from(evaluate(graph, inputs)[graph.outputs[0]!]!, Number);
}

describe('convolutions', () => {
  it('padded taps contribute nothing, whatever the zero point', () => {
    const x = int8([1, 2, 2, 1], [11, 12, 13, 14], 1, 10);
    const filter = int8([1, 3, 3, 1], Array(9).fill(1));
    const padding = { top: 1, bottom: 1, left: 1, right: 1 };
    assert.deepEqual(
      run('CONV_2D', { ...WINDOW, padding }, [x, filter, null], output8([1, 2, 2, 1])),
      [10, 10, 10, 10],
    );
  });

  it('channels by group, each with its multiplier, bias and clamp', () => {
    const x = int8([1, 1, 1, 4], [1, 2, 3, 4]);
    const filter: Operand = {
      ...int8([2, 1, 1, 2], [1, 1, 2, 2]),
      format: { type: 'int8', scales: [1, 0.5], zeroPoints: [0, 0], axis: 0 },
    };
    const bias = int32([10, 2]);
    assert.deepEqual(run('CONV_2D', WINDOW, [x, filter, bias], output8([1, 1, 1, 2], 1, 1)), [14, 9]);
    const clamped = { ...WINDOW, clamp: { min: 10, max: 12 } };
    assert.deepEqual(run('CONV_2D', clamped, [x, filter, bias], output8([1, 1, 1, 2], 1, 1)), [12, 10]);
  });

  it('strides, dilation and a filter with a zero point', () => {
    const x = int8([1, 1, 7, 1], [1, 2, 3, 4, 5, 6, 7]);
    const filter = int8([1, 1, 2, 1], [3, 4], 1, 2);
    const attributes = { ...WINDOW, stride: { height: 1, width: 2 }, dilation: { height: 1, width: 3 } };
    // 1 * x[i] + 2 * x[i + 3] at i = 0 and 2.
    assert.deepEqual(run('CONV_2D', attributes, [x, filter, null], output8([1, 1, 2, 1])), [9, 15]);
  });

  it('DEPTHWISE_CONV_2D with a depth multiplier', () => {
    const x = int8([1, 1, 1, 2], [5, 7]);
    const filter = int8([1, 1, 1, 4], [1, 2, 3, 4]);
    const attributes = { ...WINDOW, depthMultiplier: 2 };
    assert.deepEqual(
      run('DEPTHWISE_CONV_2D', attributes, [x, filter, null], output8([1, 1, 1, 4])),
      [5, 10, 21, 28],
    );
  });

  it('TRANSPOSE_CONV scatters', () => {
    const x = int8([1, 1, 2, 1], [1, 10]);
    const filter = int8([1, 1, 3, 1], [1, 2, 3]);
    const attributes = { stride: { height: 1, width: 2 }, padding: NO_PADDING, clamp: ALL };
    assert.deepEqual(
      run('TRANSPOSE_CONV', attributes, [x, filter, null], output8([1, 1, 5, 1])),
      [1, 2, 13, 20, 30],
    );
    const cropped = { ...attributes, padding: { ...NO_PADDING, left: 1 } };
    assert.deepEqual(run('TRANSPOSE_CONV', cropped, [x, filter, null], output8([1, 1, 3, 1])), [2, 13, 20]);
  });

  it('rounds twice: ties of the product go up, ties of the shift away from zero', () => {
    const filter = int8([1, 1, 1, 1], [1]);
    const codes = (scale: number) =>
      [-3, -2, -1, 1, 2, 3].map(
        (code) =>
          run('CONV_2D', WINDOW, [int8([1, 1, 1, 1], [code], scale), filter, null], output8([1, 1, 1, 1]))[0],
      );
    assert.deepEqual(codes(0.5), [-1, -1, 0, 1, 1, 2]);
    // -0.25 becomes 0 by way of -0.5, but 0.25 becomes 1 by way of 0.5 and 1.
    assert.deepEqual(codes(0.25), [-1, -1, 0, 1, 1, 1]);
  });
});

describe('matrix products', () => {
  it('FULLY_CONNECTED over rows', () => {
    const x = int8([2, 2], [1, 2, 3, 4], 1, 1);
    const filter = int8([2, 2], [1, 1, 0, -1]);
    const bias = int32([0, 5]);
    assert.deepEqual(
      run('FULLY_CONNECTED', { clamp: ALL }, [x, filter, bias], output8([2, 2])),
      [1, 4, 5, 2],
    );
  });

  it('the accumulator of int16 activations follows the bias: int64 or none has 16-bit multipliers', () => {
    const x = int16([1, 1], [32767]);
    const filter = int8([1, 1], [127], Math.fround(1 / 134));
    const output = { shape: [1, 1], format: perTensor('int16', 1, 0) };
    const attributes = { clamp: { min: -32768, max: 32767 } };
    const wide: Operand = { shape: [1], format: plain('int64'), data: BigInt64Array.of(0n) };
    // 4161409 / 134 = 31055.29; the 16-bit multiplier makes it 31055.8.
    assert.deepEqual(run('FULLY_CONNECTED', attributes, [x, filter, int32([0])], output), [31055]);
    assert.deepEqual(run('FULLY_CONNECTED', attributes, [x, filter, wide], output), [31056]);
    assert.deepEqual(run('FULLY_CONNECTED', attributes, [x, filter, null], output), [31056]);
  });

  it('BATCH_MATMUL with transposed operands and broadcast batches', () => {
    const a = int8([2, 1, 2], [1, 2, 3, 4], 1, 1);
    const b = int8([1, 2, 2], [1, 2, 3, 4]);
    const output = output8([2, 1, 2]);
    assert.deepEqual(run('BATCH_MATMUL', { adjX: false, adjY: false }, [a, b], output), [3, 4, 11, 16]);
    assert.deepEqual(run('BATCH_MATMUL', { adjX: false, adjY: true }, [a, b], output), [2, 4, 8, 18]);
    const aT = { ...a, shape: [2, 2, 1] };
    assert.deepEqual(run('BATCH_MATMUL', { adjX: true, adjY: false }, [aT, b], output), [3, 4, 11, 16]);
  });
});

describe('binary operators', () => {
  it('ADD and SUB rescale and broadcast', () => {
    const a = int8([2, 2], [10, 20, 30, 40], 0.5);
    const b = int8([2], [1, 3], 2, 1);
    assert.deepEqual(run('ADD', { clamp: ALL }, [a, b], output8([2, 2])), [5, 14, 15, 24]);
    assert.deepEqual(run('SUB', { clamp: ALL }, [a, b], output8([2, 2])), [5, 6, 15, 16]);
    assert.deepEqual(run('ADD', { clamp: { min: 6, max: 15 } }, [a, b], output8([2, 2])), [6, 14, 15, 15]);
  });

  it('MUL takes zero points off first', () => {
    const a = int8([3], [-128, 1, 127], 1, 1);
    const b = int8([1], [3], 0.25, -1);
    assert.deepEqual(run('MUL', { clamp: ALL }, [a, b], output8([3], 2, 7)), [-58, 7, 70]);
  });

  it('MAXIMUM and MINIMUM compare codes', () => {
    const a = int8([2], [-5, 5]);
    const b = int8([1], [0]);
    assert.deepEqual(run('MAXIMUM', {}, [a, b], output8([2])), [0, 5]);
    assert.deepEqual(run('MINIMUM', {}, [a, b], output8([2])), [-5, 0]);
  });

  it('PRELU multiplies negative values by their channel', () => {
    const x = int8([1, 1, 1, 2], [-10, -10]);
    const alpha = int8([2], [2, -4], 0.25);
    assert.deepEqual(run('PRELU', {}, [x, alpha], output8([1, 1, 1, 2])), [-5, 10]);
  });
});

describe('pools and reductions', () => {
  const attributes = { filter: { height: 1, width: 2 }, stride: ONE, padding: NO_PADDING, clamp: ALL };

  it('AVERAGE_POOL_2D rounds half away from zero', () => {
    const x = int8([1, 1, 4, 1], [-2, -1, 0, 1]);
    assert.deepEqual(run('AVERAGE_POOL_2D', attributes, [x], output8([1, 1, 3, 1])), [-2, -1, 1]);
  });

  it('pools count only taps inside of the image', () => {
    const x = int8([1, 1, 2, 1], [-7, -9]);
    const padded = { ...attributes, padding: { ...NO_PADDING, left: 1, right: 1 } };
    assert.deepEqual(run('AVERAGE_POOL_2D', padded, [x], output8([1, 1, 3, 1])), [-7, -8, -9]);
    assert.deepEqual(run('MAX_POOL_2D', padded, [x], output8([1, 1, 3, 1])), [-7, -7, -9]);
  });

  it('MEAN and SUM over any axes', () => {
    const x = int8([2, 3], [1, 2, 3, 4, 5, 6], 1, 1);
    assert.deepEqual(run('MEAN', { axes: [0] }, [x], output8([3])), [2, 3, 4]);
    assert.deepEqual(run('MEAN', { axes: [1] }, [x], output8([2, 1], 0.5, -3)), [-1, 5]);
    assert.deepEqual(run('MEAN', { axes: [0, 1] }, [x], output8([]))[0], 3);
    assert.deepEqual(run('SUM', { axes: [1] }, [x], output8([2])), [3, 12]);
  });

  it('ARG_MAX: the lowest index wins', () => {
    const output = { shape: [2], format: plain('int32') };
    assert.deepEqual(run('ARG_MAX', { axis: 1 }, [int8([2, 3], [5, 9, 9, -1, -2, -1])], output), [1, 0]);
    assert.deepEqual(run('ARG_MAX', { axis: 0 }, [int8([2, 2], [1, 2, 3, 2])], output), [1, 0]);
  });
});

describe('activations', () => {
  it('LOGISTIC and TANH saturate at both ends', () => {
    const x = int8([5], [-128, -8, 0, 8, 127], 1 / 8);
    assert.deepEqual(run('LOGISTIC', {}, [x], output8([5], 1 / 256, -128)), [-128, -59, 0, 59, 127]);
    assert.deepEqual(run('TANH', {}, [x], output8([5], 1 / 128)), [-128, -97, 0, 97, 127]);
  });

  it('HARD_SWISH: zero below -3, the identity above 3', () => {
    const x = int8([5], [-64, -24, 0, 24, 64], 1 / 8);
    assert.deepEqual(run('HARD_SWISH', {}, [x], output8([5], 1 / 8)), [0, 0, 0, 24, 64]);
  });

  it('HARD_SWISH with an output 2^16 times coarser than the input is off by one, as in TFLM', () => {
    const x = int8([2], [-64, 64], 2 ** -16);
    assert.deepEqual(run('HARD_SWISH', {}, [x], output8([2], 16)), [-1, 1]);
  });

  it('RELU rescales, RELU6 does not, RELU_N1_TO_1 does', () => {
    const x = int8([4], [-40, -1, 20, 100], 0.1);
    assert.deepEqual(run('RELU', {}, [x], output8([4], 0.2, -10)), [-10, -10, 0, 40]);
    assert.deepEqual(run('RELU6', {}, [x], output8([4], 0.1)), [0, 0, 20, 60]);
    assert.deepEqual(run('RELU_N1_TO_1', {}, [x], output8([4], 0.05)), [-20, -2, 20, 20]);
  });

  it('LEAKY_RELU with either sign of alpha', () => {
    const x = int8([2], [-40, 40]);
    assert.deepEqual(run('LEAKY_RELU', { alpha: 0.25 }, [x], output8([2])), [-10, 40]);
    assert.deepEqual(run('LEAKY_RELU', { alpha: -0.25 }, [x], output8([2])), [10, 40]);
  });

  it('GELU in both forms', () => {
    const x = int8([3], [-128, 0, 64], 1 / 64);
    assert.deepEqual(run('GELU', { approximate: false }, [x], output8([3], 1 / 64)), [-3, 0, 54]);
    assert.deepEqual(run('GELU', { approximate: true }, [x], output8([3], 1 / 64)), [-3, 0, 54]);
  });

  it('TABLE is indexed from -128', () => {
    const table = Int8Array.from({ length: 256 }, (_, i) => 127 - i);
    assert.deepEqual(run('TABLE', { table }, [int8([3], [-128, 0, 127])], output8([3])), [127, -1, -128]);
  });

  it('SOFTMAX and L2_NORMALIZATION over the last dimension', () => {
    const x = int8([2, 2], [3, 3, 127, -128]);
    assert.deepEqual(run('SOFTMAX', { beta: 1 }, [x], output8([2, 2], 1 / 256, -128)), [0, 0, 127, -128]);
    const y = int8([2, 2], [4, 5, 1, 1], 1, 1);
    assert.deepEqual(run('L2_NORMALIZATION', {}, [y], output8([2, 2], 1 / 128)), [77, 102, 0, 0]);
  });
});

describe('data movement', () => {
  it('PAD and CONCATENATION', () => {
    const x = int8([2, 1], [1, 2]);
    assert.deepEqual(
      run('PAD', { before: [1, 0], after: [0, 1], value: -3 }, [x], output8([3, 2])),
      [-3, -3, 1, -3, 2, -3],
    );
    const y = int8([2, 2], [3, 4, 5, 6]);
    assert.deepEqual(run('CONCATENATION', { axis: 1 }, [x, y], output8([2, 3])), [1, 3, 4, 2, 5, 6]);
  });

  it('TRANSPOSE and STRIDED_SLICE', () => {
    const x = int8([2, 3], [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(run('TRANSPOSE', { perm: [1, 0] }, [x], output8([3, 2])), [1, 4, 2, 5, 3, 6]);
    const slice = { begin: [1, 2], stride: [1, -2] };
    assert.deepEqual(run('STRIDED_SLICE', slice, [x], output8([1, 2])), [6, 4]);
  });

  it('GATHER with and without batch dimensions', () => {
    const x = int8([2, 3], [1, 2, 3, 4, 5, 6]);
    const indices = { ...int32([2, 0]), shape: [2, 1] };
    assert.deepEqual(run('GATHER', { axis: 1, batchDims: 1 }, [x, indices], output8([2, 1])), [3, 4]);
    assert.deepEqual(
      run('GATHER', { axis: 1, batchDims: 0 }, [x, int32([2, 0])], output8([2, 2])),
      [3, 1, 6, 4],
    );
  });

  it('RESIZE_BILINEAR rounds half away from zero', () => {
    const x = int8([1, 1, 2, 1], [-1, 0]);
    const mode = { alignCorners: false, halfPixelCenters: false };
    assert.deepEqual(run('RESIZE_BILINEAR', mode, [x], output8([1, 1, 4, 1])), [-1, -1, 0, 0]);
    assert.deepEqual(run('RESIZE_NEAREST_NEIGHBOR', mode, [x], output8([1, 1, 4, 1])), [-1, -1, 0, 0]);
  });
});

describe('conversions', () => {
  it('QUANTIZE divides in float32, ties away from zero, and saturates', () => {
    const x: Operand = {
      shape: [6],
      format: plain('float32'),
      data: Float32Array.of(-0.25, 0.25, 1e30, -1e30, Number.NaN, 10),
    };
    assert.deepEqual(run('QUANTIZE', {}, [x], output8([6], 0.5, 1)), [0, 2, 127, -128, -128, 21]);
  });

  it('QUANTIZE between int8 and uint8 128 apart flips the top bit', () => {
    const x = int8([3], [-128, 0, 127], 0.3, 5);
    const output = { shape: [3], format: perTensor('uint8', 0.3, 133) };
    assert.deepEqual(run('QUANTIZE', {}, [x], output), [0, 128, 255]);
  });

  it('DEQUANTIZE rounds the exact product once', () => {
    const x = int8([2], [-128, 127], 0.1, 27);
    const output = { shape: [2], format: plain('float32') };
    const scale = Math.fround(0.1);
    assert.deepEqual(run('DEQUANTIZE', {}, [x], output), [
      Math.fround(-155 * scale),
      Math.fround(100 * scale),
    ]);
  });
});

describe('SVDF', () => {
  it('remembers its last inputs', () => {
    const graph = graphOf(
      'SVDF',
      { rank: 1, clamp: ALL },
      [int8([1, 1], [1]), int8([1, 1], [2]), int16([1, 2], [1, 10]), int32([3]), int16([1, 2], [0, 0])],
      output8([1, 1]),
    );
    const withState: Graph = {
      ...graph,
      inputs: [0],
      tensors: graph.tensors.map((tensor, i) => ({
        ...tensor,
        data: [null, Int8Array.of(2), Int16Array.of(1, 10), Int32Array.of(3), null, null][i] ?? null,
        state: i === 4,
      })),
    };
    const state = initialState(withState);
    const contents = [1, 2, 0].map((code) => evaluate(withState, [Int8Array.of(code)], state));
    assert.deepEqual(
      contents.map((tensors) => tensors[5]![0]),
      [23, 45, 7],
    );
    assert.deepEqual(
      contents.map((tensors) => tensors[4]),
      [Int16Array.of(0, 2), Int16Array.of(2, 4), Int16Array.of(4, 0)],
    );
    assert.equal(evaluate(withState, [Int8Array.of(1)])[5]![0], 23, 'a run without state starts afresh');
  });
});

describe('evaluate', () => {
  it('refuses inputs of another length or type', () => {
    const graph = graphOf('RESHAPE', {}, [int8([2], [0, 0])], output8([2]));
    assert.throws(() => evaluate(graph, [Int8Array.of(1)]), /BL503/);
    assert.throws(() => evaluate(graph, [Uint8Array.of(1, 2)]), /BL503/);
    assert.throws(() => evaluate(graph, []), /BL503/);
  });

  it('refuses types on which an operator has no meaning', () => {
    assert.throws(() => run('HARD_SWISH', {}, [int16([1], [0])], output8([1])), /BL104.*HARD_SWISH.*int16/);
  });
});
