/** Operators whose windows slide over images. TFLite says paddings by the names SAME and VALID. */
import type { OpKind, Padding, Size2 } from '../../../graph/ops.js';
import { samePadding } from '../../../graph/same-padding.js';
import { INTEGER_RANGE } from '../../../graph/tensor.js';
import type { NodeSite, Step } from '../node-site.js';
import { bias, filter, rejectNarrowBias } from './weights.js';

type PaddingName = 'SAME' | 'VALID';

/** Windows on an image: `reach` is what each extends over, dilation included; `output` how many there are. */
interface Windows {
  readonly input: Size2;
  readonly output: Size2;
  readonly reach: Size2;
  readonly stride: Size2;
  readonly padding: Padding;
}

/** CONV_2D: x, filter OHWI, bias?. */
export function conv2d(site: NodeSite<'CONV_2D'>): void {
  const { clamp, stride, dilation } = site.attributes;
  const { x, padding } = paddedByZero(site);
  const options = { padding, ...strides(stride), ...dilations(dilation) };
  const inputs = [x, filter(site), bias(site, 2)];
  site.emit(...site.clamped(clamp, { operator: 'CONV_2D', inputs: () => inputs, options }));
}

/** DEPTHWISE_CONV_2D: x, filter 1HWC, bias?. */
export function depthwiseConv2d(site: NodeSite<'DEPTHWISE_CONV_2D'>): void {
  const { clamp, stride, dilation, depthMultiplier } = site.attributes;
  rejectNarrowBias(site);
  const { x, padding } = paddedByZero(site);
  const options = {
    padding,
    ...strides(stride),
    ...dilations(dilation),
    depth_multiplier: depthMultiplier,
  };
  const inputs = [x, filter(site), bias(site, 2)];
  site.emit(...site.clamped(clamp, { operator: 'DEPTHWISE_CONV_2D', inputs: () => inputs, options }));
}

/**
 * TRANSPOSE_CONV: output shape, filter OHWI, x, bias?. Without a name for its padding the whole image is made, as VALID has it, and what
 * padding takes away is cut off.
 */
export function transposeConv(site: NodeSite<'TRANSPOSE_CONV'>): void {
  const { clamp, stride, padding } = site.attributes;
  rejectNarrowBias(site);
  const { shape } = site.outputTensor;
  // The forward convolution, to which the padding belongs, goes from the output to x.
  const windows = {
    input: imageSize(shape),
    output: imageSize(site.inputTensor(0).shape),
    reach: imageSize(site.inputTensor(1).shape),
    stride,
    padding,
  };
  const name = nameOf(windows);
  const whole = name === null ? uncut(shape, windows) : shape;
  const inputs = [site.ints('shape', whole), filter(site), site.input(0), bias(site, 2)];
  const options = { padding: name ?? 'VALID', ...strides(stride) };
  const steps = site.clamped(clamp, {
    operator: 'TRANSPOSE_CONV',
    inputs: () => inputs,
    options,
    shape: whole,
  });
  const cut: Step = {
    operator: 'SLICE',
    inputs: (y) => [y, site.ints('begin', [0, padding.top, padding.left, 0]), site.ints('size', shape)],
  };
  site.emit(...steps, ...(name === null ? [cut] : []));
}

/** The sizes of an image that VALID windows fill and that reaches to where the output ends. */
function uncut(shape: readonly number[], { input, output, reach, stride, padding }: Windows): number[] {
  const least = (windows: number, taps: number, step: number) => (windows - 1) * step + taps;
  return [
    shape[0]!,
    Math.max(least(output.height, reach.height, stride.height), padding.top + input.height),
    Math.max(least(output.width, reach.width, stride.width), padding.left + input.width),
    shape[3]!,
  ];
}

/** AVERAGE_POOL_2D: x. Elements around the image do not count, so that no PAD can stand for them. */
export function averagePool(site: NodeSite<'AVERAGE_POOL_2D'>): void {
  const padding =
    nameOf(poolWindows(site)) ??
    site.fail(
      'averages inside an image with a padding that is neither SAME nor VALID',
      'Choose one of these paddings, or average the zeros around the image too',
    );
  pool(site, 'AVERAGE_POOL_2D', site.input(0), padding);
}

/** MAX_POOL_2D: x. Elements around the image are no greater than any other. */
export function maxPool(site: NodeSite<'MAX_POOL_2D'>): void {
  const windows = poolWindows(site);
  const name = nameOf(windows);
  const { type } = site.inputTensor(0).format;
  const least =
    type in INTEGER_RANGE ? INTEGER_RANGE[type as keyof typeof INTEGER_RANGE].min : Number.NEGATIVE_INFINITY;
  const x = name === null ? padded(site, windows, least) : site.input(0);
  pool(site, 'MAX_POOL_2D', x, name ?? 'VALID');
}

function pool(
  site: NodeSite<'AVERAGE_POOL_2D' | 'MAX_POOL_2D'>,
  operator: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D',
  x: number,
  padding: PaddingName,
): void {
  const { clamp, stride, filter } = site.attributes;
  const options = {
    padding,
    ...strides(stride),
    filter_height: filter.height,
    filter_width: filter.width,
  };
  site.emit(...site.clamped(clamp, { operator, inputs: () => [x], options }));
}

function poolWindows(site: NodeSite<'AVERAGE_POOL_2D' | 'MAX_POOL_2D'>): Windows {
  const { filter: reach, stride, padding } = site.attributes;
  const [input, output] = [site.inputTensor(0), site.outputTensor].map(({ shape }) => imageSize(shape));
  return { input: input!, output: output!, reach, stride, padding };
}

/** The input of a convolution and the name of its padding: behind a PAD with zeros where the padding has no name. */
function paddedByZero(site: NodeSite<'CONV_2D' | 'DEPTHWISE_CONV_2D'>): {
  readonly x: number;
  readonly padding: PaddingName;
} {
  const { stride, dilation, padding } = site.attributes;
  const [input, taps] = [site.inputTensor(0), site.inputTensor(1)].map(({ shape }) => imageSize(shape));
  const reach = {
    height: (taps!.height - 1) * dilation.height + 1,
    width: (taps!.width - 1) * dilation.width + 1,
  };
  const windows = {
    input: input!,
    output: imageSize(site.outputTensor.shape),
    reach,
    stride,
    padding,
  };
  const name = nameOf(windows);
  return name === null
    ? { x: padded(site, windows, null), padding: 'VALID' }
    : { x: site.input(0), padding: name };
}

/** The name that gives these windows; what padding behind the last of them there is does not matter. */
function nameOf({ input, output, reach, stride, padding }: Windows): PaddingName | null {
  const isSame = (size: number, count: number, extent: number, step: number, before: number) =>
    count === Math.ceil(size / step) && before === Math.floor(samePadding(size, extent, step) / 2);
  const isValid = (size: number, count: number, extent: number, step: number, before: number) =>
    before === 0 && count === Math.floor((size - extent) / step) + 1;
  for (const [name, fits] of [
    ['VALID', isValid],
    ['SAME', isSame],
  ] as const) {
    const rows = fits(input.height, output.height, reach.height, stride.height, padding.top);
    if (rows && fits(input.width, output.width, reach.width, stride.width, padding.left)) return name;
  }
  return null;
}

/**
 * Input 0 with as many rows and columns around it as the windows need.
 * @param value of them; null for what PAD takes by itself, the zero
 */
function padded(site: NodeSite<OpKind>, windows: Windows, value: number | null): number {
  const { input, output, reach, stride, padding } = windows;
  const behind = (size: number, count: number, extent: number, step: number, before: number) =>
    Math.max(0, (count - 1) * step + extent - size - before);
  const bottom = behind(input.height, output.height, reach.height, stride.height, padding.top);
  const right = behind(input.width, output.width, reach.width, stride.width, padding.left);
  const paddings = [0, 0, padding.top, bottom, padding.left, right, 0, 0];
  const { shape, format } = site.inputTensor(0);
  return site.before(0, {
    operator: value === null ? 'PAD' : 'PADV2',
    inputs: (x) => [
      x,
      site.ints('paddings', paddings, [4, 2]),
      ...(value === null ? [] : [site.scalar('padding', value, format)]),
    ],
    shape: shape.map((size, d) => size + paddings[2 * d]! + paddings[2 * d + 1]!),
  });
}

function imageSize([, height = 1, width = 1]: readonly number[]): Size2 {
  return { height, width };
}

function strides({ height, width }: Size2) {
  return { stride_h: height, stride_w: width };
}

function dilations({ height, width }: Size2) {
  return { dilation_h_factor: height, dilation_w_factor: width };
}
