/**
 * A network as ONNX, in the form that ONNX Runtime has its fastest int8 kernels for: unsigned activations (codes and zero
 * points 128 higher than TFLite's), signed weights, channels before rows. Shapes, weights and scales are the same.
 */
import { type Graph, inputOf, outputOf, requireInput, tensorAt } from '../../src/graph/graph.js';
import type { Clamp, Node, Padding, Pool, Size2 } from '../../src/graph/ops.js';
import { scaleOf, type Tensor, toBytes, zeroPointOf } from '../../src/graph/tensor.js';
import { message } from './protobuf.js';

const DATA_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
const OPSET = 17;
const MICROSOFT = 'com.microsoft';

type Attribute = number | readonly number[];

/** @throws Error for operators that none of the compared models has */
export function onnxModel(graph: Graph): Uint8Array {
  return new Writer(graph).model();
}

/** Bytes of an activation in the other engine's order and coding. */
export function toOnnx(tensor: Tensor, bytes: Uint8Array): Uint8Array {
  const [batch = 1, height = 1, width = 1, channels = 1] = tensor.shape;
  const codes = tensor.format.type === 'int8' ? bytes.map((byte) => byte ^ 0x80) : bytes;
  return tensor.shape.length === 4 ? transposed(codes, [batch, height * width, channels]) : codes;
}

/** `[n, a, b]` to `[n, b, a]`. */
function transposed(data: Uint8Array, [n, a, b]: readonly [number, number, number]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(data.length);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++) out[(k * b + j) * a + i] = data[(k * a + i) * b + j]!;
    }
  }
  return out;
}

class Writer {
  readonly #graph: Graph;
  readonly #nodes: Uint8Array[] = [];
  readonly #constants: Uint8Array[] = [];
  #count = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  model(): Uint8Array {
    for (const node of this.#graph.nodes) this.#node(node);
    const { inputs, outputs } = this.#graph;
    const graph = message({
      1: this.#nodes,
      2: this.#graph.name || 'graph',
      5: this.#constants,
      11: inputs.map((id) => this.#description(tensorAt(this.#graph, id))),
      12: outputs.map((id) => this.#description(tensorAt(this.#graph, id))),
    });
    const opsets = [message({ 1: '', 2: OPSET }), message({ 1: MICROSOFT, 2: 1 })];
    return message({ 1: 8, 2: 'bitloom', 7: graph, 8: opsets });
  }

  #node(node: Node): void {
    const x = requireInput(this.#graph, node, 0);
    const y = outputOf(this.#graph, node);
    const name = this.#name(y);
    if ('clamp' in node.attributes) requireFullRange(node, node.attributes.clamp);
    switch (node.kind) {
      case 'CONV_2D':
      case 'DEPTHWISE_CONV_2D':
        this.#convolution(node, x, y);
        break;
      case 'FULLY_CONNECTED':
        this.#gemm(node, x, y);
        break;
      case 'ADD': {
        const b = requireInput(this.#graph, node, 1);
        const inputs = [...this.#quantized(x), ...this.#quantized(b), ...this.#scaling(y)];
        this.#emit('QLinearAdd', inputs, name, {}, MICROSOFT);
        break;
      }
      case 'AVERAGE_POOL_2D':
        this.#averagePool(node.attributes, x, y);
        break;
      case 'MEAN': {
        const pooled = this.#fresh('mean');
        this.#convert('QLinearGlobalAveragePool', x, pooled, y);
        this.#reshape(pooled, onnxShape(y), name);
        break;
      }
      case 'RESHAPE':
        this.#reshapeImage(x, y);
        break;
      case 'SOFTMAX':
        this.#convert('QLinearSoftmax', x, name, y, { axis: -1, opset: OPSET });
        break;
      case 'QUANTIZE':
        // From signed to unsigned or back, which is one coding here.
        if (scaleOf(x) !== scaleOf(y) || unsignedZero(x) !== unsignedZero(y)) throw unsupported(node);
        this.#emit('Identity', [this.#name(x)], name);
        break;
      default:
        throw unsupported(node);
    }
  }

  #averagePool({ filter, stride, padding }: Pool, x: Tensor, y: Tensor): void {
    if (filter.height === x.shape[1] && filter.width === x.shape[2]) {
      this.#convert('QLinearGlobalAveragePool', x, this.#name(y), y);
    } else {
      const window = { kernel_shape: sizes(filter), strides: sizes(stride), pads: pads(padding) };
      this.#convert('QLinearAveragePool', x, this.#name(y), y, window);
    }
  }

  #convolution(node: Node & { kind: 'CONV_2D' | 'DEPTHWISE_CONV_2D' }, x: Tensor, y: Tensor): void {
    const filter = requireInput(this.#graph, node, 1);
    const [outer = 1, height = 1, width = 1, inner = 1] = filter.shape;
    const depthwise = node.kind === 'DEPTHWISE_CONV_2D';
    const shape = depthwise ? [inner, 1, height, width] : [outer, inner, height, width];
    const data = transposed(toBytes(filter.data!), [outer, height * width, inner]);
    const { stride, dilation, padding } = node.attributes;
    this.#emit(
      'QLinearConv',
      [
        ...this.#quantized(x),
        ...this.#weights(filter, shape, data),
        ...this.#scaling(y),
        ...this.#bias(node),
      ],
      this.#name(y),
      {
        group: depthwise ? x.shape[3]! : x.shape[3]! / inner,
        kernel_shape: [height, width],
        strides: sizes(stride),
        dilations: sizes(dilation),
        pads: pads(padding),
      },
    );
  }

  #gemm(node: Node, x: Tensor, y: Tensor): void {
    const filter = requireInput(this.#graph, node, 1);
    const weights = this.#weights(filter, filter.shape, toBytes(filter.data!));
    const [bias = ''] = this.#bias(node);
    const inputs = [...this.#quantized(x), ...weights, bias, ...this.#scaling(y)];
    this.#emit('QGemm', inputs, this.#name(y), { transB: 1 }, MICROSOFT);
  }

  /** An operator of one input that goes from its scale to another. */
  #convert(
    operator: string,
    x: Tensor,
    output: string,
    y: Tensor,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.#emit(operator, [...this.#quantized(x), ...this.#scaling(y)], output, attributes, MICROSOFT);
  }

  /** TFLite reshapes channels last: an image of more than a pixel or channel takes that order on the way. */
  #reshapeImage(x: Tensor, y: Tensor): void {
    let source = this.#name(x);
    if (isImage(x)) {
      source = this.#fresh('rows');
      this.#emit('Transpose', [this.#name(x)], source, { perm: [0, 2, 3, 1] });
    }
    if (isImage(y)) {
      const rows = this.#fresh('rows');
      this.#reshape(source, y.shape, rows);
      this.#emit('Transpose', [rows], this.#name(y), { perm: [0, 3, 1, 2] });
    } else {
      this.#reshape(source, onnxShape(y), this.#name(y));
    }
  }

  #reshape(x: string, shape: readonly number[], y: string): void {
    const sizes = toBytes(BigInt64Array.from(shape, BigInt));
    this.#emit('Reshape', [x, this.#constant('int64', [shape.length], sizes)], y);
  }

  #emit(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): void {
    const list = Object.entries(attributes).map(([name, value]) =>
      typeof value === 'number'
        ? message({ 1: name, 3: value, 20: 2 })
        : message({ 1: name, 8: value, 20: 7 }),
    );
    this.#nodes.push(message({ 1: inputs, 2: output, 4: operator, 5: list, 7: domain }));
  }

  #constant(type: keyof typeof DATA_TYPE, shape: readonly number[], data: Uint8Array): string {
    const name = this.#fresh('constant');
    this.#constants.push(message({ 1: shape, 2: DATA_TYPE[type], 8: name, 9: data }));
    return name;
  }

  /** Name, scale and zero point of an activation. */
  #quantized(tensor: Tensor): readonly string[] {
    return [this.#name(tensor), ...this.#scaling(tensor)];
  }

  #scaling(tensor: Tensor): readonly string[] {
    return [
      this.#constant('float32', [], toBytes(Float32Array.of(scaleOf(tensor)))),
      this.#constant('uint8', [], Uint8Array.of(unsignedZero(tensor))),
    ];
  }

  #weights({ format }: Tensor, shape: readonly number[], data: Uint8Array): readonly string[] {
    const count = format.scales.length;
    const list = count === 1 ? [] : [count];
    return [
      this.#constant('int8', shape, data),
      this.#constant('float32', list, toBytes(Float32Array.from(format.scales))),
      this.#constant('int8', list, toBytes(Int8Array.from(format.zeroPoints))),
    ];
  }

  #bias(node: Node): readonly string[] {
    const bias = inputOf(this.#graph, node, 2);
    return bias ? [this.#constant('int32', bias.shape, toBytes(bias.data!))] : [];
  }

  #description(tensor: Tensor): Uint8Array {
    const shape = message({ 1: onnxShape(tensor).map((size) => message({ 1: size })) });
    const type = message({ 1: message({ 1: DATA_TYPE.uint8, 2: shape }) });
    return message({ 1: this.#name(tensor), 2: type });
  }

  #name(tensor: Tensor): string {
    return `tensor_${this.#graph.tensors.indexOf(tensor)}`;
  }

  #fresh(name: string): string {
    return `${name}_${this.#count++}`;
  }
}

/** Saturation is then all that a fused activation does. */
function requireFullRange(node: Node, { min, max }: Clamp): void {
  if (max - min !== 255) throw unsupported(node);
}

function unsupported({ source }: Node): Error {
  return new Error(`${source.operator} #${source.index} has no ONNX form here`);
}

export function onnxShape({ shape }: Tensor): readonly number[] {
  const [batch, height, width, channels] = shape;
  return shape.length === 4 ? [batch!, channels!, height!, width!] : shape;
}

/** Whether its order differs between the two. */
function isImage({ shape }: Tensor): boolean {
  return shape.length === 4 && shape[3] !== 1 && shape[1]! * shape[2]! !== 1;
}

const unsignedZero = (tensor: Tensor) => zeroPointOf(tensor) + (tensor.format.type === 'int8' ? 128 : 0);
const sizes = ({ height, width }: Size2) => [height, width];
const pads = ({ top, left, bottom, right }: Padding) => [top, left, bottom, right];
