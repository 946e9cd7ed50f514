/** A convolutional network that trains on batches, in one of the formats. */
import { type Format, type Quantized, quantizeWeights } from './formats.js';
import type { Products } from './product.js';

/** Activations of 8 bits are in [0, CLIP] in steps of CLIP / 255. */
export const CLIP = 4;

/** Weight of a batch in the moving statistics of batch normalization. */
const MOMENTUM = 0.1;

export const EPSILON = 1e-5;

export interface Parameter {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
}

export interface ConvolutionOptions {
  readonly name: string;
  readonly batch: number;
  /** Height = width, channels. */
  readonly input: readonly [size: number, channels: number];
  /** A window as large as the input makes a dense layer. */
  readonly kernel: number;
  readonly stride: number;
  readonly padding: 'SAME' | 'VALID';
  readonly channels: number;
  readonly format: Format;
  /** What the output becomes: 8 bits behind ReLU, or signs. */
  readonly activation: 'relu' | 'sign';
  /** Whether the gradient of the input is wanted. */
  readonly inner: boolean;
}

/** Convolution, batch normalization and a quantized activation. */
export class Convolution {
  readonly size: number;
  readonly weights: Parameter;
  /** Of batch normalization. */
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly means: Float32Array;
  readonly variances: Float32Array;
  readonly output: Float32Array;
  readonly inputGradient: Float32Array;

  readonly #pixels: number;
  readonly #depth: number;
  readonly #columns: Float32Array;
  readonly #columnGradient: Float32Array;
  readonly #effective: Float32Array;
  readonly #effectiveByInput: Float32Array;
  readonly #effectiveGradient: Float32Array;
  readonly #sums: Float32Array;
  /** Of the batch. */
  readonly #batchMeans: Float32Array;
  readonly #deviations: Float32Array;
  #quantized: Quantized;

  constructor(
    readonly options: ConvolutionOptions,
    readonly products: Products,
    random: () => number,
  ) {
    const { batch, input, kernel, stride, padding, channels, inner } = options;
    const [size, depth] = input;
    const make = (count: number) => products.allocate(count);
    const parameter = (count: number, value: number): Parameter => ({
      values: make(count).fill(value),
      gradient: make(count),
    });
    this.size = Math.ceil((padding === 'SAME' ? size : size - kernel + 1) / stride);
    this.#pixels = batch * this.size * this.size;
    this.#depth = kernel * kernel * depth;
    this.weights = parameter(channels * this.#depth, 0);
    const spread = Math.sqrt(2 / this.#depth);
    for (const i of this.weights.values.keys()) this.weights.values[i] = spread * gaussian(random);
    this.gamma = parameter(channels, 1);
    this.beta = parameter(channels, 0);
    this.means = make(channels);
    this.variances = make(channels).fill(1);
    this.output = make(this.#pixels * channels);
    this.inputGradient = make(inner ? batch * size * size * depth : 0);
    this.#columns = make(this.#pixels * this.#depth);
    this.#columnGradient = make(inner ? this.#pixels * this.#depth : 0);
    this.#effective = make(channels * this.#depth);
    this.#effectiveByInput = make(channels * this.#depth);
    this.#effectiveGradient = make(channels * this.#depth);
    this.#sums = make(this.#pixels * channels);
    this.#batchMeans = make(channels);
    this.#deviations = make(channels);
    this.#quantized = quantizeWeights(options.format, this.weights.values, channels);
  }

  /** What is trained. */
  get parameters(): readonly Parameter[] {
    return [this.weights, this.gamma, this.beta];
  }

  /** Weights as they enter the product. */
  get quantized(): Quantized {
    return this.#quantized;
  }

  /** @param training whether batch normalization uses the batch's statistics, and remembers them */
  forward(x: Float32Array, training: boolean): Float32Array {
    const { channels } = this.options;
    this.#gather(x);
    this.#quantized = quantizeWeights(this.options.format, this.weights.values, channels);
    this.#decode();
    this.#sums.fill(0);
    this.products.product(this.#sums, this.#columns, this.#effectiveByInput, [
      this.#pixels,
      channels,
      this.#depth,
    ]);
    if (training) this.#measure();
    this.#activate(training);
    return this.output;
  }

  /** Adds to the gradients; `dy` is overwritten. Returns the gradient of the input. */
  backward(dy: Float32Array): Float32Array {
    const { channels, inner } = this.options;
    this.#backThroughActivation(dy);
    this.#effectiveGradient.fill(0);
    this.products.product(
      this.#effectiveGradient,
      dy,
      this.#columns,
      [channels, this.#depth, this.#pixels],
      true,
    );
    this.#backThroughWeights();
    if (inner) {
      this.#columnGradient.fill(0);
      this.products.product(this.#columnGradient, dy, this.#effective, [this.#pixels, this.#depth, channels]);
      this.#scatter();
    }
    return this.inputGradient;
  }

  /** Visits (element of the columns, element of the input) for each row of channels of a tap inside of the image. */
  #eachTap(visit: (column: number, input: number) => void): void {
    const { batch, input, kernel, stride } = this.options;
    const [size, depth] = input;
    const before = Math.max(0, (this.size - 1) * stride + kernel - size) >> 1;
    let column = 0;
    for (let n = 0; n < batch; n++)
      for (let oy = 0; oy < this.size; oy++)
        for (let ox = 0; ox < this.size; ox++)
          for (let ky = 0; ky < kernel; ky++)
            for (let kx = 0; kx < kernel; kx++, column += depth) {
              const y = oy * stride - before + ky;
              const x = ox * stride - before + kx;
              if (y >= 0 && y < size && x >= 0 && x < size)
                visit(column, ((n * size + y) * size + x) * depth);
            }
  }

  #gather(x: Float32Array): void {
    const [, depth] = this.options.input;
    this.#eachTap((column, input) => {
      for (let c = 0; c < depth; c++) this.#columns[column + c] = x[input + c]!;
    });
  }

  #scatter(): void {
    const [, depth] = this.options.input;
    this.inputGradient.fill(0);
    this.#eachTap((column, input) => {
      for (let c = 0; c < depth; c++) this.inputGradient[input + c]! += this.#columnGradient[column + c]!;
    });
  }

  /** The real weights, in both orders. */
  #decode(): void {
    const { channels } = this.options;
    const { values, scales } = this.#quantized;
    for (let o = 0; o < channels; o++) {
      for (let k = 0; k < this.#depth; k++) {
        const weight = values[o * this.#depth + k]! * scales[o]!;
        this.#effective[o * this.#depth + k] = weight;
        this.#effectiveByInput[k * channels + o] = weight;
      }
    }
  }

  /** Straight through: the latent weight gets the gradient of the real one, but where its sign is far from changing. */
  #backThroughWeights(): void {
    const { format } = this.options;
    const signs = format === 'one-bit' || format === 'xnor';
    const { values, gradient } = this.weights;
    this.#effectiveGradient.forEach((step, i) => {
      if (!signs || Math.abs(values[i]!) <= 1) gradient[i]! += step;
    });
  }

  /** Statistics of the batch. */
  #measure(): void {
    const { channels } = this.options;
    const sums = this.#sums;
    const sum = new Float64Array(channels);
    const squares = new Float64Array(channels);
    for (let i = 0; i < sums.length; )
      for (let c = 0; c < channels; c++, i++) {
        const value = sums[i]!;
        sum[c]! += value;
        squares[c]! += value * value;
      }
    for (let c = 0; c < channels; c++) {
      const mean = sum[c]! / this.#pixels;
      const variance = Math.max(0, squares[c]! / this.#pixels - mean * mean);
      this.#batchMeans[c] = mean;
      this.#deviations[c] = Math.sqrt(variance + EPSILON);
      this.means[c]! += MOMENTUM * (mean - this.means[c]!);
      this.variances[c]! += MOMENTUM * (variance - this.variances[c]!);
    }
  }

  /** Leaves the normalized sums in place of the sums. */
  #activate(training: boolean): void {
    const { channels, activation } = this.options;
    const means = training ? this.#batchMeans : this.means;
    const inverse = training
      ? this.#deviations.map((deviation) => 1 / deviation)
      : this.variances.map((variance) => 1 / Math.sqrt(variance + EPSILON));
    const [gamma, beta, sums, output] = [this.gamma.values, this.beta.values, this.#sums, this.output];
    const [steps, step] = [255 / CLIP, CLIP / 255];
    for (let i = 0; i < sums.length; )
      for (let c = 0; c < channels; c++, i++) {
        const normal = (sums[i]! - means[c]!) * inverse[c]!;
        sums[i] = normal;
        const y = gamma[c]! * normal + beta[c]!;
        if (activation === 'sign') output[i] = y < 0 ? -1 : 1;
        else output[i] = y <= 0 ? 0 : y >= CLIP ? CLIP : Math.floor(y * steps + 0.5) * step;
      }
  }

  /** From the gradient of the output to that of the sums, in place. */
  #backThroughActivation(dy: Float32Array): void {
    const { channels, activation } = this.options;
    const [least, most] = activation === 'sign' ? [-1, 1] : [0, CLIP];
    const [gamma, beta, normal] = [this.gamma.values, this.beta.values, this.#sums];
    const byBeta = new Float64Array(channels);
    const byGamma = new Float64Array(channels);
    for (let i = 0; i < dy.length; )
      for (let c = 0; c < channels; c++, i++) {
        const y = gamma[c]! * normal[i]! + beta[c]!;
        if (y < least || y > most) dy[i] = 0;
        byBeta[c]! += dy[i]!;
        byGamma[c]! += dy[i]! * normal[i]!;
      }
    const factors = new Float64Array(channels);
    for (let c = 0; c < channels; c++) {
      this.beta.gradient[c]! += byBeta[c]!;
      this.gamma.gradient[c]! += byGamma[c]!;
      factors[c] = gamma[c]! / this.#deviations[c]!;
      byBeta[c]! /= this.#pixels;
      byGamma[c]! /= this.#pixels;
    }
    for (let i = 0; i < dy.length; )
      for (let c = 0; c < channels; c++, i++) {
        dy[i] = factors[c]! * (dy[i]! - byBeta[c]! - normal[i]! * byGamma[c]!);
      }
  }
}

/** A dense layer of int8 weights, without activation. */
export class Classifier {
  readonly weights: Parameter;
  readonly bias: Parameter;
  readonly logits: Float32Array;
  readonly #inputGradient: Float32Array;
  #x: Float32Array = new Float32Array();
  #quantized: Quantized;

  constructor(
    readonly batch: number,
    readonly channels: number,
    readonly classes: number,
    products: Products,
    random: () => number,
  ) {
    const make = (count: number) => ({
      values: products.allocate(count),
      gradient: products.allocate(count),
    });
    this.weights = make(classes * channels);
    const spread = 1 / Math.sqrt(channels);
    for (const i of this.weights.values.keys()) this.weights.values[i] = spread * gaussian(random);
    this.bias = make(classes);
    this.logits = products.allocate(batch * classes);
    this.#inputGradient = products.allocate(batch * channels);
    this.#quantized = quantizeWeights('int8', this.weights.values, classes);
  }

  get parameters(): readonly Parameter[] {
    return [this.weights, this.bias];
  }

  get quantized(): Quantized {
    return this.#quantized;
  }

  forward(x: Float32Array): Float32Array {
    const { batch, channels, classes } = this;
    this.#x = x;
    this.#quantized = quantizeWeights('int8', this.weights.values, classes);
    const { values, scales } = this.#quantized;
    for (let n = 0; n < batch; n++)
      for (let o = 0; o < classes; o++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += x[n * channels + c]! * values[o * channels + c]!;
        this.logits[n * classes + o] = sum * scales[o]! + this.bias.values[o]!;
      }
    return this.logits;
  }

  /** @param dy gradient of the logits */
  backward(dy: Float32Array): Float32Array {
    const { batch, channels, classes } = this;
    const { values, scales } = this.#quantized;
    this.#inputGradient.fill(0);
    for (let n = 0; n < batch; n++)
      for (let o = 0; o < classes; o++) {
        const g = dy[n * classes + o]!;
        this.bias.gradient[o]! += g;
        for (let c = 0; c < channels; c++) {
          this.weights.gradient[o * channels + c]! += g * this.#x[n * channels + c]!;
          this.#inputGradient[n * channels + c]! += g * values[o * channels + c]! * scales[o]!;
        }
      }
    return this.#inputGradient;
  }
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
