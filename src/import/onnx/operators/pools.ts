import { UNCLAMPED } from '../../../graph/float.js';
import type { Clamp } from '../../../graph/ops.js';
import { type ElementType, type Format, INTEGER_RANGE, isPacked } from '../../../graph/tensor.js';
import { numberOf, numbersOf } from '../attributes.js';
import { filterOf } from '../filters.js';
import type { Site } from '../site.js';
import { clampOf, type Target } from '../targets.js';
import { type Activation, type Bounds, type Pending, shapeOf, type Value } from '../values.js';
import { imageMade, imageOf, imageShape, imageView } from './images.js';
import { moved } from './movement.js';
import { bounded, rescaled } from './outputs.js';
import { filterTensor } from './sums.js';
import { readWindows, type Windows } from './windows.js';

/** Bound of the ones that an average as a convolution takes. */
const MAX_ONES = 2 ** 22;

/** MaxPool: the codes' maximum, whatever the format. */
export function maxPool(site: Site): Value {
  if (site.wants(1)) site.fail('BL104', 'says where its maxima lie', 'Use its first output alone');
  if (numberOf(site.node, 'storage_order', 0) !== 0)
    site.fail('BL104', 'has a storage order', 'Export it row-major');
  return maximum(site, (shape) => {
    const image = imageOf(site, shape);
    const kernel = numbersOf(site.node, 'kernel_shape') ?? site.fail('BL102', 'has no kernel_shape');
    return readWindows(site, image, image.rank, kernel, numberOf(site.node, 'ceil_mode', 0) === 1);
  });
}

/** GlobalMaxPool. */
export function globalMaxPool(site: Site): Value {
  return maximum(site, (shape) => wholeImage(imageOf(site, shape)));
}

function maximum(site: Site, windowsOf: (shape: readonly number[]) => Windows): Value {
  const shape = site.shape(0);
  const image = imageOf(site, shape);
  const windows = windowsOf(shape);
  if (windows.dilation.height !== 1 || windows.dilation.width !== 1) {
    site.fail('BL104', 'has dilations', 'Pool without dilations');
  }
  const out = imageShape(image, image.channels, windows.output);
  return moved(site, 0, out, (x) => poolOf(site, 'MAX_POOL_2D', x, windows, out, null));
}

/** What a pool may give. Real numbers are none of a quantized model's. */
function rangeOf(site: Site, kind: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D', type: ElementType): Clamp {
  if (type === 'float32' && site.lowering.dialect.isFloat) return UNCLAMPED;
  if (type === 'int8' || type === 'int16' || (isPacked(type) && kind === 'MAX_POOL_2D'))
    return INTEGER_RANGE[type];
  return site.fail('BL105', `pools ${type}`, 'Quantize its input');
}

function wholeImage({ height, width }: { height: number; width: number }): Windows {
  const one = { height: 1, width: 1 };
  const padding = { top: 0, bottom: 0, left: 0, right: 0 };
  return { filter: { height, width }, stride: one, dilation: one, padding, output: one, padded: false };
}

export function poolOf(
  site: Site,
  kind: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D',
  x: Activation,
  { filter, stride, padding, output }: Windows,
  shape: readonly number[],
  limits: { readonly target: Target; readonly bounds: Bounds } | null,
): Activation {
  const { format } = site.lowering.tensor(x.id);
  const { batch, channels } = imageOf(site, shapeOf(x));
  const clamp = limits ? clampOf(limits.target, limits.bounds) : rangeOf(site, kind, format.type);
  const sizes = [batch, output.height, output.width, channels];
  const id = site.emit(kind, { filter, stride, padding, clamp }, [imageView(site, x)], {
    shape: sizes,
    format,
  });
  return { ...imageMade(id, shape), coded: x.coded };
}

/** AveragePool of QDQ form. */
export function averagePool(site: Site): Value {
  return average(site, site.activation(0));
}

/**
 * The average of windows. In the input's format it is AVERAGE_POOL_2D; in another it is a depthwise convolution of ones, which rounds
 * once, and only where windows average different numbers of elements both AVERAGE_POOL_2D and a change of format.
 */
export function average(site: Site, x: Activation): Pending {
  const { image, windows, shape, counted, reachesOut } = averageOf(site, shapeOf(x));
  const { filter } = windows;
  return site.pending({
    shape,
    emit: (target, bounds) => {
      const { format } = site.lowering.tensor(x.id);
      const same = sameScale(format, target);
      if (same && !(counted && reachesOut)) {
        return poolOf(site, 'AVERAGE_POOL_2D', x, windows, shape, { target, bounds });
      }
      const ones = filter.height * filter.width * image.channels;
      const alike = format.type === target.format.type && format.type === 'int8';
      if ((!reachesOut || counted) && alike && ones <= MAX_ONES)
        return asConvolution(site, x, windows, shape, target, bounds);
      if (counted && reachesOut)
        site.fail('BL104', 'counts its padding', 'Leave count_include_pad out, or pool in 8 bits');
      site.lowering.note(
        `${site.node.op} #${site.node.index} rounds twice: its output has another scale than its input`,
      );
      const pooled = poolOf(site, 'AVERAGE_POOL_2D', x, windows, shape, null);
      return rescaled(site, pooled, target, bounds);
    },
  });
}

/** How AveragePool works on images of a shape, and whether its padding counts and there is any. */
export function averageOf(site: Site, from: readonly number[]) {
  const image = imageOf(site, from);
  const kernel = numbersOf(site.node, 'kernel_shape') ?? site.fail('BL102', 'has no kernel_shape');
  const ceil = numberOf(site.node, 'ceil_mode', 0) === 1;
  const windows = readWindows(site, image, image.rank, kernel, ceil);
  if (windows.dilation.height !== 1 || windows.dilation.width !== 1)
    site.fail('BL104', 'has dilations', 'Pool without dilations');
  const counted = numberOf(site.node, 'count_include_pad', 0) === 1;
  const { padding } = windows;
  const reachesOut = padding.top + padding.bottom + padding.left + padding.right > 0;
  if (counted && ceil)
    site.fail('BL104', 'counts its padding and has ceil_mode', 'Export it without ceil_mode');
  return { image, windows, shape: imageShape(image, image.channels, windows.output), counted, reachesOut };
}

function sameScale(
  format: {
    readonly type: string;
    readonly scales: readonly number[];
    readonly zeroPoints: readonly number[];
  },
  { format: to }: Target,
): boolean {
  return (
    format.type === to.type && format.scales[0] === to.scales[0] && format.zeroPoints[0] === to.zeroPoints[0]
  );
}

function asConvolution(
  site: Site,
  x: Activation,
  { filter: taps, stride, dilation, padding, output }: Windows,
  shape: readonly number[],
  target: Target,
  bounds: Bounds,
): Activation {
  const { batch, channels } = imageOf(site, shapeOf(x));
  const area = taps.height * taps.width;
  site.lowering.spend(area * channels);
  const codes = new Int32Array(area * channels).fill(1);
  const scales = new Float32Array(area * channels).fill(1 / area);
  const filter = filterOf({ channels, depth: area, codes, scales }, new Float64Array(channels).fill(1));
  const constant = filterTensor(site, filter, [1, taps.height, taps.width, channels], 3);
  const attributes = { stride, dilation, padding, clamp: clampOf(target, bounds), depthMultiplier: 1 };
  const sizes = [batch, output.height, output.width, channels];
  const inputs = [imageView(site, x), constant, null];
  const id = site.emit('DEPTHWISE_CONV_2D', attributes, inputs, { shape: sizes, format: target.format });
  return imageMade(id, shape);
}

/** GlobalAveragePool of QDQ form. */
export function globalAveragePool(site: Site): Value {
  return mean(site, site.activation(0), imageAxes(site, site.shape(0)), true);
}

export function imageAxes(site: Site, shape: readonly number[]): number[] {
  imageOf(site, shape);
  return shape.slice(2).map((_, d) => d + 2);
}

/** ReduceMean and ReduceSum of QDQ form. */
export function reduce(kind: 'MEAN' | 'SUM'): (site: Site) => Value {
  return (site) => {
    const x = site.activation(0);
    const axes = reducedAxes(site, shapeOf(x));
    return axes ? mean(site, x, axes, keepsDims(site), kind) : x;
  };
}

export const keepsDims = (site: Site) => numberOf(site.node, 'keepdims', 1) === 1;

/** Axes in an attribute or, since 18 and 13, a constant input, or all; null where nothing is to be reduced. */
export function reducedAxes(site: Site, shape: readonly number[]): readonly number[] | null {
  const given = site.numbers(1, 'axes') ?? numbersOf(site.node, 'axes');
  if (given?.length) return given.map((axis) => site.axis(axis, shape.length));
  return numberOf(site.node, 'noop_with_empty_axes', 0) === 1 ? null : shape.map((_, d) => d);
}

/** The mean or sum over `axes`, in any format. */
export function mean(
  site: Site,
  x: Activation,
  axes: readonly number[],
  keep: boolean,
  kind: 'MEAN' | 'SUM' = 'MEAN',
): Pending {
  return site.pending({
    shape: reducedShape(shapeOf(x), axes, keep),
    emit: (target, bounds) =>
      bounded(site, reduced(site, x, axes, keep, kind, target.format), target, bounds),
  });
}

function reducedShape(from: readonly number[], axes: readonly number[], keep: boolean): readonly number[] {
  return keep
    ? from.map((size, d) => (axes.includes(d) ? 1 : size))
    : from.filter((_, d) => !axes.includes(d));
}

/** The mean or sum over `axes` as a tensor of `format`. */
export function reduced(
  site: Site,
  x: Activation,
  axes: readonly number[],
  keep: boolean,
  kind: 'MEAN' | 'SUM',
  format: Format,
): Activation {
  const kept = reducedShape(shapeOf(x), axes, true);
  const { activation, perm } = site.lowering.whole(site.node, x);
  const view = site.lowering.view(site.node, activation, perm);
  const places = axes.map((axis) => perm.indexOf(axis)).sort((a, b) => a - b);
  const sizes = perm.map((d) => kept[d]!);
  const id = site.emit(kind, { axes: [...new Set(places)] }, [view], { shape: sizes, format });
  const made = site.made(id, kept, perm);
  const layout = keep ? made.layout : made.layout.reshaped(reducedShape(shapeOf(x), axes, false));
  return { ...made, layout: layout! };
}
