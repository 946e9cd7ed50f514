import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toTflite } from '../../src/export/tflite/graph.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { checkGraph } from '../../src/graph/check.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import type { Graph } from '../../src/graph/graph.js';
import type { OpAttributes, Padding, Pool, Window } from '../../src/graph/ops.js';
import { elementCount, perTensor, plain, type TypedArray } from '../../src/graph/tensor.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import { assertSame } from '../passes/helpers.js';
import { Random } from '../support/random/random.js';
import { graphModels, INPUT_PATTERNS, randomInputs, singleOperatorModels } from '../support/random-model.js';
import { needsShared, readShared } from '../support/shared.js';
import { ALL_BYTES, BYTES, Sketch } from '../support/sketch.js';

/** The graph as it comes back from its file. */
function rewritten(graph: Graph): Graph {
  const again = importTflite(writeTflite(toTflite(graph)), graph.name);
  checkGraph(again);
  return again;
}

/** The same after passes; null where a TABLE has no operator of TFLite. */
function rewrittenIfPossible(graph: Graph): Graph | null {
  try {
    return rewritten(graph);
  } catch (error) {
    assert.ok(error instanceof BitloomError && error.code === 'BL109', String(error));
    assert.match(error.problem, /table that no operator of TFLite has/);
    return null;
  }
}

/** Random codes of each input, all of int8. */
function bytesFor(graph: Graph): Int8Array[] {
  const random = new Random(7);
  return graph.inputs.map((id) =>
    Int8Array.from({ length: elementCount(graph.tensors[id]!.shape) }, () => random.integer(-128, 127)),
  );
}

/** Asserts that the graph comes back, and that it takes these operators, each with its padding and activation if it has them. */
function assertWritten(graph: Graph, expected: readonly string[]): void {
  const written = toTflite(graph).operators.map(({ operator, options = {} }) =>
    [operator, options.padding, options.fused_activation_function].filter((part) => part).join(' '),
  );
  assert.deepEqual(written, expected);
  assertSame(graph, rewritten(graph), bytesFor(graph));
}

const ONE = { height: 1, width: 1 };
const TWO = { height: 2, width: 2 };
const THREE = { height: 3, width: 3 };
const around = (top: number, bottom = top, left = top, right = bottom): Padding => ({
  top,
  bottom,
  left,
  right,
});

const models = fc.oneof(singleOperatorModels(), graphModels());

describe('a graph written as TFLite', () => {
  it('comes back with the same interface and every output byte', () => {
    fc.assert(
      fc.property(models, fc.nat(), (model, seed) => {
        const graph = importTflite(writeTflite(model), 'random');
        const again = rewritten(graph);
        for (const pattern of INPUT_PATTERNS) assertSame(graph, again, randomInputs(model, seed, pattern));
      }),
      { numRuns: 60 },
    );
  });

  it('does so after passes, whose paddings and clamps have no names', () => {
    fc.assert(
      fc.property(models, fc.nat(), (model, seed) => {
        const graph = optimize(importTflite(writeTflite(model), 'random'), evaluate);
        const again = rewrittenIfPossible(graph);
        if (again) assertSame(graph, again, randomInputs(model, seed, 'random'));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps names, and equal graphs give equal bytes', () => {
    const graph = convolution({ padding: around(1) });
    const model = toTflite(graph);
    assert.equal(model.description, 'sketch');
    assert.deepEqual(
      model.tensors.map(({ name }) => name),
      ['x', 'constant_1', 'constant_2', 'y'],
    );
    assert.deepEqual(writeTflite(model), writeTflite(toTflite(structuredClone(graph))));
  });

  describe('of ../shared', () => {
    if (!needsShared('public models', 'models/tflite/')) return;
    for (const name of ['kws', 'ic', 'ad', 'sww', 'mcunet_vww', 'person_detect']) {
      it(`${name} comes back as the same operators`, () => {
        const graph = importTflite(readShared(`models/tflite/${name}.tflite`), name);
        const again = rewritten(graph);
        const shown = ({ nodes }: Graph) => nodes.map(({ kind, attributes }) => ({ kind, attributes }));
        assert.deepEqual(shown(again), shown(graph));
      });
    }
  });
});

/** x [1, 7, 8, 2] by three filters of 3 x 3, with the window and ranges that a test is about. */
function convolution(window: Partial<Window>, kind: 'CONV_2D' | 'DEPTHWISE_CONV_2D' = 'CONV_2D'): Graph {
  const { padding = around(0), stride = ONE, dilation = ONE, clamp = ALL_BYTES } = window;
  const sketch = new Sketch();
  const x = sketch.input('x', [1, 7, 8, 2]);
  const deep = kind === 'CONV_2D';
  const count = deep ? 54 : 36;
  const filter = sketch.constant(
    deep ? [3, 3, 3, 2] : [1, 3, 3, 4],
    Int8Array.from({ length: count }, (_, i) => ((i * 37) % 255) - 127),
    {
      type: 'int8',
      scales: deep ? [0.5, 0.25, 1] : [0.5, 0.25, 1, 2],
      zeroPoints: [0, 0, 0, 0].slice(deep ? 1 : 0),
      axis: deep ? 0 : 3,
    },
  );
  const bias = sketch.constant(
    [deep ? 3 : 4],
    Int32Array.of(100, -200, 300, 5).slice(deep ? 1 : 0),
    plain('int32'),
  );
  const rows = Math.floor((7 + padding.top + padding.bottom - 2 * dilation.height - 1) / stride.height) + 1;
  const columns = Math.floor((8 + padding.left + padding.right - 2 * dilation.width - 1) / stride.width) + 1;
  const attributes = { padding, stride, dilation, clamp };
  const y = ['y', [1, rows, columns, deep ? 3 : 4], perTensor('int8', 8, 3)] as const;
  return sketch.graph(
    deep
      ? sketch.node('CONV_2D', attributes, [x, filter, bias], y)
      : sketch.node('DEPTHWISE_CONV_2D', { ...attributes, depthMultiplier: 2 }, [x, filter, bias], y),
  );
}

describe('padding', () => {
  for (const kind of ['CONV_2D', 'DEPTHWISE_CONV_2D'] as const) {
    it(`of ${kind} is VALID or SAME where these are the same windows, dilated or not`, () => {
      assertWritten(convolution({}, kind), [`${kind} VALID NONE`]);
      assertWritten(convolution({ padding: around(1) }, kind), [`${kind} SAME NONE`]);
      assertWritten(convolution({ padding: around(2), dilation: TWO }, kind), [`${kind} SAME NONE`]);
      // 7 rows by a stride of 2: one before and one behind; 8 columns: none before and one behind.
      assertWritten(convolution({ padding: around(1, 1, 0, 1), stride: TWO }, kind), [`${kind} SAME NONE`]);
    });

    it(`of ${kind} is a PAD of zeros otherwise`, () => {
      assertWritten(convolution({ padding: around(1), stride: TWO }, kind), ['PAD', `${kind} VALID NONE`]);
      assertWritten(convolution({ padding: around(0, 2, 0, 2) }, kind), ['PAD', `${kind} VALID NONE`]);
      assertWritten(convolution({ padding: around(2, 3, 1, 0), dilation: TWO }, kind), [
        'PAD',
        `${kind} VALID NONE`,
      ]);
    });
  }

  const pool = (
    kind: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D',
    attributes: Pool,
    [rows, columns]: readonly [number, number],
  ) => {
    const sketch = new Sketch();
    const x = sketch.input('x', [1, 7, 8, 2]);
    return sketch.graph(sketch.node(kind, attributes, [x], ['y', [1, rows, columns, 2]]));
  };

  it('of a maximum pool is a PADV2 of least codes where it has no name', () => {
    const odd = { filter: THREE, stride: TWO, padding: around(1), clamp: ALL_BYTES };
    assertWritten(pool('MAX_POOL_2D', odd, [4, 4]), ['PADV2', 'MAX_POOL_2D VALID NONE']);
    const same = { ...odd, padding: around(1, 1, 0, 1) };
    assertWritten(pool('MAX_POOL_2D', same, [4, 4]), ['MAX_POOL_2D SAME NONE']);
  });

  it('of an average pool must have a name', () => {
    const same = { filter: THREE, stride: TWO, padding: around(1, 1, 0, 1), clamp: ALL_BYTES };
    assertWritten(pool('AVERAGE_POOL_2D', same, [4, 4]), ['AVERAGE_POOL_2D SAME NONE']);
    const odd = { ...same, padding: around(1) };
    refuses(
      pool('AVERAGE_POOL_2D', odd, [4, 4]),
      /AVERAGE_POOL_2D #0 \('y'\) averages .*neither SAME nor VALID/,
    );
  });

  const transposed = (
    attributes: Omit<OpAttributes['TRANSPOSE_CONV'], 'clamp'>,
    [rows, columns]: readonly [number, number],
  ) => {
    const sketch = new Sketch();
    const x = sketch.input('x', [1, 3, 4, 2]);
    const filter = sketch.constant(
      [2, 3, 3, 2],
      Int8Array.from({ length: 36 }, (_, i) => 5 * i - 90),
      perTensor('int8', 0.5, 0),
    );
    const y = ['y', [1, rows, columns, 2], perTensor('int8', 4, -7)] as const;
    return sketch.graph(
      sketch.node('TRANSPOSE_CONV', { ...attributes, clamp: { min: -7, max: 90 } }, [x, filter, null], y),
    );
  };

  it('of TRANSPOSE_CONV is cut off the whole image where it has no name', () => {
    const named = (name: string) => [`TRANSPOSE_CONV ${name} RELU`, 'MINIMUM'];
    assertWritten(transposed({ stride: TWO, padding: around(0) }, [7, 9]), named('VALID'));
    assertWritten(transposed({ stride: TWO, padding: around(0, 1) }, [6, 8]), named('SAME'));
    assertWritten(transposed({ stride: TWO, padding: around(1) }, [5, 7]), named('SAME'));
    const cut = [...named('VALID'), 'SLICE'];
    assertWritten(transposed({ stride: TWO, padding: around(1, 0) }, [6, 8]), cut);
    assertWritten(transposed({ stride: TWO, padding: around(1, 2) }, [4, 6]), cut);
  });
});

describe('clamps', () => {
  /** Codes of scale 0.05 and zero point -3. */
  const add = (min: number, max: number) => {
    const sketch = new Sketch();
    const [a, b] = [sketch.input('a', [2, 3]), sketch.input('b', [2, 3])];
    return sketch.graph(sketch.node('ADD', { clamp: { min, max } }, [a, b], ['y', [2, 3]]));
  };

  it('are the fused activation that has their bounds', () => {
    assertWritten(add(-128, 127), ['ADD NONE']);
    assertWritten(add(-3, 127), ['ADD RELU']);
    assertWritten(add(-3, 117), ['ADD RELU6']);
    assertWritten(add(-23, 17), ['ADD RELU_N1_TO_1']);
  });

  it('are MAXIMUM and MINIMUM for what no activation has', () => {
    assertWritten(add(-100, 127), ['ADD NONE', 'MAXIMUM']);
    assertWritten(add(-128, 50), ['ADD NONE', 'MINIMUM']);
    assertWritten(add(-3, 50), ['ADD RELU', 'MINIMUM']);
    assertWritten(add(0, 17), ['ADD RELU_N1_TO_1', 'MAXIMUM']);
    assertWritten(add(10, 50), ['ADD NONE', 'MAXIMUM', 'MINIMUM']);
  });

  it('come back into the operator by passes', () => {
    const again = optimize(rewritten(add(10, 50)), evaluate);
    assert.deepEqual(
      again.nodes.map(({ kind, attributes }) => [kind, attributes]),
      [['ADD', { clamp: { min: 10, max: 50 } }]],
    );
  });
});

describe('a fully connected layer', () => {
  const dense = (x: readonly number[], y: readonly number[]) => {
    const sketch = new Sketch();
    const filter = sketch.constant(
      [3, 4],
      Int8Array.from({ length: 12 }, (_, i) => 9 * i - 50),
      perTensor('int8', 0.5, 0),
    );
    const clamp = { min: -100, max: 100 };
    return sketch.graph(
      sketch.node('FULLY_CONNECTED', { clamp }, [sketch.input('x', x), filter, null], ['y', y]),
    );
  };

  it('makes rows, or keeps the sizes before them', () => {
    const limits = ['MAXIMUM', 'MINIMUM'];
    assertWritten(dense([2, 4], [2, 3]), ['FULLY_CONNECTED NONE', ...limits]);
    assertWritten(dense([2, 2, 4], [2, 2, 3]), ['FULLY_CONNECTED NONE', ...limits]);
    assertWritten(dense([1, 2, 2], [1, 3]), ['FULLY_CONNECTED NONE', ...limits]);
    assertWritten(dense([4], [1, 1, 1, 3]), ['FULLY_CONNECTED NONE', ...limits, 'RESHAPE']);
  });
});

describe('a TABLE', () => {
  const lookup = (entry: (code: number) => number, format = BYTES) => {
    const sketch = new Sketch();
    const table = Int8Array.from({ length: 256 }, (_, i) => entry(i - 128));
    return sketch.graph(sketch.node('TABLE', { table }, [sketch.input('x', [256])], ['y', [256], format]));
  };

  it('is the operator that makes the same codes', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [256]);
    const sigmoid = sketch.node('LOGISTIC', {}, [x], ['s', [256], perTensor('int8', 1 / 256, -128)]);
    const swish = sketch.node('HARD_SWISH', {}, [x], ['h', [256], perTensor('int8', 0.03, -110)]);
    const gelu = sketch.node('GELU', { approximate: true }, [x], ['g', [256], perTensor('int8', 0.03, -110)]);
    const rescaled = sketch.node('QUANTIZE', {}, [x], ['q', [256], perTensor('int8', 0.1, 7)]);
    const six = sketch.node('RELU6', {}, [x], ['r', [256]]);
    const graph = optimize(sketch.graph(sigmoid, swish, gelu, rescaled, six), evaluate);
    assert.ok(graph.nodes.every(({ kind }) => kind === 'TABLE'));
    assertWritten(graph, ['LOGISTIC', 'HARD_SWISH', 'GELU', 'QUANTIZE', 'RELU6']);
  });

  it('that only clamps is MAXIMUM and MINIMUM', () => {
    assertWritten(
      lookup((code) => Math.min(Math.max(code, -50), 60)),
      ['MAXIMUM', 'MINIMUM'],
    );
  });

  it('that is neither is refused', () => {
    refuses(
      lookup((code) => -1 - code),
      /TABLE #0 \('y'\) looks its codes up in a table .*before passes/,
    );
  });
});

describe('what else TFLite says in its own way', () => {
  it('tensors of 16 bits, with a wide bias', () => {
    const sketch = new Sketch();
    const words = perTensor('int16', 0.01, 0);
    const x = sketch.input('x', [1, 4], words);
    const filter = sketch.constant(
      [2, 4],
      Int8Array.of(1, 2, 3, 4, -5, -6, -7, -8),
      perTensor('int8', 0.5, 0),
    );
    const bias = sketch.constant([2], BigInt64Array.of(5n, -7n), plain('int64'));
    const clamp = { min: -1000, max: 1000 };
    const graph = sketch.graph(
      sketch.node('FULLY_CONNECTED', { clamp }, [x, filter, bias], ['y', [1, 2], words]),
    );
    assertSame(graph, rewritten(graph), [Int16Array.of(100, -30000, 32767, 5)]);
  });

  it('scalars, which no PAD or slice can change', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', []);
    const padded = sketch.node('PAD', { before: [], after: [], value: 1 }, [x], ['padded', []]);
    const turned = sketch.node('TRANSPOSE', { perm: [] }, [padded], ['turned', []]);
    const cut = sketch.node('STRIDED_SLICE', { begin: [], stride: [] }, [turned], ['cut', []]);
    assertWritten(sketch.graph(cut), ['RESHAPE', 'RESHAPE', 'RESHAPE']);
  });

  it('uint8 at the ends, also where codes are moved before they are quantized', () => {
    const sketch = new Sketch();
    const pixels = perTensor('uint8', 0.05, 125);
    const image = sketch.node('RESHAPE', {}, [sketch.input('x', [4], pixels)], ['image', [2, 2], pixels]);
    const graph = sketch.graph(sketch.node('QUANTIZE', {}, [image], ['y', [2, 2]]));
    assertSame(graph, rewritten(graph), [Uint8Array.of(0, 255, 125, 7)]);
  });

  it('networks of float32, whose bounds are real', () => {
    const real = plain('float32');
    const tensor = (name: string, shape: readonly number[], data: TypedArray | null = null) => ({
      name,
      shape,
      format: real,
      data,
      state: false,
    });
    const weights = tensor('w', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
    const node = {
      kind: 'FULLY_CONNECTED',
      attributes: { clamp: { min: 0, max: 2.5 } },
      inputs: [0, 1, null],
      outputs: [2],
      source: { operator: 'FULLY_CONNECTED', index: 0 },
    } as const;
    const tensors = [tensor('x', [1, 3]), weights, tensor('y', [1, 2])];
    const model = toTflite({ name: 'real', tensors, nodes: [node], inputs: [0], outputs: [2] });
    assert.deepEqual(
      model.operators.map(({ operator, options }) => [operator, options?.fused_activation_function]),
      [
        ['FULLY_CONNECTED', 'RELU'],
        ['MINIMUM', undefined],
      ],
    );
    assert.ok(model.tensors.every(({ quantization }) => quantization === undefined));
    const dataOf = (wanted: string) => model.tensors.find(({ name }) => name === wanted)?.data;
    assert.deepEqual(dataOf('y most'), Float32Array.of(2.5));
    assert.deepEqual(dataOf('y bias'), new Float32Array(2));
  });
});

/** Asserts BL109 with these words: the node, and why. */
function refuses(graph: Graph, words: RegExp): void {
  assert.throws(
    () => toTflite(graph),
    (error) => error instanceof BitloomError && error.code === 'BL109' && words.test(error.message),
  );
}

describe('what TFLite does not have is refused by BL109 with the node', () => {
  const x = () => {
    const sketch = new Sketch();
    return { sketch, image: sketch.input('x', [1, 1, 2, 4]) };
  };
  const window = { stride: ONE, dilation: ONE, padding: around(0), clamp: ALL_BYTES };
  const pointwise = (weights: TypedArray, format = perTensor('int8', 0.5, 0), inputFormat = BYTES) => {
    const sketch = new Sketch();
    const image = sketch.input('x', [1, 1, 2, 4], inputFormat);
    return { sketch, image, filter: sketch.constant([1, 1, 1, 4], weights, format) };
  };
  const codes = Int8Array.of(1, -2, 3, -4);

  it('tensors of fewer than 8 bits', () => {
    const { sketch, image } = x();
    const narrow = perTensor('uint4', 0.1, 0);
    const y = sketch.node('QUANTIZE', {}, [image], ['y', [1, 1, 2, 4], narrow]);
    refuses(sketch.graph(y), /QUANTIZE #0 \('y'\) uses 'y' of uint4.*\. Keep this tensor at 8 or 16 bits/);
    const only = new Sketch();
    const z = only.node('DEQUANTIZE', {}, [only.input('codes', [4], narrow)], ['z', [4], plain('float32')]);
    refuses(only.graph(z), /the model 'sketch' uses 'codes' of uint4/);
  });

  it('thresholds', () => {
    const { sketch, image, filter } = pointwise(codes);
    const thresholds = sketch.constant([1, 2], Int32Array.of(0, 5), plain('int32'));
    const y = sketch.node('CONV_2D', window, [image, filter, null, thresholds], ['y', [1, 1, 2, 1]]);
    refuses(sketch.graph(y), /CONV_2D #0 \('y'\) ends by thresholds/);

    const pairs = x();
    const steps = pairs.sketch.constant([1, 2], Int32Array.of(0, 5), plain('int32'));
    const pair = pairs.sketch.constant([1, 2], Int8Array.of(1, 2), perTensor('int8', 1, 0));
    const inputs = [pairs.image, pairs.image, pair, steps];
    const sum = pairs.sketch.node('ADD', { clamp: ALL_BYTES }, inputs, ['s', [1, 1, 2, 4]]);
    refuses(pairs.sketch.graph(sum), /ADD #0 \('s'\) ends by thresholds/);

    const real = new Sketch();
    const levels = real.constant([2], Float32Array.of(0, 5), plain('float32'));
    const r = real.input('r', [3], plain('float32'));
    refuses(
      real.graph(real.node('QUANTIZE', {}, [r, levels], ['q', [3]])),
      /QUANTIZE #0 \('q'\) .*thresholds/,
    );
  });

  it('sums of int32 as an output', () => {
    const { sketch, image, filter } = pointwise(codes);
    const clamp = { min: -(2 ** 31), max: 2 ** 31 - 1 };
    const sums = ['y', [1, 1, 2, 1], perTensor('int32', 0.025, 0)] as const;
    const y = sketch.node('CONV_2D', { ...window, clamp }, [image, filter, null], sums);
    refuses(sketch.graph(y), /CONV_2D #0 \('y'\) makes its int32 sums/);
  });

  it('weights of int16, and those with a zero point', () => {
    const wide = pointwise(Int16Array.of(1, -200, 3, 4), perTensor('int16', 0.5, 0));
    const y = wide.sketch.node('CONV_2D', window, [wide.image, wide.filter, null], ['y', [1, 1, 2, 1]]);
    refuses(wide.sketch.graph(y), /CONV_2D #0 \('y'\) has weights of int16/);
    const shifted = pointwise(codes, perTensor('int8', 0.5, 3));
    const z = shifted.sketch.node(
      'CONV_2D',
      window,
      [shifted.image, shifted.filter, null],
      ['z', [1, 1, 2, 1]],
    );
    refuses(shifted.sketch.graph(z), /CONV_2D #0 \('z'\) has weights with a zero point/);
  });

  it('a bias of 32 bits where 16-bit kernels take 64', () => {
    const words = perTensor('int16', 0.5, 0);
    const { sketch, image, filter } = pointwise(codes, perTensor('int8', 0.5, 0), words);
    const bias = sketch.constant([4], new Int32Array(4), plain('int32'));
    const clamp = { min: -32768, max: 32767 };
    const attributes = { ...window, clamp, depthMultiplier: 1 };
    const y = sketch.node('DEPTHWISE_CONV_2D', attributes, [image, filter, bias], ['y', [1, 1, 2, 4], words]);
    refuses(sketch.graph(y), /DEPTHWISE_CONV_2D #0 \('y'\) adds an int32 bias to int16 activations/);
  });

  it('means over nothing', () => {
    const { sketch, image } = x();
    refuses(
      sketch.graph(sketch.node('MEAN', { axes: [] }, [image], ['y', [1, 1, 2, 4]])),
      /MEAN #0 \('y'\) reduces no/,
    );
  });

  it('a scale for each channel of activations', () => {
    const sketch = new Sketch();
    const sums = sketch.input('sums', [1, 2], perTensor('int32', 1, 0));
    const scales = sketch.constant([2], Float32Array.of(1, 2), plain('float32'));
    const y = sketch.node('DEQUANTIZE', {}, [sums, scales], ['y', [1, 2], plain('float32')]);
    refuses(sketch.graph(y), /DEQUANTIZE #0 \('y'\) has a scale for each channel/);
  });

  it('parts of images that are resized', () => {
    const { sketch, image } = x();
    const part = { rows: { size: 4, resized: 8, from: 0, at: 0 } };
    const attributes = { alignCorners: false, halfPixelCenters: false, part } as never;
    const y = sketch.node('RESIZE_BILINEAR', attributes, [image], ['y', [1, 2, 4, 4]]);
    refuses(sketch.graph(y), /RESIZE_BILINEAR #0 \('y'\) resizes a part/);
  });

  it('operators that follow the rows of their input', () => {
    const { sketch, image } = x();
    const y = sketch.node(
      'ABSMAX_NORMALIZATION',
      {},
      [image],
      ['y', [1, 1, 2, 4], perTensor('int8', 1 / 128, 0)],
    );
    refuses(
      sketch.graph(y),
      /ABSMAX_NORMALIZATION #0 \('y'\) is ABSMAX_NORMALIZATION, which TFLite does not have/,
    );
  });
});
