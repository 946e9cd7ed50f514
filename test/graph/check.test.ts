import assert from 'node:assert/strict';
import { checkGraph, findProblem } from '../../src/graph/check.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Node, OpAttributes, OpKind } from '../../src/graph/ops.js';
import { elementCount, type Format, perTensor, plain, type Tensor } from '../../src/graph/tensor.js';
import type { Aspect } from '../../src/graph/violation.js';
import { randomGraphModel } from '../support/random-model.js';
import { imported } from '../support/tflite.js';

const I8 = perTensor('int8', 0.5, 0);
const CLAMP = { min: -128, max: 127 };
const PADDING = { top: 0, bottom: 0, left: 0, right: 0 };
const ONE = { height: 1, width: 1 };

function value(shape: readonly number[], format: Format = I8): Tensor {
  return { name: 'value', shape, format, data: null, state: false };
}

function constant(shape: readonly number[], format: Format = I8): Tensor {
  return { ...value(shape, format), name: 'constant', data: new Int8Array(elementCount(shape)) };
}

function ints(values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
  return { ...value(shape, plain('int32')), name: 'indices', data: Int32Array.from(values) };
}

/** A graph of one node; activations among its inputs are the graph's inputs. */
function single<K extends OpKind>(
  kind: K,
  attributes: OpAttributes[K],
  inputs: readonly (Tensor | null)[],
  output: Tensor,
): Graph {
  const tensors = [...inputs.filter((tensor) => tensor !== null), { ...output, name: 'result' }];
  let next = 0;
  const ids = inputs.map((tensor) => (tensor ? next++ : null));
  const node = { kind, attributes, inputs: ids, outputs: [next], source: { operator: kind, index: 3 } };
  const fed = ids.filter((id) => id !== null && !tensors[id]!.data && !tensors[id]!.state);
  return { name: 'g', tensors, nodes: [node as unknown as Node], inputs: fed as number[], outputs: [next] };
}

function accepts(graph: Graph): void {
  checkGraph(graph);
}

function breaks(graph: Graph, aspect: Aspect, words: RegExp): void {
  const problem = findProblem(graph);
  assert.ok(problem, `passed, but should say ${words}`);
  assert.match(problem.text, words);
  assert.equal(problem.aspect, aspect);
}

/** A convolution that fits, varied. */
const conv = (
  change: {
    x?: Tensor;
    filter?: Tensor;
    bias?: Tensor | null;
    y?: Tensor;
    attributes?: Partial<OpAttributes['CONV_2D']>;
  } = {},
): Graph =>
  single(
    'CONV_2D',
    { stride: ONE, dilation: ONE, padding: PADDING, clamp: CLAMP, ...change.attributes },
    [change.x ?? value([1, 4, 4, 2]), change.filter ?? constant([3, 2, 2, 2]), change.bias ?? null],
    change.y ?? value([1, 3, 3, 3]),
  );

const FLOAT = plain('float32');

/** A RESCALE of two rows of three channels that fits, varied. */
const rescale = (
  change: { x?: Format; factors?: readonly number[]; scales?: readonly number[]; bias?: Tensor } = {},
): Graph => {
  const data = Float32Array.from(change.scales ?? [0.5, 1, 2]);
  return single(
    'RESCALE',
    { clamp: CLAMP },
    [
      value([2, 3], change.x ?? perTensor('int32', 1, 0)),
      value(change.factors ?? [2, 1], perTensor('int16', 0.5, 0)),
      { ...value([data.length], plain('float32')), name: 'scales', data },
      change.bias ?? null,
    ],
    value([2, 3]),
  );
};

/** A DYNAMIC_QUANTIZE of an image of 2x3 and one channel that fits, varied. */
const dynamicQuantize = (
  change: { padding?: number; shape?: readonly number[]; codes?: Format } = {},
): Graph => {
  const padding = { top: 0, bottom: 1, left: 0, right: change.padding ?? 2 };
  return single(
    'DYNAMIC_QUANTIZE',
    { padding },
    [value(change.shape ?? [1, 2, 3, 1], FLOAT), value([], FLOAT), value([], plain('uint8'))],
    value([1, 3, 5, 1], change.codes ?? perTensor('int8', 1, -128)),
  );
};

/** A DYNAMIC_DEQUANTIZE of two rows of three channels that fits, varied. */
const dynamicDequantize = (
  change: { x?: Format; low?: number; scales?: number; sums?: Tensor } = {},
): Graph => {
  const data = new Int32Array(3);
  const scales = new Float32Array(change.scales ?? 3).fill(1);
  return single(
    'DYNAMIC_DEQUANTIZE',
    { low: change.low ?? 0, high: 6 },
    [
      value([2, 3], change.x ?? perTensor('int32', 1, 0)),
      value([], FLOAT),
      value([], plain('uint8')),
      change.sums ?? { ...value([3], plain('int32')), name: 'sums', data },
      { ...value([scales.length], FLOAT), name: 'scales', data: scales },
    ],
    value([2, 3], FLOAT),
  );
};

const add = (a: Tensor, b: Tensor, y: Tensor, clamp = CLAMP): Graph => single('ADD', { clamp }, [a, b], y);

describe('the contract of graphs', () => {
  it('holds for random models', () => {
    for (let seed = 0; seed < 100; seed++) accepts(imported(randomGraphModel(seed)));
  });

  it('a breach is BL201, naming graph and node', () => {
    assert.throws(() => checkGraph(conv({ y: value([1, 3, 3, 4]) })), {
      code: 'BL201',
      message:
        /BL201.*'g': CONV_2D #3 \('result'\): 'result' has the shape \[1,3,3,4\] instead of \[1,3,3,3\]/,
    });
  });
});

describe('structure', () => {
  const graph = add(value([4]), value([4]), value([4]));
  const [node] = graph.nodes as [Node];
  const withNode = (change: Partial<Node>): Graph => ({ ...graph, nodes: [{ ...node, ...change } as Node] });

  it('ids are in range', () => {
    breaks(withNode({ inputs: [0, 9] }), 'structure', /input 1 is tensor 9 of 3/);
    breaks(withNode({ outputs: [9] }), 'structure', /tensor 9 of 3/);
    breaks({ ...graph, inputs: [0, 9] }, 'structure', /graph inputs: tensor 9/);
    breaks({ ...graph, outputs: [9] }, 'structure', /graph outputs: tensor 9/);
  });

  it('every activation is written once, before it is read', () => {
    breaks({ ...graph, inputs: [0] }, 'structure', /ADD #3.*'value' is read before it is written/);
    breaks({ ...graph, inputs: [0, 1, 2] }, 'structure', /'result' is written twice/);
    breaks({ ...graph, inputs: [0, 1, 1] }, 'structure', /graph inputs: 'value' is written twice/);
    breaks({ ...graph, nodes: [node, node] }, 'structure', /'result' is written twice/);
    breaks({ ...graph, nodes: [] }, 'structure', /graph outputs: tensor 2 is computed by no node/);
    breaks({ ...graph, outputs: [] }, 'structure', /graph outputs: there is none/);
  });

  it('constants and states are not written', () => {
    const tensors = graph.tensors.map((t, i) => (i === 2 ? constant([4]) : t));
    breaks({ ...graph, tensors }, 'structure', /'constant' is no activation but written/);
    const states = graph.tensors.map((t, i) => (i === 2 ? { ...t, state: true } : t));
    breaks({ ...graph, tensors: states }, 'structure', /'result' is no activation but written/);
  });

  it('numbers of inputs and outputs', () => {
    breaks(withNode({ inputs: [0] }), 'structure', /has 1 inputs/);
    breaks(withNode({ inputs: [0, null] }), 'structure', /input 1 is missing/);
    breaks(withNode({ outputs: [2, 2] }), 'structure', /has 2 outputs/);
    breaks(withNode({ outputs: [] }), 'structure', /has 0 outputs/);
  });

  it('states belong to SVDF', () => {
    breaks(add({ ...value([4]), state: true }, value([4]), value([4])), 'structure', /'value' is a state/);
  });

  it('constants have the length and type that they state', () => {
    const short = { ...constant([4]), data: new Int8Array(3) };
    breaks(add(short, value([4]), value([4])), 'structure', /tensor 'constant': 3 elements for \[4\]/);
    const wide = { ...constant([4]), data: new Int16Array(4) };
    breaks(add(wide, value([4]), value([4])), 'type', /data of another type than int8/);
    const float = { ...ints([1, 2, 3, 4]), data: new Float32Array(4) };
    breaks(add(float, value([4]), value([4])), 'type', /data of another type than int32/);
  });
});

describe('formats', () => {
  const format = (change: Partial<Format>): Graph =>
    add(value([4], { ...I8, ...change }), value([4]), value([4]));

  it('scales are positive float32 numbers', () => {
    breaks(format({ scales: [0] }), 'quantization', /the scales 0/);
    breaks(format({ scales: [Number.NaN] }), 'quantization', /the scales NaN/);
    breaks(format({ scales: [0.1] }), 'quantization', /the scales 0.1/);
  });

  it('zero points are codes, one a scale', () => {
    breaks(format({ zeroPoints: [128] }), 'quantization', /the zero points 128/);
    breaks(format({ zeroPoints: [0.5] }), 'quantization', /the zero points 0.5/);
    breaks(format({ zeroPoints: [] }), 'quantization', /differ in number/);
  });

  it('only constants are quantized per channel, along a dimension of as many sizes', () => {
    const perChannel = { type: 'int8', scales: [0.5, 0.5], zeroPoints: [0, 0], axis: 0 } as const;
    breaks(add(value([2], perChannel), value([2]), value([2])), 'quantization', /2 scales along dimension 0/);
    breaks(
      conv({ filter: constant([3, 2, 2, 2], perChannel) }),
      'quantization',
      /2 scales along dimension 0/,
    );
    accepts(
      conv({ filter: constant([3, 2, 2, 2], { ...perChannel, scales: [1, 2, 3], zeroPoints: [0, 0, 0] }) }),
    );
  });

  it('clamps are ranges of codes', () => {
    const clamped = (min: number, max: number) => add(value([4]), value([4]), value([4]), { min, max });
    accepts(clamped(5, 5));
    breaks(clamped(6, 5), 'quantization', /clamps to 6 to 5/);
    breaks(clamped(-129, 5), 'quantization', /clamps to -129 to 5/);
    breaks(clamped(0, 127.5), 'quantization', /clamps to 0 to 127.5/);
  });

  it('a filter has a zero point only per tensor and with int8 activations', () => {
    accepts(conv({ filter: constant([3, 2, 2, 2], perTensor('int8', 0.5, 7)) }));
    const perChannel = { type: 'int8', scales: [1, 1, 1], zeroPoints: [0, 1, 0], axis: 0 } as const;
    breaks(
      conv({ filter: constant([3, 2, 2, 2], perChannel) }),
      'quantization',
      /'constant' has a zero point/,
    );
    const wide = perTensor('int16', 0.5, 0);
    const filter = constant([3, 2, 2, 2], perTensor('int8', 0.5, 7));
    breaks(
      conv({ x: value([1, 4, 4, 2], wide), y: value([1, 3, 3, 3], wide), filter }),
      'quantization',
      /zero point/,
    );
  });

  it('biases are int32 constants, or int64 with int16 activations', () => {
    const bias = (data: Int32Array | BigInt64Array | null, format = plain('int32')): Tensor => ({
      ...value([3], format),
      data,
    });
    accepts(conv({ bias: bias(new Int32Array(3)) }));
    breaks(conv({ bias: bias(new BigInt64Array(3), plain('int64')) }), 'type', /is int64, not int32/);
    breaks(conv({ bias: bias(null) }), 'form', /its bias 'value' is not constant/);
    const shifted = { ...plain('int32'), scales: [1], zeroPoints: [4] };
    breaks(conv({ bias: bias(new Int32Array(3), shifted) }), 'quantization', /bias 'value' has a zero point/);
  });

  it('binary tensors hold nothing but signs', () => {
    const signs = (shape: readonly number[]) => value(shape, perTensor('binary', 1, 0));
    const pad = (padding: number) =>
      single('PAD', { before: [1], after: [0], value: padding }, [signs([4])], signs([5]));
    accepts(pad(-1));
    breaks(pad(0), 'quantization', /pads binary with 0/);
    const pool = (clamp: { min: number; max: number }) =>
      single(
        'MAX_POOL_2D',
        { filter: ONE, stride: ONE, padding: { top: 0, bottom: 0, left: 0, right: 0 }, clamp },
        [signs([1, 2, 2, 3])],
        signs([1, 2, 2, 3]),
      );
    accepts(pool({ min: -1, max: 1 }));
    breaks(pool({ min: 0, max: 1 }), 'quantization', /clamps signs to 0 to 1/);
  });

  it('operators that copy codes keep the format', () => {
    const other = perTensor('int8', 0.25, 0);
    breaks(
      single('RESHAPE', {}, [value([4])], value([4], other)),
      'quantization',
      /differ in scale or zero point/,
    );
    breaks(
      single('CONCATENATION', { axis: 0 }, [value([2]), value([2], other)], value([4])),
      'quantization',
      /differ in scale/,
    );
    breaks(single('RELU6', {}, [value([4])], value([4], other)), 'quantization', /differ in scale/);
    breaks(
      single('MAXIMUM', {}, [value([4]), value([4], other)], value([4])),
      'quantization',
      /differ in scale/,
    );
  });

  it('rows are divided by their absmax at fixed scales, and multiplied by it', () => {
    const factors = perTensor('int16', 0.5, 0);
    const shares = perTensor('int8', 1 / 127, 0);
    accepts(single('ABSMAX', {}, [value([2, 4])], value([2, 1], factors)));
    breaks(
      single('ABSMAX', {}, [value([2, 4])], value([2, 1], perTensor('int16', 0.25, 0))),
      'quantization',
      /'result' must have the scale 0.5 and the zero point 0/,
    );
    accepts(single('ABSMAX_NORMALIZATION', {}, [value([4])], value([4], shares)));
    breaks(
      single('ABSMAX_NORMALIZATION', {}, [value([4])], value([4])),
      'quantization',
      /must have the scale 0.00787\d+ and the zero point 0/,
    );
    accepts(rescale());
    breaks(rescale({ scales: [0.5, 0, 2] }), 'quantization', /the scales 'scales' are not all above 0/);
    breaks(rescale({ x: perTensor('int32', 1, 7) }), 'quantization', /'value' has a zero point/);
    breaks(rescale({ x: I8 }), 'type', /'value' is int8, not int32/);
    breaks(rescale({ bias: constant([3]) }), 'type', /'constant' is int8, not int32 or int64/);
  });

  it('scales that follow a tensor', () => {
    accepts(dynamicQuantize());
    accepts(dynamicQuantize({ codes: plain('uint8') }));
    breaks(dynamicQuantize({ codes: I8 }), 'quantization', /must have the scale 1 and the zero point -128/);
    accepts(dynamicDequantize());
    breaks(dynamicDequantize({ x: perTensor('int32', 2, 0) }), 'quantization', /must have the scale 1/);
    breaks(dynamicDequantize({ low: 7 }), 'quantization', /bounds its output by 7 and 6/);
    breaks(dynamicDequantize({ sums: value([3], plain('int32')) }), 'form', /'value' is not constant/);
  });

  it('real numbers are plain float32 throughout, in real bounds', () => {
    const [float, all] = [plain('float32'), { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }];
    const add = (clamp: { min: number; max: number }, other = float, result = float) =>
      single('ADD', { clamp }, [value([4], float), value([4], other)], value([4], result));
    assert.equal(findProblem(add(all)), null);
    assert.equal(findProblem(add({ min: 0, max: 0.5 })), null);
    breaks(add({ min: 0, max: 0.1 }), 'quantization', /clamps to 0 to 0\.1, which is no range of float32/);
    breaks(add({ min: 1, max: 0 }), 'quantization', /clamps to 1 to 0/);
    breaks(add(all, I8), 'type', /'value' is int8, not float32/);
    breaks(add(all, float, I8), 'type', /'result' is int8, not float32/);
    breaks(
      single('PRELU', {}, [value([4], float), value([4], float)], value([4], float)),
      'form',
      /not constant/,
    );
  });

  it('element types are those that the kernels compute with', () => {
    const word = plain('int32');
    breaks(single('LOGISTIC', {}, [value([4], word)], value([4], word)), 'type', /'value' is int32/);
    breaks(single('ARG_MAX', { axis: 0 }, [value([4])], value([])), 'type', /'result' is int8, not int32/);
    breaks(single('DEQUANTIZE', {}, [value([4])], value([4])), 'type', /'result' is int8, not float32/);
    breaks(
      single('GATHER', { axis: 0, batchDims: 0 }, [value([4]), value([1])], value([1])),
      'type',
      /not int32/,
    );
    const wide = perTensor('int16', 0.5, 0);
    breaks(add(value([4]), value([4], wide), value([4])), 'type', /'value' is int16, but 'value' is int8/);
  });
});

describe('shapes', () => {
  it('windows follow stride, dilation and padding', () => {
    accepts(conv());
    const padding = { top: 1, bottom: 2, left: 0, right: 0 };
    accepts(conv({ attributes: { padding }, y: value([1, 6, 3, 3]) }));
    const two = { height: 2, width: 2 };
    accepts(conv({ attributes: { stride: two }, y: value([1, 2, 2, 3]) }));
    accepts(conv({ attributes: { dilation: two }, y: value([1, 2, 2, 3]) }));
    breaks(conv({ attributes: { stride: { height: 0, width: 1 } } }), 'shape', /must be positive/);
    breaks(conv({ attributes: { padding: { ...PADDING, top: -1 } } }), 'shape', /must not be negative/);
    breaks(conv({ x: value([1, 1, 4, 2]) }), 'shape', /a filter of 2 x 2 does not fit/);
    breaks(conv({ x: value([4, 4, 2]) }), 'shape', /\[4,4,2\], not four sizes/);
  });

  it('channels split into groups', () => {
    breaks(conv({ filter: constant([3, 2, 2, 4]) }), 'shape', /2 channels do not split into groups of 4/);
    breaks(conv({ filter: constant([3, 2, 2, 1]) }), 'shape', /2 channels do not split into groups of 1/);
    const bias = { ...ints([1, 2]), name: 'bias' };
    breaks(conv({ bias }), 'shape', /a bias \[2\] for 3 channels/);
  });

  it('every window of a pool meets the image', () => {
    const pool = (padding: Partial<typeof PADDING>, y: readonly number[]) =>
      single(
        'AVERAGE_POOL_2D',
        { filter: { height: 2, width: 2 }, stride: ONE, padding: { ...PADDING, ...padding }, clamp: CLAMP },
        [value([1, 4, 4, 1])],
        value(y),
      );
    accepts(pool({ top: 1, bottom: 1 }, [1, 5, 3, 1]));
    breaks(pool({ top: 2 }, [1, 5, 3, 1]), 'shape', /a window outside of the image/);
    breaks(pool({ bottom: 2 }, [1, 5, 3, 1]), 'shape', /a window outside of the image/);
  });

  const cases: Readonly<Record<string, readonly [Graph, RegExp]>> = {
    ADD: [add(value([2, 3]), value([2]), value([2, 3])), /\[2,3\] and \[2\] do not broadcast/],
    'ADD by thresholds': [
      single(
        'ADD',
        { clamp: CLAMP },
        [value([2, 3]), value([2, 3]), constant([2, 2]), constant([2, 9])],
        value([2, 3]),
      ),
      /the filter has the shape \[2,2\]/,
    ],
    'DEQUANTIZE by channel': [
      single('DEQUANTIZE', {}, [value([4, 2]), constant([4])], value([4, 2])),
      /scales of \[4\] for \[4,2\]/,
    ],
    FULLY_CONNECTED: [
      single('FULLY_CONNECTED', { clamp: CLAMP }, [value([2, 3]), constant([4, 3]), null], value([3, 4])),
      /\[3,4\] instead of \[2,4\]/,
    ],
    DEPTHWISE_CONV_2D: [
      single(
        'DEPTHWISE_CONV_2D',
        { stride: ONE, dilation: ONE, padding: PADDING, clamp: CLAMP, depthMultiplier: 2 },
        [value([1, 2, 2, 3]), constant([1, 1, 1, 3]), null],
        value([1, 2, 2, 3]),
      ),
      /3 channels with 3 filters/,
    ],
    TRANSPOSE_CONV: [
      single(
        'TRANSPOSE_CONV',
        { stride: ONE, padding: PADDING, clamp: CLAMP },
        [value([1, 2, 2, 1]), constant([1, 2, 2, 1]), null],
        value([1, 4, 3, 1]),
      ),
      /would come from 3 x 2, not 2 x 2/,
    ],
    BATCH_MATMUL: [
      single('BATCH_MATMUL', { adjX: false, adjY: true }, [value([2, 3]), value([3, 2])], value([2, 2])),
      /\[2,3\] and \[3,2\] do not match/,
    ],
    MEAN: [single('MEAN', { axes: [1, 0] }, [value([2, 3])], value([])), /axes \[1,0\] are not sorted/],
    SUM: [single('SUM', { axes: [2] }, [value([2, 3])], value([2, 3])), /axis 2 of 2 dimensions/],
    SOFTMAX: [
      single('SOFTMAX', { beta: 1 }, [value([])], value([], perTensor('int8', 1 / 256, -128))),
      /a scalar has no last dimension/,
    ],
    PRELU: [
      single('PRELU', {}, [value([1, 3]), constant([2, 3])], value([1, 3])),
      /alpha \[2,3\] does not broadcast to \[1,3\]/,
    ],
    TABLE: [
      single('TABLE', { table: new Int8Array(255) }, [value([4])], value([4])),
      /a table of 255 entries/,
    ],
    PAD: [
      single('PAD', { before: [1], after: [-1], value: 0 }, [value([4])], value([4])),
      /paddings \[1\], \[-1\]/,
    ],
    CONCATENATION: [
      single('CONCATENATION', { axis: 1 }, [value([2, 1]), value([3, 1])], value([2, 2])),
      /differ beyond dimension 1/,
    ],
    RESHAPE: [single('RESHAPE', {}, [value([4])], value([5])), /\[4\] has not the elements of \[5\]/],
    TRANSPOSE: [single('TRANSPOSE', { perm: [0, 0] }, [value([2, 2])], value([2, 2])), /no permutation/],
    STRIDED_SLICE: [
      single('STRIDED_SLICE', { begin: [3], stride: [-2] }, [value([4])], value([3])),
      /reads 3 to -1 of \[4\]/,
    ],
    GATHER: [
      single('GATHER', { axis: 0, batchDims: 0 }, [value([4]), ints([1, 4])], value([2])),
      /constant index 4 of 4/,
    ],
    RESIZE_BILINEAR: [
      single(
        'RESIZE_BILINEAR',
        { alignCorners: true, halfPixelCenters: true },
        [value([1, 2, 2, 1])],
        value([1, 4, 4, 1]),
      ),
      /both corners and half pixel centres/,
    ],
    ARG_MAX: [
      single('ARG_MAX', { axis: 0 }, [value([2, 3])], value([2], plain('int32'))),
      /\[2\] instead of \[3\]/,
    ],
    ABSMAX: [
      single('ABSMAX', {}, [value([2, 3])], value([2], perTensor('int16', 0.5, 0))),
      /\[2\] instead of \[2,1\]/,
    ],
    'RESCALE by factors': [rescale({ factors: [2] }), /factors \[2\] for the rows of \[2,3\]/],
    'RESCALE by scales': [rescale({ scales: [1, 1] }), /scales \[2\] for 3 channels/],
    'DYNAMIC_QUANTIZE with negative padding': [dynamicQuantize({ padding: -1 }), /the paddings \[0,1,0,-1\]/],
    'DYNAMIC_QUANTIZE of what is no image': [dynamicQuantize({ shape: [6] }), /shape \[6\], not four sizes/],
    'DYNAMIC_DEQUANTIZE by scales': [dynamicDequantize({ scales: 2 }), /scales \[2\] for 3 channels/],
    SVDF: [
      single(
        'SVDF',
        { rank: 2, clamp: CLAMP },
        [value([1, 3]), constant([4, 3]), constant([4, 2]), null, { ...value([1, 7]), state: true }],
        value([1, 2]),
      ),
      /\[1,3\], \[4,3\], \[4,2\], \[1,7\]/,
    ],
    QUANTIZE: [single('QUANTIZE', {}, [value([4])], value([2, 2])), /\[2,2\] instead of \[4\]/],
  };
  for (const [name, [graph, words]] of Object.entries(cases)) {
    it(name, () => breaks(graph, 'shape', words));
  }
});

describe('sizes that no kernel can take', () => {
  const probabilities = perTensor('int8', 1 / 256, -128);

  it('SOFTMAX takes rows whose exponentials fit an int32 sum', () => {
    accepts(single('SOFTMAX', { beta: 1 }, [value([1, 4095])], value([1, 4095], probabilities)));
    const deep = single('SOFTMAX', { beta: 1 }, [value([1, 4096])], value([1, 4096], probabilities));
    breaks(deep, 'shape', /4096 elements, whose exponentials overflow/);
  });

  it('a depth multiplier is a whole number', () => {
    const attributes = { stride: ONE, dilation: ONE, padding: PADDING, clamp: CLAMP, depthMultiplier: 0.5 };
    const half = single(
      'DEPTHWISE_CONV_2D',
      attributes,
      [value([1, 2, 2, 4]), constant([1, 1, 1, 2]), null],
      value([1, 2, 2, 2]),
    );
    breaks(half, 'shape', /4 channels with 2 filters/);
  });

  it('an image is resized to at most 32768 rows and columns', () => {
    const attributes = { alignCorners: false, halfPixelCenters: false };
    const wide = single('RESIZE_BILINEAR', attributes, [value([1, 1, 2, 1])], value([1, 1, 32769, 1]));
    breaks(wide, 'shape', /resizes to 1x32769/);
  });
});
