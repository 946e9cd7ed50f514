import assert from 'node:assert/strict';
import type { TfliteModel } from '../../src/export/tflite/model.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { BitloomError, type DiagnosticCode } from '../../src/graph/diagnostics.js';
import { importModel } from '../../src/import/index.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { operatorName } from '../../src/import/tflite/schema.js';
import { activation, ints, singleOperator, type TensorSketch, weights } from '../support/tflite.js';

/** Asserts that the import of a model ends in a message of this code that says these words. */
function rejects(bytes: Uint8Array | TfliteModel, code: DiagnosticCode, words: RegExp): void {
  const file = bytes instanceof Uint8Array ? bytes : writeTflite(bytes);
  assert.throws(
    () => importTflite(file, 'model'),
    (error) => {
      assert.ok(error instanceof BitloomError, String(error));
      assert.match(error.message, words);
      assert.equal(error.code, code);
      assert.match(error.message, /\. [A-Z].{10,}$/, 'names no way out');
      return true;
    },
  );
}

/** A relu of one tensor, varied. */
const relu = (x: TensorSketch = {}, y: TensorSketch = {}): TfliteModel =>
  singleOperator('RELU', [activation([4], x)], [activation([4], y)]);

const dense = (
  filter: TensorSketch | null,
  rest: { x?: TensorSketch; bias?: TensorSketch; y?: TensorSketch } = {},
) =>
  singleOperator(
    'FULLY_CONNECTED',
    [activation([1, 3], rest.x), filter ?? weights([2, 3]), rest.bias ?? null],
    [activation([1, 2], rest.y)],
  );

describe('BL101 not a model file', () => {
  it('other contents', () => {
    rejects(new TextEncoder().encode('not a model at all'), 'BL101', /'model'.*TFL3/);
    rejects(new Uint8Array(), 'BL101', /TFL3/);
  });

  it('a missing identifier', () => {
    rejects(writeTflite(relu()).fill(0, 4, 8), 'BL101', /does not carry the identifier TFL3/);
  });

  it('any file, by its name, where the format is not known', () => {
    assert.throws(
      () => importModel(new TextEncoder().encode('a text'), 'dir/net.txt'),
      /BL101.*'dir\/net\.txt' is not in a format that Bitloom reads\. Pass/,
    );
  });
});

describe('BL102 damaged model file', () => {
  it('truncated', () => {
    const bytes = writeTflite(relu());
    rejects(bytes.subarray(0, bytes.length - 64), 'BL102', /'model' ends at byte \d+ but refers to bytes/);
    rejects(bytes.subarray(0, 8), 'BL102', /ends at byte 8/);
  });

  it('tensor indices out of range', () => {
    const model = relu();
    rejects({ ...model, outputs: [7] }, 'BL102', /refers to tensor 7 of 2/);
    rejects({ ...model, inputs: [-1] }, 'BL102', /refers to tensor -1 of 2/);
  });

  it('data of the wrong length', () => {
    rejects(
      dense(weights([2, 3], { data: new Int8Array(5) })),
      'BL102',
      /'in1' of shape \[2,3\] has 5 bytes.*6/,
    );
  });

  it('wrong numbers of inputs and outputs', () => {
    rejects(
      singleOperator('RELU', [], [activation([4])]),
      'BL102',
      /RELU #0 \('out0'\) has 0 inputs and 1 outputs/,
    );
  });

  it('shapes that contradict the operator', () => {
    rejects(relu({ shape: [5] }), 'BL102', /RELU #0 \('out0'\): 'out0' has the shape \[4\] instead of \[5\]/);
    rejects(dense(weights([2, 4])), 'BL102', /rows of \[1,3\] do not have 4 elements/);
  });

  it('tensors that nobody computes', () => {
    const model = relu();
    rejects({ ...model, inputs: [] }, 'BL102', /RELU #0.*'in0' is read before it is written/);
  });

  it('windows and strides that make no sense', () => {
    const pool = (filter_height: number, stride_h: number) =>
      singleOperator('MAX_POOL_2D', [activation([1, 4, 4, 1])], [activation([1, 4, 4, 1])], {
        padding: 'SAME',
        filter_width: 1,
        filter_height,
        stride_w: 1,
        stride_h,
      });
    rejects(pool(1, 0), 'BL102', /MAX_POOL_2D #0 \('out0'\) has the stride 0 x 1/);
    rejects(pool(1 << 24, 1), 'BL102', /has a window of 16777216 x 1/);
  });
});

describe('BL103 unsupported operator', () => {
  it('all of them in one message, with counts and places', () => {
    const model: TfliteModel = {
      tensors: ['a', 'b', 'c', 'd'].map((name) => ({
        name,
        shape: [4],
        type: 'INT8',
        quantization: { scales: [0.5], zeroPoints: [0] },
      })),
      operators: [
        { operator: 'ROUND', inputs: [0], outputs: [1] },
        { operator: 'HARD_SWISH', inputs: [1], outputs: [2] },
        { operator: 'ROUND', inputs: [1], outputs: [2] },
        { operator: "CUSTOM 'Fft'", inputs: [2], outputs: [3] },
      ],
      inputs: [0],
      outputs: [3],
    };
    const words =
      /uses ROUND \(2 times, first as #0 'b'\), CUSTOM 'Fft' \(once, first as #3 'd'\)\. Rewrite these layers/;
    rejects(model, 'BL103', words);
  });

  it('control flow, which needs further subgraphs', () => {
    rejects(singleOperator('WHILE', [activation([4])], [activation([4])]), 'BL103', /uses WHILE \(once/);
  });

  it('operators newer than the schema go by number', () => {
    assert.equal(operatorName(1000), 'operator 1000');
  });
});

describe('BL104 unsupported form of an operator', () => {
  it('fused activations that are no clamps', () => {
    const model = singleOperator('ADD', [activation([4]), activation([4])], [activation([4])], {
      fused_activation_function: 'TANH',
    });
    rejects(model, 'BL104', /ADD #0 \('out0'\) has the fused activation TANH\. Make/);
  });

  it('weights that another operator computes', () => {
    const { data: _, ...filter } = weights([2, 3]);
    rejects(
      dense(filter),
      'BL104',
      /FULLY_CONNECTED #0 \('out0'\): its filter 'in1' is not constant\. Freeze/,
    );
  });

  it('axes and paddings that another operator computes', () => {
    const axes = { shape: [1], type: 'INT32' } as const;
    rejects(
      singleOperator('MEAN', [activation([4]), axes], [activation([])]),
      'BL104',
      /MEAN #0 \('out0'\) takes its axes from another operator/,
    );
  });

  it('shuffled weights, images of other ranks, empty slices, ignored activations', () => {
    const shuffled = singleOperator(
      'FULLY_CONNECTED',
      [activation([1, 3]), weights([2, 3])],
      [activation([1, 2])],
      {
        weights_format: 'SHUFFLED4x16INT8',
      },
    );
    rejects(shuffled, 'BL104', /shuffled weights/);
    const flat = singleOperator('AVERAGE_POOL_2D', [activation([4, 4])], [activation([4, 4])], {
      filter_width: 1,
      filter_height: 1,
      stride_w: 1,
      stride_h: 1,
    });
    rejects(flat, 'BL104', /needs four dimensions, but 'in0' has the shape \[4,4\]/);
    const empty = singleOperator(
      'STRIDED_SLICE',
      [activation([4]), ints([2]), ints([2]), ints([1])],
      [activation([1])],
    );
    rejects(empty, 'BL104', /takes no element/);
    const joined = singleOperator('CONCATENATION', [activation([2]), activation([2])], [activation([4])], {
      axis: 0,
      fused_activation_function: 'RELU',
    });
    rejects(joined, 'BL104', /CONCATENATION #0 \('out0'\) has the fused activation RELU/);
  });
});

describe('BL105 unsupported tensor', () => {
  it('layers of float32 and codes', () => {
    const float = { type: 'FLOAT32' } as const;
    rejects(relu(float, {}), 'BL105', /RELU #0 \('out0'\): 'out0' is int8, not float32/);
    rejects(
      dense({ shape: [2, 3], ...float, data: new Float32Array(6) }),
      'BL105',
      /'in1' is float32, not int8/,
    );
  });

  it('dynamic and empty shapes', () => {
    rejects(relu({ shape: [-1, 4] }), 'BL105', /tensor 'in0' has the shape \[-1,4\]\. Convert.*static/);
    rejects(relu({ shape: [0] }), 'BL105', /tensor 'in0' has the shape \[0\]/);
  });

  it('element types without arithmetic', () => {
    rejects(relu({ type: 'BOOL' }), 'BL105', /'in0' is bool/);
    rejects(relu({ type: 'INT8' }, { type: 'INT16' }), 'BL105', /'out0' is int16, but 'in0' is int8/);
  });
});

describe('BL106 model too large', () => {
  it('one tensor', () => {
    rejects(
      relu({ shape: [65536, 65536] }),
      'BL106',
      /tensor 'in0' of shape \[65536,65536\] takes more than/,
    );
  });

  it('all activations together', () => {
    const shape = [2 ** 28];
    rejects(
      relu({ shape }, { shape }),
      'BL106',
      /the activations up to tensor 'out0' take more than 268435456 bytes/,
    );
  });
});

describe('BL107 unsupported quantization', () => {
  it('senseless scales and zero points', () => {
    for (const scale of [-1, 0, Number.NaN, Number.POSITIVE_INFINITY]) {
      rejects(relu({ scale }), 'BL107', new RegExp(`tensor 'in0' has the scale ${scale}`));
    }
    rejects(
      relu({ zeroPoint: 128 }),
      'BL107',
      /tensor 'in0' has the zero point 128, which int8 does not hold/,
    );
  });

  it('scales that fit no dimension', () => {
    const { scale: _, zeroPoint: __, ...rest } = weights([2, 3]);
    const quantized = (count: number, axis: number): TensorSketch => ({
      ...rest,
      quantization: { scales: new Array(count).fill(0.5), zeroPoints: new Array(count).fill(0), axis },
    });
    rejects(dense(quantized(4, 0)), 'BL107', /'in1' has 4 scales along dimension 0 of shape \[2,3\]/);
    rejects(dense(quantized(2, 9)), 'BL107', /'in1' has 2 scales along dimension 9/);
    rejects(dense(quantized(3, 1)), 'BL107', /'in1' is quantized along dimension 1, not 0/);
  });

  it('tensors without quantization', () => {
    const { scale: _, ...plain } = activation([4]);
    const model = singleOperator('RELU', [plain], [activation([4])]);
    rejects(model, 'BL107', /RELU #0 \('out0'\): 'in0' is not quantized per tensor/);
  });

  it('CONCATENATION of other scales, by the name of the input', () => {
    const model = singleOperator(
      'CONCATENATION',
      [activation([2]), activation([2], { scale: 0.25 })],
      [activation([4])],
    );
    rejects(
      model,
      'BL107',
      /CONCATENATION #0 \('out0'\) has an input 'in1' of another type, scale or zero point/,
    );
  });

  it('a bias in other steps than input scale times filter scale', () => {
    const bias = { shape: [2], type: 'INT32', scale: 1, data: new Int32Array(2) } as const;
    rejects(
      dense(null, { bias }),
      'BL107',
      /FULLY_CONNECTED #0 \('out0'\) has a bias of scale 1 instead of 0\.125/,
    );
  });

  it('zero points where the kernels take symmetric tensors', () => {
    const shifted = { type: 'INT16', zeroPoint: 3 } as const;
    rejects(
      dense(null, { x: shifted, y: { type: 'INT16' } }),
      'BL107',
      /int16 tensor 'in0' has a zero point/,
    );
  });

  it('output formats that an operator fixes', () => {
    const model = singleOperator('LOGISTIC', [activation([4])], [activation([4])]);
    rejects(model, 'BL107', /'out0' must have the scale 0\.00390625 and the zero point -128/);
  });

  it('sums whose output scale is too fine', () => {
    const model = singleOperator(
      'ADD',
      [activation([4]), activation([4])],
      [activation([4], { scale: 1e-9 })],
    );
    rejects(model, 'BL107', /ADD #0 \('out0'\): the output's scale .* is too small for its inputs/);
  });
});
