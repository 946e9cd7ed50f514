/**
 * Trains one network in one format, quantization-aware, and writes its model.
 * Run: `npx tsx examples/low-bit/train.ts digits ternary`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { type DigitSet, PIXELS, randomSource } from '../digits/mnist.js';
import { DATA_SETS, type DataSet, loadSet } from './data.js';
import { exportNetwork } from './export.js';
import { FORMATS, type Format } from './formats.js';
import { Classifier, Convolution, type ConvolutionOptions, type Parameter } from './network.js';
import { loadProducts, type Products } from './product.js';

const BATCH = 100;
const EPOCHS: Readonly<Record<DataSet, number>> = { digits: 2, fashion: 3 };
const RATE = 0.002;

export interface Network {
  readonly layers: readonly Convolution[];
  readonly classifier: Classifier;
}

/** Two convolutions and two dense layers. The first and the last have int8 weights: there is little in them to save. */
function buildNetwork(format: Format, products: Products, random: () => number): Network {
  const activation = format === 'xnor' ? 'sign' : 'relu';
  const image = { batch: BATCH, kernel: 3, stride: 2, padding: 'SAME', activation } as const;
  const layers: ConvolutionOptions[] = [
    { ...image, name: 'stem', input: [28, 1], channels: 16, format: 'int8', inner: false },
    { ...image, name: 'middle', input: [14, 16], channels: 32, format, inner: true },
    // A window as large as its input: a dense layer.
    {
      ...image,
      name: 'dense',
      input: [7, 32],
      kernel: 7,
      stride: 1,
      padding: 'VALID',
      channels: 128,
      format,
      activation: 'relu',
      inner: true,
    },
  ];
  return {
    layers: layers.map((options) => new Convolution(options, products, random)),
    classifier: new Classifier(BATCH, 128, 10, products, random),
  };
}

function forward({ layers, classifier }: Network, x: Float32Array, training: boolean): Float32Array {
  return classifier.forward(layers.reduce((value, layer) => layer.forward(value, training), x));
}

/** Gradient of the softmax cross-entropy of a batch, in place of the logits; returns how many are right. */
function lossGradient(logits: Float32Array, labels: readonly number[]): number {
  const classes = logits.length / labels.length;
  let right = 0;
  for (const [n, label] of labels.entries()) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const most = Math.max(...row);
    if (row[label] === most) right++;
    const exps = row.map((logit) => Math.exp(logit - most));
    const sum = exps.reduce((a, b) => a + b, 0);
    for (let o = 0; o < classes; o++) row[o] = (exps[o]! / sum - (o === label ? 1 : 0)) / labels.length;
  }
  return right;
}

/** Adam. */
class Optimizer {
  #step = 0;
  readonly #moments: readonly { readonly m: Float32Array; readonly v: Float32Array }[];

  constructor(readonly parameters: readonly Parameter[]) {
    this.#moments = parameters.map(({ values }) => ({
      m: new Float32Array(values.length),
      v: new Float32Array(values.length),
    }));
  }

  update(rate: number): void {
    this.#step++;
    const [c1, c2] = [1 - 0.9 ** this.#step, 1 - 0.999 ** this.#step];
    this.parameters.forEach(({ values, gradient }, p) => {
      const { m, v } = this.#moments[p]!;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]!;
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        values[i]! -= (rate * (m[i]! / c1)) / (Math.sqrt(v[i]! / c2) + 1e-8);
      }
      gradient.fill(0);
    });
  }
}

/** Pixels in [0, 1] of the images that `indices` name, moved by at most a pixel. */
function fill(
  x: Float32Array,
  set: DigitSet,
  indices: readonly number[],
  random: (() => number) | null,
): void {
  for (const [n, index] of indices.entries()) {
    const shift = () => (random ? Math.floor(random() * 3) - 1 : 0);
    const [dy, dx] = [shift(), shift()];
    for (let y = 0; y < 28; y++)
      for (let column = 0; column < 28; column++) {
        const [sy, sx] = [y - dy, column - dx];
        const inside = sy >= 0 && sy < 28 && sx >= 0 && sx < 28;
        x[n * PIXELS + y * 28 + column] = inside ? set.pixels[index * PIXELS + sy * 28 + sx]! / 255 : 0;
      }
  }
}

function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function train(network: Network, x: Float32Array, set: DigitSet, epochs: number, random: () => number): void {
  const { layers, classifier } = network;
  const optimizer = new Optimizer([...layers.flatMap((l) => l.parameters), ...classifier.parameters]);
  const batches = Math.floor(set.count / BATCH);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(set.count, random);
    let right = 0;
    for (let batch = 0; batch < batches; batch++) {
      const indices = order.slice(batch * BATCH, (batch + 1) * BATCH);
      fill(x, set, indices, random);
      const logits = forward(network, x, true);
      right += lossGradient(
        logits,
        indices.map((index) => set.labels[index]!),
      );
      let gradient = classifier.backward(logits);
      for (const layer of layers.toReversed()) gradient = layer.backward(gradient);
      const progress = (epoch * batches + batch) / (epochs * batches);
      optimizer.update(RATE * 0.5 * (1 + Math.cos(Math.PI * progress)));
    }
    console.log(
      `epoch ${epoch + 1} of ${epochs}: ${((100 * right) / (batches * BATCH)).toFixed(2)} % of the training images`,
    );
  }
}

/** Right answers of the network in float arithmetic, with the greatest magnitude of a logit. */
function test(
  network: Network,
  x: Float32Array,
  set: DigitSet,
): { readonly right: number; readonly largest: number } {
  let right = 0;
  let largest = 0;
  for (let first = 0; first < set.count; first += BATCH) {
    const indices = Array.from({ length: BATCH }, (_, n) => first + n);
    fill(x, set, indices, null);
    const logits = forward(network, x, false);
    largest = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), largest);
    right += lossGradient(
      logits,
      indices.map((index) => set.labels[index]!),
    );
  }
  return { right, largest };
}

const [name = '', format = ''] = process.argv.slice(2);
if (!DATA_SETS.includes(name as DataSet) || !FORMATS.includes(format as Format)) {
  console.error(`usage: train.ts <${DATA_SETS.join('|')}> <${FORMATS.join('|')}>`);
  process.exit(2);
}
const products = await loadProducts();
const random = randomSource(2026);
const network = buildNetwork(format as Format, products, random);
const x = products.allocate(BATCH * PIXELS);
train(network, x, loadSet(name as DataSet, 'train'), EPOCHS[name as DataSet], random);
const testSet = loadSet(name as DataSet, 't10k');
const { right, largest } = test(network, x, testSet);
console.log(`${name} ${format}: ${right} of ${testSet.count} test images right in float arithmetic`);
const folder = new URL('./models/', import.meta.url);
mkdirSync(folder, { recursive: true });
const file = new URL(`${name}-${format}.tflite`, folder);
writeFileSync(file, writeTflite(exportNetwork(network, largest, `${name}, ${format}`)));
console.log(`wrote models/${name}-${format}.tflite`);
