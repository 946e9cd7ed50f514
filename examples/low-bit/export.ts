/**
 * A trained network as a TFLite model. Batch normalization goes into scales a channel and biases. Weights are INT8 or INT2 constants;
 * networks of signs are written with the operators of Larq Compute Engine.
 */
import type {
  OptionValue,
  TfliteModel,
  TfliteOperator,
  TfliteTensor,
} from '../../src/export/tflite/model.js';
import { CLIP, type Classifier, type Convolution, EPSILON } from './network.js';

const BIT = 32;

/** Format of activations of 8 bits behind ReLU. */
const RELU = { scale: CLIP / 255, zeroPoint: -128 };

/** Format of what signs are taken of. */
const SIGNED = { scale: 1 / 32, zeroPoint: 0 };

/** @param largest magnitude of a logit */
export function exportNetwork(
  { layers, classifier }: { readonly layers: readonly Convolution[]; readonly classifier: Classifier },
  largest: number,
  description: string,
): TfliteModel {
  const model = new Model();
  let x = model.activation('image', [1, 28, 28, 1], { scale: 1 / 255, zeroPoint: -128 });
  const image = x;
  let scale = 1 / 255;
  for (const layer of layers) {
    x = layer.options.format === 'xnor' ? model.binary(x, layer) : model.convolution(x, layer, scale);
    scale = layer.options.activation === 'sign' ? 1 : RELU.scale;
  }
  const scores = model.classifier(x, classifier, largest);
  return {
    description,
    tensors: model.tensors,
    operators: model.operators,
    inputs: [image],
    outputs: [scores],
  };
}

class Model {
  readonly tensors: TfliteTensor[] = [];
  readonly operators: TfliteOperator[] = [];

  activation(
    name: string,
    shape: readonly number[],
    format: { readonly scale: number; readonly zeroPoint: number },
  ): number {
    const quantization = { scales: [Math.fround(format.scale)], zeroPoints: [format.zeroPoint] };
    return this.#tensor({ name, shape, type: 'INT8', quantization });
  }

  /** CONV_2D, and LceQuantize where signs follow. */
  convolution(x: number, layer: Convolution, inputScale: number): number {
    const { name, kernel, stride, channels, input, activation } = layer.options;
    const { factors, offsets } = normalization(layer);
    const { values, scales } = layer.quantized;
    const depth = values.length / channels;
    const filterScales = factors.map((factor, c) =>
      Math.fround(Math.max(Math.abs(factor) * scales[c]!, 1e-12)),
    );
    const filter = this.#tensor({
      name: `${name}/filter`,
      shape: [channels, kernel, kernel, input[1]],
      type: values.some((value) => Math.abs(value) > 1) ? 'INT8' : 'INT2',
      quantization: { scales: filterScales, zeroPoints: filterScales.map(() => 0), axis: 0 },
      data: values.map((value, i) => Math.sign(factors[Math.floor(i / depth)]!) * value),
    });
    const biasScales = filterScales.map((scale) => Math.fround(scale * Math.fround(inputScale)));
    const bias = this.#tensor({
      name: `${name}/bias`,
      shape: [channels],
      type: 'INT32',
      quantization: { scales: biasScales, zeroPoints: biasScales.map(() => 0), axis: 0 },
      data: Int32Array.from(offsets, (offset, c) => Math.round(offset / biasScales[c]!)),
    });
    const signs = activation === 'sign';
    const output = this.activation(name, [1, layer.size, layer.size, channels], signs ? SIGNED : RELU);
    const options = { padding: layer.options.padding, stride_h: stride, stride_w: stride };
    this.#operator('CONV_2D', [x, filter, bias], output, {
      ...options,
      ...(signs ? {} : { fused_activation_function: 'RELU' }),
    });
    if (!signs) return output;
    const bits = this.#words(`${name}/signs`, [1, layer.size, layer.size], channels);
    this.#operator("CUSTOM 'LceQuantize'", [output], bits);
    return bits;
  }

  /** LceBconv2d, to signs by thresholds or to 8 bits. */
  binary(x: number, layer: Convolution): number {
    const { name, kernel, stride, channels, input, activation } = layer.options;
    const { factors, offsets } = normalization(layer);
    const { values } = layer.quantized;
    const depth = values.length / channels;
    const signs = activation === 'sign';
    const flips = factors.map((factor) => (signs && factor < 0 ? -1 : 1));
    const filter = this.#tensor({
      name: `${name}/filter`,
      shape: [channels, kernel, kernel, Math.ceil(input[1] / BIT)],
      type: 'INT32',
      data: bitpacked(
        values.map((value, i) => flips[Math.floor(i / depth)]! * value),
        input[1],
      ),
    });
    const real = (what: string, data: readonly number[]) =>
      this.#tensor({
        name: `${name}/${what}`,
        shape: [channels],
        type: 'FLOAT32',
        data: Float32Array.from(data),
      });
    const multipliers = real('multipliers', factors);
    const biases = real('biases', offsets);
    // +1 where flip * (depth - 2 * differing) >= -offset / |factor|.
    const counts = factors.map((factor, c) =>
      Math.floor((depth + offsets[c]! / Math.max(Math.abs(factor), 1e-12)) / 2),
    );
    const thresholds = this.#tensor({
      name: `${name}/thresholds`,
      shape: [channels],
      type: 'INT32',
      data: Int32Array.from(counts, (count) => Math.min(depth, Math.max(-1, count))),
    });
    const output = signs
      ? this.#words(name, [1, layer.size, layer.size], channels)
      : this.activation(name, [1, layer.size, layer.size, channels], RELU);
    this.#operator("CUSTOM 'LceBconv2d'", [x, filter, multipliers, biases, thresholds], output, {
      channels_in: input[1],
      dilation_height_factor: 1,
      dilation_width_factor: 1,
      // ReLU is the least code of the output.
      fused_activation_function: 'NONE',
      pad_values: 0,
      padding: layer.options.padding,
      stride_height: stride,
      stride_width: stride,
    });
    return output;
  }

  /** FULLY_CONNECTED to logits. */
  classifier(x: number, { channels, classes, quantized, bias }: Classifier, largest: number): number {
    const row = this.activation('row', [1, channels], RELU);
    this.#operator('RESHAPE', [x], row, { new_shape: [1, channels] });
    const scales = Array.from(quantized.scales, Math.fround);
    const filter = this.#tensor({
      name: 'classifier/filter',
      shape: [classes, channels],
      type: 'INT8',
      quantization: { scales, zeroPoints: scales.map(() => 0), axis: 0 },
      data: quantized.values,
    });
    const biasScales = scales.map((scale) => Math.fround(scale * Math.fround(RELU.scale)));
    const constant = this.#tensor({
      name: 'classifier/bias',
      shape: [classes],
      type: 'INT32',
      quantization: { scales: biasScales, zeroPoints: biasScales.map(() => 0), axis: 0 },
      data: Int32Array.from(bias.values, (value, o) => Math.round(value / biasScales[o]!)),
    });
    const logits = this.activation('logits', [1, classes], { scale: largest / 127, zeroPoint: 0 });
    this.#operator('FULLY_CONNECTED', [row, filter, constant], logits);
    return logits;
  }

  #words(name: string, image: readonly number[], channels: number): number {
    return this.#tensor({ name, shape: [...image, Math.ceil(channels / BIT)], type: 'INT32' });
  }

  #tensor(tensor: TfliteTensor): number {
    return this.tensors.push(tensor) - 1;
  }

  #operator(
    operator: string,
    inputs: readonly number[],
    output: number,
    options: Readonly<Record<string, OptionValue>> = {},
  ): void {
    this.operators.push({ operator, inputs, outputs: [output], options });
  }
}

/** Batch normalization as `factor * sum + offset`. */
function normalization({ gamma, beta, means, variances }: Convolution) {
  const factors = Array.from(gamma.values, (value, c) => value / Math.sqrt(variances[c]! + EPSILON));
  const offsets = Array.from(beta.values, (value, c) => value - means[c]! * factors[c]!);
  return { factors, offsets };
}

/** Rows of `channels` signs as words in which a set bit is -1. */
function bitpacked(signs: Int8Array, channels: number): Int32Array {
  const words = Math.ceil(channels / BIT);
  const packed = new Int32Array((signs.length / channels) * words);
  signs.forEach((sign, i) => {
    const channel = i % channels;
    if (sign < 0) packed[Math.floor(i / channels) * words + (channel >> 5)]! |= 1 << (channel & 31);
  });
  return packed;
}
