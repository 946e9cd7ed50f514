import type { AttributeSketch } from './onnx.js';
import { QdqSketch } from './onnx-networks.js';
import { Random } from './random/random.js';

/** What a network as ONNX Runtime's `quantize_dynamic` writes it may have. */
export interface DynamicNetwork {
  readonly seed: number;
  /** An image [1, C, H, W] with convolutions before the products; else rows [N, K]. */
  readonly image: boolean;
  readonly weights: 'int8' | 'uint8';
  readonly perChannel: boolean;
}

const ZERO: Readonly<Record<DynamicNetwork['weights'], readonly number[]>> = {
  int8: [0, 5],
  uint8: [128, 110],
};

/** Writes layers one after another. */
class DynamicSketch extends QdqSketch {
  readonly options: DynamicNetwork;
  readonly random: Random;

  constructor(options: DynamicNetwork) {
    super(options.seed);
    this.options = options;
    this.random = new Random(options.seed);
  }

  /** DynamicQuantizeLinear, the product, Cast, Mul by both scales. `channels`: the dimension of the output that these are. */
  layer(
    op: 'MatMulInteger' | 'ConvInteger',
    x: string,
    shape: readonly number[],
    count: number,
    attributes = {},
  ) {
    const { weights, perChannel } = this.options;
    const [codes, scale, zero] = [this.name(), this.name(), this.name()];
    this.nodes.push({ op: 'DynamicQuantizeLinear', inputs: [x], outputs: [codes, scale, zero] });
    const point = this.random.pick(ZERO[weights]);
    const alike = !perChannel || op === 'ConvInteger';
    const points = this.constant(weights, alike ? [] : [count], Array(alike ? 1 : count).fill(point));
    const sums = this.node(op, [codes, this.constant(weights, shape), zero, points], attributes);
    const scales = perChannel
      ? Array.from({ length: count }, () => Math.fround(0.001 + this.random.real() / 50))
      : [Math.fround(0.001 + this.random.real() / 50)];
    const sizes = op === 'ConvInteger' && perChannel ? [1, count, 1, 1] : perChannel ? [count] : [];
    const both = this.node('Mul', [scale, this.constant('float', sizes, scales)]);
    return this.node('Mul', [this.node('Cast', [sums], { to: 1 }), both]);
  }

  reals(shape: readonly number[]): string {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = Array.from({ length: count }, () => Math.fround(this.random.real() * 2 - 1));
    return this.constant('float', shape, data);
  }

  perhaps(op: string, x: string, attributes: Readonly<Record<string, AttributeSketch>> = {}): string {
    return this.random.integer(0, 1) === 0 ? x : this.node(op, [x], attributes);
  }
}

/** The model: a convolution and a depthwise one if it has an image, two products; biases and Relu behind them by chance. */
export function dynamicNetwork(options: DynamicNetwork): Uint8Array {
  const net = new DynamicSketch(options);
  const { random } = net;
  const biased = (x: string, shape: readonly number[]) =>
    random.integer(0, 2) === 0 ? x : net.node('Add', [x, net.reals(shape)]);
  let x = 'x';
  let [rows, depth] = [random.integer(1, 3), random.integer(1, 40)];
  let input: readonly number[] = [rows, depth];
  if (options.image) {
    let [channels, height, width] = [random.integer(1, 4), random.integer(5, 9), random.integer(5, 9)];
    input = [1, channels, height, width];
    for (const depthwise of [false, true]) {
      const outputs = depthwise ? channels : random.integer(2, 6);
      const [top, left, bottom, right] = [0, 1, 2, 3].map(() => random.integer(0, 1));
      const attributes = { pads: [top!, left!, bottom!, right!], group: depthwise ? outputs : 1 };
      const filters = [outputs, depthwise ? 1 : channels, 3, 3];
      const sums = net.layer('ConvInteger', x, filters, outputs, attributes);
      x = net.perhaps('Relu', biased(sums, [1, outputs, 1, 1]));
      [channels, height, width] = [outputs, height + top! + bottom! - 2, width + left! + right! - 2];
    }
    x = net.node('Flatten', [x]);
    [rows, depth] = [1, channels * height * width];
  }
  for (const last of [false, true]) {
    const outputs = random.integer(1, 12);
    x = biased(net.layer('MatMulInteger', x, [depth, outputs], outputs), [outputs]);
    if (!last) x = net.perhaps('Relu', x);
    depth = outputs;
  }
  return net.write({ x: { type: 'float', shape: input } }, { [x]: { type: 'float', shape: [rows, depth] } });
}
