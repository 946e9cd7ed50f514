import type { TfliteModel, TfliteOperator, TfliteTensor } from '../../src/export/tflite/model.js';
import { AveragePool, Convolution, forward, type Layer } from './network.js';

/**
 * Post-training int8 quantization as TFLite specifies it: asymmetric activations by their calibrated range,
 * symmetric weights per output channel, int32 biases of scale inputScale * weightScale.
 */
export function quantize(layers: readonly Layer[], calibration: readonly Float32Array[]): TfliteModel {
  const ranges = layers.map(() => ({ min: 0, max: 0 }));
  for (const x of calibration)
    forward(layers, x).forEach((y, i) => {
      for (const v of y) {
        ranges[i]!.min = Math.min(ranges[i]!.min, v);
        ranges[i]!.max = Math.max(ranges[i]!.max, v);
      }
    });

  const tensors: TfliteTensor[] = [];
  const operators: TfliteOperator[] = [];
  const add = (tensor: TfliteTensor): number => tensors.push(tensor) - 1;
  const activation = (name: string, shape: readonly number[], scale: number, zeroPoint: number): number =>
    add({ name, shape, type: 'INT8', quantization: { scales: [scale], zeroPoints: [zeroPoint] } });

  let current = activation('image', [1, 28, 28, 1], 1 / 255, -128);
  const input = current;
  layers.forEach((layer, i) => {
    const name = `layer${i}`;
    if (layer instanceof AveragePool) {
      const q = tensors[current]!.quantization!;
      const pooled = activation(name, [1, ...layer.shape], q.scales[0]!, q.zeroPoints[0]!);
      const options = { padding: 'VALID', stride_h: 2, stride_w: 2, filter_height: 2, filter_width: 2 };
      operators.push({ operator: 'AVERAGE_POOL_2D', inputs: [current], outputs: [pooled], options });
      current = pooled;
      return;
    }
    const inputScale = Math.fround(tensors[current]!.quantization!.scales[0]!);
    const { scales, codes } = quantizeWeights(layer);
    const { shape: filterShape, axis } = filterLayout(layer);
    const filter = add({
      name: `${name}/filter`,
      shape: filterShape,
      type: 'INT8',
      quantization: { scales, zeroPoints: scales.map(() => 0), axis },
      data: codes,
    });
    const biasScales = scales.map((s) => Math.fround(inputScale * s));
    const bias = add({
      name: `${name}/bias`,
      shape: [layer.bias.length],
      type: 'INT32',
      quantization: { scales: biasScales, zeroPoints: scales.map(() => 0), axis: 0 },
      data: Int32Array.from(layer.bias, (b, c) => Math.round(b / biasScales[c]!)),
    });
    const { min, max } = ranges[i]!;
    const scale = Math.fround((max - min) / 255);
    const outputShape = layer instanceof Convolution ? [1, ...layer.shape] : [1, layer.shape[2]];
    const output = activation(name, outputShape, scale, Math.round(-128 - min / scale));
    operators.push({ ...operatorOf(layer), inputs: [current, filter, bias], outputs: [output] });
    current = output;
  });
  const scores = activation('scores', [1, 10], 1 / 256, -128);
  operators.push({ operator: 'SOFTMAX', inputs: [current], outputs: [scores], options: { beta: 1 } });
  return { description: 'MNIST digits, int8', tensors, operators, inputs: [input], outputs: [scores] };
}

function filterLayout(layer: Layer): { shape: number[]; axis: number } {
  if (!(layer instanceof Convolution))
    return { shape: [layer.bias.length, layer.weights.length / layer.bias.length], axis: 0 };
  const { kernel } = layer;
  return layer.depthwise
    ? { shape: [1, kernel, kernel, layer.shape[2]], axis: 3 }
    : { shape: [layer.shape[2], kernel, kernel, layer.input[2]], axis: 0 };
}

function operatorOf(layer: Layer): Pick<TfliteOperator, 'operator' | 'options'> {
  if (!(layer instanceof Convolution)) return { operator: 'FULLY_CONNECTED', options: {} };
  const options = {
    padding: 'SAME',
    stride_h: layer.stride,
    stride_w: layer.stride,
    fused_activation_function: 'RELU',
  };
  return layer.depthwise
    ? { operator: 'DEPTHWISE_CONV_2D', options: { ...options, depth_multiplier: 1 } }
    : { operator: 'CONV_2D', options };
}

/** Symmetric per output channel: channel of weight i is i % C for depthwise (HWC), else i / K (OHWI, NK). */
function quantizeWeights(layer: Layer): { scales: number[]; codes: Int8Array } {
  const channels = layer.bias.length;
  const perChannel = layer.weights.length / channels;
  const depthwise = layer instanceof Convolution && layer.depthwise;
  const channelOf = (i: number) => (depthwise ? i % channels : Math.floor(i / perChannel));
  const largest = new Array<number>(channels).fill(1e-6);
  layer.weights.forEach((w, i) => {
    largest[channelOf(i)] = Math.max(largest[channelOf(i)]!, Math.abs(w));
  });
  const scales = largest.map((m) => Math.fround(m / 127));
  const codes = Int8Array.from(layer.weights, (w, i) => Math.round(w / scales[channelOf(i)]!));
  return { scales, codes };
}
