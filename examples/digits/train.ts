/**
 * Trains the digits classifier on MNIST, quantizes it to int8 and writes `digits.tflite` with its test images.
 * Run: `npx tsx examples/digits/train.ts` (about 15 minutes on one core).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { measureAccuracy } from './accuracy.js';
import { type DigitSet, loadDigits, PIXELS, randomSource, SIDE } from './mnist.js';
import { buildNetwork, forward, type Layer } from './network.js';
import { quantize } from './quantize.js';

const EPOCHS = 8;
const BATCH = 32;
const TEST_IMAGES = 10;

/** Pixels as reals in [0, 1], shifted by (dx, dy): the only augmentation. */
function image(set: DigitSet, index: number, dx = 0, dy = 0): Float32Array {
  const out = new Float32Array(PIXELS);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const sy = y - dy;
      const sx = x - dx;
      if (sy >= 0 && sy < SIDE && sx >= 0 && sx < SIDE)
        out[y * SIDE + x] = set.pixels[index * PIXELS + sy * SIDE + sx]! / 255;
    }
  return out;
}

/** Gradient of softmax cross-entropy by the logits. */
function lossGradient(logits: Float32Array, label: number): Float32Array {
  const max = Math.max(...logits);
  const exps = logits.map((v) => Math.exp(v - max));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e, i) => e / sum - (i === label ? 1 : 0));
}

/** Adam with a cosine schedule. */
class Adam {
  private step = 0;
  private readonly moments = new Map<Float32Array, { m: Float32Array; v: Float32Array }>();

  constructor(private readonly totalSteps: number) {}

  update(layers: readonly Layer[]): void {
    this.step++;
    const rate = 0.003 * 0.5 * (1 + Math.cos((Math.PI * this.step) / this.totalSteps));
    for (const layer of layers) {
      this.apply(layer.weights, layer.weightGradient, rate);
      this.apply(layer.bias, layer.biasGradient, rate);
    }
  }

  private apply(values: Float32Array, gradient: Float32Array, rate: number): void {
    const { m, v } = this.moments.get(values) ?? {
      m: new Float32Array(values.length),
      v: new Float32Array(values.length),
    };
    this.moments.set(values, { m, v });
    const c1 = 1 - 0.9 ** this.step;
    const c2 = 1 - 0.999 ** this.step;
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i]! / BATCH;
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      values[i]! -= (rate * (m[i]! / c1)) / (Math.sqrt(v[i]! / c2) + 1e-8);
      gradient[i] = 0;
    }
  }
}

function train(layers: readonly Layer[], set: DigitSet, random: () => number): void {
  const steps = Math.floor(set.count / BATCH);
  const adam = new Adam(EPOCHS * steps);
  const shift = () => Math.floor(random() * 5) - 2;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    let correct = 0;
    for (let step = 0; step < steps; step++) {
      for (let b = 0; b < BATCH; b++) {
        const index = Math.floor(random() * set.count);
        const label = set.labels[index]!;
        const logits = forward(layers, image(set, index, shift(), shift())).at(-1)!;
        if (logits.indexOf(Math.max(...logits)) === label) correct++;
        let gradient = lossGradient(logits, label);
        for (const layer of [...layers].reverse()) gradient = layer.backward(gradient);
      }
      adam.update(layers);
    }
    const percent = (100 * correct) / (steps * BATCH);
    console.log(`epoch ${epoch + 1}/${EPOCHS}: ${percent.toFixed(2)} % of the shifted training images right`);
  }
}

/** Test images as PNG files, the first of each digit, for `bitloom verify --input`. */
function writeImages(set: DigitSet, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (let digit = 0; digit < TEST_IMAGES; digit++) {
    const index = set.labels.indexOf(digit);
    const png = new PNG({ width: SIDE, height: SIDE });
    for (let i = 0; i < PIXELS; i++) {
      const grey = set.pixels[index * PIXELS + i]!;
      png.data.set([grey, grey, grey, 255], 4 * i);
    }
    writeFileSync(`${folder}/${digit}.png`, PNG.sync.write(png, { colorType: 0 }));
  }
}

const here = fileURLToPath(new URL('.', import.meta.url));
const trainSet = loadDigits('train');
const testSet = loadDigits('t10k');
const random = randomSource(2026);
const layers = buildNetwork(random);
train(layers, trainSet, random);

const calibration = Array.from({ length: 1000 }, (_, i) => image(trainSet, i));
const bytes = writeTflite(quantize(layers, calibration));
writeFileSync(`${here}digits.tflite`, bytes);
writeImages(testSet, `${here}images`);

let floatCorrect = 0;
for (let i = 0; i < testSet.count; i++) {
  const logits = forward(layers, image(testSet, i)).at(-1)!;
  if (logits.indexOf(Math.max(...logits)) === testSet.labels[i]) floatCorrect++;
}
console.log(`float32: ${((100 * floatCorrect) / testSet.count).toFixed(2)} % of 10,000 test images`);
const int8Correct = measureAccuracy(bytes, testSet);
console.log(`int8:    ${((100 * int8Correct) / testSet.count).toFixed(2)} % of 10,000 test images`);
