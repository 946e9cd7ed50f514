import type { Padding } from '../../../graph/ops.js';
import type { TensorId } from '../../../graph/tensor.js';
import { permutedIndices, picked } from '../arrays.js';
import { numberOf, numbersOf } from '../attributes.js';
import { transposedConstant } from '../constants.js';
import type { Rows } from '../filters.js';
import type { Site } from '../site.js';
import { type Activation, type Pending, type RealConstant, shapeOf, type Value } from '../values.js';
import { imageMade, imageOf, imageShape, imageView } from './images.js';
import { ending, filterTensor, pendingSum, type Waiting } from './sums.js';
import { readWindows } from './windows.js';

/** Conv of QDQ form: x, w, b?. */
export function conv(site: Site): Value {
  const bias = site.has(2) ? realsOfBias(site, 2) : null;
  return convolution(site, site.activation(0), site.reals(1, 'filter'), bias, pendingSum);
}

type ImageWith = (padding: Padding) => { readonly id: TensorId; readonly padding: Padding };

/** A bias as real numbers. */
export function realsOfBias(site: Site, i: number): Float64Array {
  const { codes, scales } = site.reals(i, 'bias');
  return Float64Array.from(codes, (code, k) => code * scales[k]!);
}

/**
 * A convolution of `x` [N, C, H, W] with constant filters [O, C / groups, KH, KW]. Groups of one channel are DEPTHWISE_CONV_2D.
 * @param waiting what becomes of the sum
 * @param imageWith the tensor NHWC that is read, and the padding that it does not have around it
 */
export function convolution<V extends Value>(
  site: Site,
  x: Activation,
  w: RealConstant,
  bias: Float64Array | null,
  waiting: Waiting<V>,
  imageWith: ImageWith = (padding) => ({ id: imageView(site, x), padding }),
): V {
  const { shape: xShape } = x.layout;
  const image = imageOf(site, xShape);
  const [outputs = 0, depth = 0, ...kernel] = w.shape;
  const groups = numberOf(site.node, 'group', 1);
  const declared = numbersOf(site.node, 'kernel_shape') ?? kernel;
  const fits =
    kernel.length === image.rank &&
    declared.every((size, d) => size === kernel[d]) &&
    depth * groups === image.channels &&
    groups >= 1 &&
    outputs % groups === 0 &&
    (bias === null || bias.length === outputs);
  if (!fits) site.fail('BL102', `has a filter [${w.shape}] in ${groups} groups for the input [${xShape}]`);
  const windows = readWindows(site, image, image.rank, kernel);
  const { filter: taps, stride, dilation, padding } = windows;
  const shape = imageShape(image, outputs, windows.output);
  const view = [image.batch, windows.output.height, windows.output.width, outputs];
  const common = { x, bias, shape, channelDim: 1 };
  // Filters with the taps before the channels.
  const rows = rowsOf(
    image.rank === 1 ? transposedConstant(w, [0, 2, 1]) : transposedConstant(w, [0, 2, 3, 1]),
  );

  if (depth === 1 && groups > 1) {
    const area = taps.height * taps.width;
    const toDepthwise = permutedIndices([outputs, area], [1, 0]);
    return waiting(site, {
      ...common,
      rows,
      emit: ({ filter, bias, thresholds, format, clamp }) => {
        const constant = filterTensor(site, filter, [1, taps.height, taps.width, outputs], 3, toDepthwise);
        const { id, padding: rest } = imageWith(padding);
        const attributes = { stride, dilation, padding: rest, clamp, depthMultiplier: outputs / groups };
        const inputs = [id, constant, bias, ...ending(thresholds)];
        return imageMade(site.emit('DEPTHWISE_CONV_2D', attributes, inputs, { shape: view, format }), shape);
      },
    });
  }
  return waiting(site, {
    ...common,
    rows,
    emit: ({ filter, bias, thresholds, format, clamp }) => {
      const constant = filterTensor(site, filter, [outputs, taps.height, taps.width, depth], 0);
      const { id, padding: rest } = imageWith(padding);
      const inputs = [id, constant, bias, ...ending(thresholds)];
      const attributes = { stride, dilation, padding: rest, clamp };
      return imageMade(site.emit('CONV_2D', attributes, inputs, { shape: view, format }), shape);
    },
  });
}

/** The rows of a constant whose first dimension is the output channels. */
export function rowsOf({ shape, codes, scales }: RealConstant): Rows {
  const channels = shape[0] ?? 0;
  return { channels, depth: codes.length / channels, codes, scales };
}

/** ConvTranspose of QDQ form: x [N, C, H, W], w [C, O, KH, KW], b?. */
export function convTranspose(site: Site): Value {
  return transposedConvolution(site, site.activation(0), pendingSum);
}

/** A plain transposed convolution of `x` [N, C, H, W] with the filters of input 1 and perhaps the bias of input 2. */
export function transposedConvolution<V extends Value>(site: Site, x: Activation, waiting: Waiting<V>): V {
  const w = site.reals(1, 'filter');
  const bias = site.has(2) ? realsOfBias(site, 2) : null;
  const image = imageOf(site, x.layout.shape);
  const [channels = 0, outputs = 0, kh = 0, kw = 0] = w.shape;
  const numbers = (name: string, fallback: number, count = 2) =>
    numbersOf(site.node, name) ?? Array<number>(count).fill(fallback);
  const { node } = site;
  const plain =
    image.rank === 2 &&
    numberOf(node, 'group', 1) === 1 &&
    numbers('dilations', 1).every((d) => d === 1) &&
    (node.attributes.get('auto_pad') ?? 'NOTSET') === 'NOTSET' &&
    !node.attributes.has('output_shape');
  if (!plain) {
    site.fail(
      'BL104',
      'has groups, dilations, auto_pad or output_shape',
      'Transposed convolutions are plain, with explicit pads, on images of two dimensions',
    );
  }
  const [sh = 1, sw = 1] = numbers('strides', 1);
  const [top = 0, left = 0, bottom = 0, right = 0] = numbers('pads', 0, 4);
  const [extraH = 0, extraW = 0] = numbers('output_padding', 0);
  const height = (image.height - 1) * sh + kh - top - bottom + extraH;
  const width = (image.width - 1) * sw + kw - left - right + extraW;
  const sizes = [sh, sw, top + 1, left + 1, bottom - extraH + 1, right - extraW + 1, height, width];
  if (
    channels !== image.channels ||
    w.shape.length !== 4 ||
    !sizes.every((size) => Number.isSafeInteger(size) && size >= 1)
  ) {
    site.fail(
      'BL104',
      `makes [${height}, ${width}] of [${x.layout.shape}] by a filter [${w.shape}]`,
      'Use pads that are at least output_padding',
    );
  }
  const shape = [image.batch, outputs, height, width];
  const rows = rowsOf(transposedConstant(w, [1, 2, 3, 0]));
  return waiting(site, {
    x,
    rows,
    bias,
    shape,
    channelDim: 1,
    emit: ({ filter, bias, format, clamp }) => {
      const constant = filterTensor(site, filter, [outputs, kh, kw, channels], 0);
      const padding = { top, left, bottom: bottom - extraH, right: right - extraW };
      const attributes = { stride: { height: sh, width: sw }, padding, clamp };
      const inputs = [imageView(site, x), constant, bias];
      const output = { shape: [image.batch, height, width, outputs], format };
      return imageMade(site.emit('TRANSPOSE_CONV', attributes, inputs, output), shape);
    },
  });
}

/**
 * BatchNormalization: x, scale, B, mean, variance. Folded into the weights' scales and the bias of the layer before it; behind anything
 * else it is a depthwise convolution of one tap.
 */
export function batchNormalization(site: Site): Value {
  const { factors, offsets } = normalization(site);
  return affine(site, 0, factors, offsets);
}

/** What BatchNormalization multiplies each channel by, and adds. */
export function normalization(site: Site): { readonly factors: number[]; readonly offsets: number[] } {
  const epsilon = numberOf(site.node, 'epsilon', 1e-5);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => {
    const { codes, scales } = site.reals(i, 'parameters');
    return Array.from(codes, (code, k) => code * scales[k]!);
  }) as [number[], number[], number[], number[]];
  if (site.wants(1)) site.fail('BL104', 'is in training mode', 'Export the model for inference');
  const factors = gamma.map((g, c) => g / Math.sqrt(variance[c]! + epsilon));
  const offsets = factors.map((factor, c) => beta[c]! - mean[c]! * factor);
  const channels = site.shape(0)[1] ?? 1;
  if (![...factors, ...offsets].every(Number.isFinite) || factors.length !== channels) {
    site.fail('BL102', `has ${factors.length} parameters for ${channels} channels`);
  }
  return { factors, offsets };
}

/** Input `i` times factors plus offsets, one a channel (dimension 1) or one for all. */
export function affine(
  site: Site,
  i: number,
  factors: readonly number[],
  offsets: readonly number[],
): Pending {
  const value = site.value(i);
  if (value.kind === 'pending') {
    const foldable = value.affine && value.channels?.dim === 1 && value.channels.count === factors.length;
    if (!foldable) return site.unquantized(i, value);
    if (value.bounds.low !== Number.NEGATIVE_INFINITY || value.bounds.high !== Number.POSITIVE_INFINITY) {
      return site.fail(
        'BL107',
        'follows an activation in float',
        'Put a QuantizeLinear between them, or fold it before export',
      );
    }
    return value.affine!(factors, offsets);
  }
  const x = site.activation(i);
  const shape = shapeOf(x);
  const rank = shape.length - 2;
  if (rank < 1 || rank > 2) {
    return site.fail(
      'BL104',
      `works on the shape [${shape}]`,
      'Put it behind a layer that it can be folded into',
    );
  }
  const channels = shape[1]!;
  const w: RealConstant = {
    kind: 'real constant',
    name: '',
    shape: [channels, 1, ...Array<number>(rank).fill(1)],
    codes: Int32Array.from(factors, (factor) => 127 * Math.sign(factor)),
    scales: Float32Array.from(factors, (factor) => Math.abs(factor) / 127),
  };
  return depthwiseTap(site, x, w, Float64Array.from(offsets));
}

function depthwiseTap(site: Site, x: Activation, w: RealConstant, bias: Float64Array): Pending {
  const channels = w.shape[0]!;
  const image = imageOf(site, x.layout.shape);
  const shape = x.layout.shape;
  const one = { height: 1, width: 1 };
  return pendingSum(site, {
    x,
    rows: { channels, depth: 1, codes: picked(w.codes, Int32Array.from(w.codes.keys())), scales: w.scales },
    bias,
    shape,
    channelDim: 1,
    emit: ({ filter, bias, format, clamp }) => {
      const constant = filterTensor(site, filter, [1, 1, 1, channels], 3);
      const padding = { top: 0, bottom: 0, left: 0, right: 0 };
      const attributes = { stride: one, dilation: one, padding, clamp, depthMultiplier: 1 };
      const view = [image.batch, image.height, image.width, channels];
      const inputs = [imageView(site, x), constant, bias];
      return imageMade(site.emit('DEPTHWISE_CONV_2D', attributes, inputs, { shape: view, format }), shape);
    },
  });
}
