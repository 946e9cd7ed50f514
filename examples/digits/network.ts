/** A small float network for training: NHWC, one image at a time, gradients summed over a batch. */

export interface Layer {
  /** Output height, width and channels. */
  readonly shape: readonly [number, number, number];
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly weightGradient: Float32Array;
  readonly biasGradient: Float32Array;
  forward(x: Float32Array): Float32Array;
  /** Adds to the gradients; returns the gradient of x. Must follow the forward of the same x. */
  backward(dy: Float32Array): Float32Array;
}

type Shape = readonly [number, number, number];

/** Convolution with SAME padding and ReLU: ordinary (filter OHWI) or depthwise (filter HWC). */
export class Convolution implements Layer {
  readonly shape: Shape;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly weightGradient: Float32Array;
  readonly biasGradient: Float32Array;
  private readonly padTop: number;
  private readonly padLeft: number;
  private x: Float32Array = new Float32Array(0);
  private readonly y: Float32Array;

  constructor(
    readonly input: Shape,
    readonly kernel: number,
    readonly stride: number,
    channels: number,
    readonly depthwise: boolean,
    random: () => number,
  ) {
    const [h, w, c] = input;
    const oh = Math.ceil(h / stride);
    const ow = Math.ceil(w / stride);
    this.shape = [oh, ow, channels];
    this.padTop = Math.max(0, (oh - 1) * stride + kernel - h) >> 1;
    this.padLeft = Math.max(0, (ow - 1) * stride + kernel - w) >> 1;
    const fanIn = kernel * kernel * (depthwise ? 1 : c);
    this.weights = Float32Array.from(
      { length: fanIn * channels },
      () => gaussian(random) * Math.sqrt(2 / fanIn),
    );
    this.bias = new Float32Array(channels);
    this.weightGradient = new Float32Array(this.weights.length);
    this.biasGradient = new Float32Array(channels);
    this.y = new Float32Array(oh * ow * channels);
  }

  forward(x: Float32Array): Float32Array {
    this.x = x;
    const channels = this.shape[2];
    this.eachPixel((out) => this.y.set(this.bias, out * channels));
    this.eachTap((out, inp, tap) => {
      const { weights, y } = this;
      const c = this.input[2];
      if (this.depthwise) {
        for (let i = 0; i < c; i++) y[out * c + i]! += x[inp * c + i]! * weights[tap * c + i]!;
        return;
      }
      const taps = this.kernel * this.kernel;
      for (let o = 0; o < channels; o++) {
        const w = (o * taps + tap) * c;
        let sum = 0;
        for (let i = 0; i < c; i++) sum += x[inp * c + i]! * weights[w + i]!;
        y[out * channels + o]! += sum;
      }
    });
    for (let i = 0; i < this.y.length; i++) if (this.y[i]! < 0) this.y[i] = 0;
    return this.y;
  }

  backward(dy: Float32Array): Float32Array {
    const dx = new Float32Array(this.x.length);
    const channels = this.shape[2];
    for (let i = 0; i < dy.length; i++) {
      if (this.y[i]! <= 0) dy[i] = 0;
      else this.biasGradient[i % channels]! += dy[i]!;
    }
    this.eachTap((out, inp, tap) => {
      const { weights, weightGradient, x } = this;
      const c = this.input[2];
      if (this.depthwise) {
        for (let i = 0; i < c; i++) {
          const g = dy[out * c + i]!;
          weightGradient[tap * c + i]! += g * x[inp * c + i]!;
          dx[inp * c + i]! += g * weights[tap * c + i]!;
        }
        return;
      }
      const taps = this.kernel * this.kernel;
      for (let o = 0; o < channels; o++) {
        const g = dy[out * channels + o]!;
        if (g === 0) continue;
        const w = (o * taps + tap) * c;
        for (let i = 0; i < c; i++) {
          weightGradient[w + i]! += g * x[inp * c + i]!;
          dx[inp * c + i]! += g * weights[w + i]!;
        }
      }
    });
    return dx;
  }

  private eachPixel(visit: (out: number) => void): void {
    for (let out = 0; out < this.shape[0] * this.shape[1]; out++) visit(out);
  }

  /** Visits (output pixel, input pixel, filter tap) for every tap inside the image. */
  private eachTap(visit: (out: number, inp: number, tap: number) => void): void {
    const [h, w] = this.input;
    const [oh, ow] = this.shape;
    for (let y = 0; y < oh; y++)
      for (let x = 0; x < ow; x++)
        for (let ky = 0; ky < this.kernel; ky++) {
          const iy = y * this.stride - this.padTop + ky;
          if (iy < 0 || iy >= h) continue;
          for (let kx = 0; kx < this.kernel; kx++) {
            const ix = x * this.stride - this.padLeft + kx;
            if (ix >= 0 && ix < w) visit(y * ow + x, iy * w + ix, ky * this.kernel + kx);
          }
        }
  }
}

/** 2x2 average pool, stride 2, VALID. */
export class AveragePool implements Layer {
  readonly shape: Shape;
  readonly weights = new Float32Array(0);
  readonly bias = new Float32Array(0);
  readonly weightGradient = new Float32Array(0);
  readonly biasGradient = new Float32Array(0);

  constructor(readonly input: Shape) {
    this.shape = [input[0] >> 1, input[1] >> 1, input[2]];
  }

  forward(x: Float32Array): Float32Array {
    const y = new Float32Array(this.shape[0] * this.shape[1] * this.shape[2]);
    this.each((out, inp) => {
      y[out]! += x[inp]! / 4;
    });
    return y;
  }

  backward(dy: Float32Array): Float32Array {
    const dx = new Float32Array(this.input[0] * this.input[1] * this.input[2]);
    this.each((out, inp) => {
      dx[inp] = dy[out]! / 4;
    });
    return dx;
  }

  private each(visit: (out: number, inp: number) => void): void {
    const [oh, ow, c] = this.shape;
    for (let y = 0; y < 2 * oh; y++)
      for (let x = 0; x < 2 * ow; x++)
        for (let i = 0; i < c; i++)
          visit(((y >> 1) * ow + (x >> 1)) * c + i, (y * this.input[1] + x) * c + i);
  }
}

/** Fully connected: weights [N, K]. */
export class Dense implements Layer {
  readonly shape: Shape;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly weightGradient: Float32Array;
  readonly biasGradient: Float32Array;
  private x: Float32Array = new Float32Array(0);

  constructor(
    readonly inputs: number,
    outputs: number,
    random: () => number,
  ) {
    this.shape = [1, 1, outputs];
    this.weights = Float32Array.from(
      { length: inputs * outputs },
      () => gaussian(random) / Math.sqrt(inputs),
    );
    this.bias = new Float32Array(outputs);
    this.weightGradient = new Float32Array(this.weights.length);
    this.biasGradient = new Float32Array(outputs);
  }

  forward(x: Float32Array): Float32Array {
    this.x = x;
    return this.bias.map((b, n) => {
      let sum = b;
      for (let k = 0; k < this.inputs; k++) sum += x[k]! * this.weights[n * this.inputs + k]!;
      return sum;
    });
  }

  backward(dy: Float32Array): Float32Array {
    const dx = new Float32Array(this.inputs);
    dy.forEach((g, n) => {
      this.biasGradient[n]! += g;
      for (let k = 0; k < this.inputs; k++) {
        this.weightGradient[n * this.inputs + k]! += g * this.x[k]!;
        dx[k]! += g * this.weights[n * this.inputs + k]!;
      }
    });
    return dx;
  }
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The digits classifier: a strided convolution, two depthwise-separable blocks, a pool and a dense layer. */
export function buildNetwork(random: () => number): Layer[] {
  const layers: Layer[] = [];
  const add = (layer: Layer): Shape => {
    layers.push(layer);
    return layer.shape;
  };
  let shape: Shape = [28, 28, 1];
  shape = add(new Convolution(shape, 3, 2, 12, false, random));
  shape = add(new Convolution(shape, 3, 1, 12, true, random));
  shape = add(new Convolution(shape, 1, 1, 24, false, random));
  shape = add(new Convolution(shape, 3, 2, 24, true, random));
  shape = add(new Convolution(shape, 1, 1, 32, false, random));
  shape = add(new AveragePool(shape));
  add(new Dense(shape[0] * shape[1] * shape[2], 10, random));
  return layers;
}

/** Outputs of every layer for one image. */
export function forward(layers: readonly Layer[], x: Float32Array): Float32Array[] {
  const outputs: Float32Array[] = [];
  let value = x;
  for (const layer of layers) {
    value = layer.forward(value);
    outputs.push(value);
  }
  return outputs;
}
