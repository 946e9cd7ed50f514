import assert from 'node:assert/strict';
import type { OptionValue, TfliteModel, TfliteTensor } from '../../src/export/tflite/model.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { Random } from '../support/random/random.js';

/** A convolution of Larq Compute Engine on an image of signs. */
interface Form {
  readonly channels: number;
  readonly outputs: number;
  readonly groups: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: 'SAME' | 'VALID';
  readonly padValues: 0 | 1;
  readonly activation: 'NONE' | 'RELU' | 'RELU_N1_TO_1';
}

const WORDS = (channels: number) => Math.ceil(channels / 32);
const OUTPUT = { scale: Math.fround(0.37), zeroPoint: -9 };

/** Words in which a set bit is -1, rows of `channels`. */
function bitpack(signs: readonly number[], channels: number): Int32Array {
  const words = new Int32Array((signs.length / channels) * WORDS(channels));
  signs.forEach((sign, i) => {
    const channel = i % channels;
    if (sign < 0) words[Math.floor(i / channels) * WORDS(channels) + (channel >> 5)]! |= 1 << (channel & 31);
  });
  return words;
}

class Case {
  readonly filter: number[];
  readonly multipliers: Float32Array;
  readonly biases: Float32Array;
  readonly thresholds: Int32Array;
  readonly image: Int8Array;

  constructor(
    readonly form: Form,
    random: Random,
  ) {
    const { channels, outputs, groups, size } = form;
    const bits = 9 * (channels / groups);
    this.filter = Array.from({ length: outputs * bits }, () => random.pick([-1, 1]));
    this.multipliers = Float32Array.from(
      { length: outputs },
      () => random.pick([-1, 1]) * random.powerOfTwo(-6, 0),
    );
    this.biases = Float32Array.from({ length: outputs }, () => random.integer(-2000, 2000) / 256);
    this.thresholds = Int32Array.from({ length: outputs }, () => random.integer(-1, bits));
    this.image = Int8Array.from({ length: size * size * channels }, () => random.integer(-128, 127));
  }

  /** LceQuantize, LceBconv2d to signs or codes, LceDequantize after signs. */
  model(to: 'signs' | 'codes'): TfliteModel {
    const { channels, outputs, groups, size, stride, padding, padValues, activation } = this.form;
    const out = padding === 'SAME' ? Math.ceil(size / stride) : Math.floor((size - 3) / stride) + 1;
    const quantization = (scale: number, zeroPoint: number) => ({
      quantization: { scales: [Math.fround(scale)], zeroPoints: [zeroPoint] },
    });
    const depth = channels / groups;
    const tensors: TfliteTensor[] = [
      { name: 'image', shape: [1, size, size, channels], type: 'INT8', ...quantization(0.1, 3) },
      { name: 'signs', shape: [1, size, size, WORDS(channels)], type: 'INT32' },
      {
        name: 'filter',
        shape: [outputs, 3, 3, WORDS(depth)],
        type: 'INT32',
        data: bitpack(this.filter, depth),
      },
      { name: 'multipliers', shape: [outputs], type: 'FLOAT32', data: this.multipliers },
      { name: 'biases', shape: [outputs], type: 'FLOAT32', data: this.biases },
      { name: 'thresholds', shape: [outputs], type: 'INT32', data: this.thresholds },
      to === 'codes'
        ? {
            name: 'sums',
            shape: [1, out, out, outputs],
            type: 'INT8',
            ...quantization(OUTPUT.scale, OUTPUT.zeroPoint),
          }
        : { name: 'bits', shape: [1, out, out, WORDS(outputs)], type: 'INT32' },
      { name: 'result', shape: [1, out, out, outputs], type: 'INT8', ...quantization(1, 0) },
    ];
    const options: Record<string, OptionValue> = {
      channels_in: channels,
      dilation_height_factor: 1,
      dilation_width_factor: 1,
      fused_activation_function: activation,
      pad_values: padValues,
      padding,
      stride_height: stride,
      stride_width: stride,
    };
    return {
      tensors,
      operators: [
        { operator: "CUSTOM 'LceQuantize'", inputs: [0], outputs: [1] },
        { operator: "CUSTOM 'LceBconv2d'", inputs: [1, 2, 3, 4, 5], outputs: [6], options },
        ...(to === 'signs' ? [{ operator: "CUSTOM 'LceDequantize'", inputs: [6], outputs: [7] }] : []),
      ],
      inputs: [0],
      outputs: [to === 'signs' ? 7 : 6],
    };
  }

  /** What the engine's documentation says: bits that differ are counted, then comes the output's transformation. */
  expected(to: 'signs' | 'codes'): number[] {
    const { channels, outputs, groups, size, stride, padding, padValues } = this.form;
    const out = padding === 'SAME' ? Math.ceil(size / stride) : Math.floor((size - 3) / stride) + 1;
    const before = padding === 'SAME' ? Math.floor(Math.max(0, (out - 1) * stride + 3 - size) / 2) : 0;
    const depth = channels / groups;
    const bits = 9 * depth;
    return Array.from({ length: out * out * outputs }, (_, i) => {
      const o = i % outputs;
      const [oy, ox] = [Math.floor(i / outputs / out), Math.floor(i / outputs) % out];
      const first = Math.floor(o / (outputs / groups)) * depth;
      let differing = 0;
      for (let tap = 0; tap < 9; tap++) {
        const [y, x] = [oy * stride - before + Math.floor(tap / 3), ox * stride - before + (tap % 3)];
        const inside = y >= 0 && y < size && x >= 0 && x < size;
        for (let c = 0; c < depth; c++) {
          const sign = this.filter[(o * 9 + tap) * depth + c]!;
          if (inside) {
            const bit = this.image[(y * size + x) * channels + first + c]! < 3;
            differing += bit === sign < 0 ? 0 : 1;
          } else differing += padValues === 0 ? 0.5 : sign < 0 ? 1 : 0;
        }
      }
      return to === 'signs' ? (differing > this.thresholds[o]! ? -1 : 1) : this.#code(bits, differing, o);
    });
  }

  #code(bits: number, differing: number, o: number): number {
    const [least, most] = { NONE: [-bits, bits], RELU: [0, bits], RELU_N1_TO_1: [-1, 1] }[
      this.form.activation
    ] as [number, number];
    const factor = Math.fround(-this.multipliers[o]! / OUTPUT.scale);
    const offset = Math.fround(
      (this.biases[o]! + bits * this.multipliers[o]!) / OUTPUT.scale + OUTPUT.zeroPoint,
    );
    const twice = Math.min(Math.max(2 * differing, bits - most), bits - least);
    const real = Math.fround(Math.fround(twice * factor) + offset);
    const rounded = Math.sign(real) * Math.floor(Math.abs(real) + 0.5);
    return Math.min(127, Math.max(-128, rounded)) + 0;
  }
}

function randomForm(random: Random): Form {
  const groups = random.pick([1, 1, 2]);
  return {
    groups,
    channels: groups === 1 ? random.pick([2, 31, 32, 33, 64]) : 64,
    outputs: groups * random.pick([1, 5, 32, 33]),
    size: random.integer(3, 6),
    stride: random.pick([1, 2]),
    padding: random.pick(['SAME', 'VALID']),
    // With zeros an odd number of channels would count half bits.
    padValues: 1,
    activation: random.pick(['NONE', 'RELU', 'RELU_N1_TO_1']),
  };
}

function run(model: TfliteModel, image: Int8Array): { codes: number[]; notes: readonly string[] } {
  // As files are read: a Buffer, whose slices are no copies.
  const graph = importTflite(Buffer.from(writeTflite(model)), 'larq');
  const codes = Array.from(evaluate(graph, [image])[graph.outputs[0]!]!, Number);
  return { codes, notes: graph.notes ?? [] };
}

describe("Larq's operators", () => {
  for (const to of ['signs', 'codes'] as const) {
    it(`LceBconv2d to ${to} is the count of differing bits and its transformation, to the bit but where a note says otherwise`, () => {
      const random = new Random(5);
      for (let i = 0; i < 40; i++) {
        const form = randomForm(random);
        const zeros = form.channels % 2 === 0 && random.chance(0.5);
        const test = new Case(zeros ? { ...form, padValues: 0 } : form, random);
        const { codes, notes } = run(test.model(to), test.image);
        const expected = test.expected(to);
        if (notes.length === 0) assert.deepEqual(codes, expected, JSON.stringify(test.form));
        else
          assert.ok(
            codes.every((code, k) => Math.abs(code - expected[k]!) <= 1),
            notes.join(),
          );
      }
    });
  }

  it('LceBMaxPool2d is +1 where any tap is', () => {
    const test = new Case(
      { ...randomForm(new Random(1)), groups: 1, channels: 33, outputs: 1, size: 4 },
      new Random(2),
    );
    const { tensors, operators } = test.model('signs');
    const pooled = { name: 'pooled', shape: [1, 2, 2, 2], type: 'INT32' } as const;
    const result = { ...tensors[7]!, shape: [1, 2, 2, 33] };
    const options = {
      padding: 'VALID',
      stride_height: 2,
      stride_width: 2,
      filter_height: 2,
      filter_width: 2,
    };
    const { codes: actual } = run(
      {
        tensors: [tensors[0]!, tensors[1]!, pooled, result],
        operators: [
          operators[0]!,
          { operator: "CUSTOM 'LceBMaxPool2d'", inputs: [1], outputs: [2], options },
          { operator: "CUSTOM 'LceDequantize'", inputs: [2], outputs: [3] },
        ],
        inputs: [0],
        outputs: [3],
      },
      test.image,
    );
    const expected = Array.from({ length: 4 * 33 }, (_, i) => {
      const [y, x, c] = [Math.floor(i / 66), Math.floor(i / 33) % 2, i % 33];
      const taps = [0, 1, 4, 5].map((tap) => test.image[(8 * y + 2 * x + tap) * 33 + c]!);
      return Math.max(...taps) < 3 ? -1 : 1;
    });
    assert.deepEqual(actual, expected);
  });

  it('on float32 name the operator where the float remains', () => {
    const test = new Case({ ...randomForm(new Random(3)), groups: 1 }, new Random(4));
    const { tensors, ...rest } = test.model('codes');
    const floats = (i: number) =>
      tensors.map((tensor, id) =>
        id === i ? { name: tensor.name, shape: tensor.shape, type: 'FLOAT32' as const } : tensor,
      );
    assert.throws(() => run({ tensors: floats(6), ...rest }, test.image), {
      code: 'BL104',
      message: /LceBconv2d.*#1 \('sums'\) computes float32/,
    });
    assert.throws(() => run({ tensors: floats(0), ...rest }, test.image), {
      code: 'BL104',
      message: /LceQuantize/,
    });
  });

  it('with damaged options are refused', () => {
    const test = new Case({ ...randomForm(new Random(3)), groups: 1 }, new Random(4));
    const model = test.model('codes');
    const operators = model.operators.map((operator) => ({ ...operator, options: {} }));
    assert.throws(() => run({ ...model, operators }, test.image), { code: 'BL102' });
  });
});
