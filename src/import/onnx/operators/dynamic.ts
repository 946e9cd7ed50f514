/**
 * DynamicQuantizeLinear, and what ONNX Runtime's `quantize_dynamic` puts behind it: MatMulInteger or ConvInteger with constant weights, Cast,
 * Mul by both scales, perhaps Add of a bias and Relu. The sums are integers; what is float is computed in the file's order.
 */
import type { Padding } from '../../../graph/ops.js';
import { INTEGER_RANGE, perTensor, plain, type TensorId } from '../../../graph/tensor.js';
import { realsOf } from '../constants.js';
import { filterOf } from '../filters.js';
import { type Importer, Site } from '../site.js';
import {
  type Activation,
  type Bounds,
  type DynamicCodes,
  type DynamicScale,
  type Pending,
  UNBOUNDED,
  type Value,
} from '../values.js';
import { alongChannels, broadcast } from './elementwise.js';
import { imageView } from './images.js';
import { bounded } from './outputs.js';
import { constant, type Sum, type Waiting } from './sums.js';

const NO_PADDING: Padding = { top: 0, bottom: 0, left: 0, right: 0 };

/** Codes of a float x; scale and zero point are tensors of the graph. */
export function dynamicQuantizeLinear(site: Site): Value {
  const { lowering, node } = site;
  const x = floatInput(site);
  const name = (i: number) => node.outputs[i] ?? '';
  const scale = site.emit('DYNAMIC_SCALE', {}, [x.id], {
    shape: [],
    format: plain('float32'),
    name: name(1),
  });
  const zero = site.emit('DYNAMIC_ZERO_POINT', {}, [x.id, scale], {
    shape: [],
    format: plain('uint8'),
    name: name(2),
  });
  const made = new Map<string, TensorId>();
  const codes: DynamicCodes['codes'] = (of, as) => {
    const key = `${of} ${JSON.stringify(as)}`;
    const padding = as === 'uint8' ? NO_PADDING : as;
    const id =
      made.get(key) ??
      site.emit('DYNAMIC_QUANTIZE', { padding }, [of, scale, zero], {
        shape: padded(lowering.tensor(of).shape, padding),
        format: as === 'uint8' ? plain('uint8') : perTensor('int8', 1, -128),
      });
    made.set(key, id);
    return id;
  };
  site.result({ kind: 'dynamic scale', shape: [], scale, factors: Float32Array.of(1) }, 1);
  site.result(site.made(zero, []), 2);
  return { kind: 'dynamic codes', x, shape: x.layout.shape, scale, zero, codes };
}

/** Errors: BL107. */
function floatInput(site: Site): Activation {
  const value = site.value(0);
  const x = value.kind === 'pending' ? value.emitFree?.(value.bounds) : value;
  if (x?.kind === 'activation' && site.lowering.tensor(x.id).format.type === 'float32') return x;
  return site.fail(
    'BL107',
    'computes its scale from data that is not float',
    'Quantize the model statically, or dynamically throughout',
  );
}

function padded(shape: readonly number[], { top, bottom, left, right }: Padding): readonly number[] {
  const around = [0, top + bottom, left + right, 0];
  return shape.map((size, d) => size + (shape.length === 4 ? around[d]! : 0));
}

/** Codes or their scale where they are outputs of the model; null for what is not computed by itself. */
export function dynamicOutput(site: Site, value: DynamicCodes | DynamicScale): Activation | null {
  if (value.kind === 'dynamic codes') return { ...value.x, id: value.codes(value.x.id, 'uint8') };
  return isPlain(value) ? site.made(value.scale, []) : null;
}

/** Whether it is the scale of the codes alone. */
const isPlain = ({ shape, factors }: DynamicScale) => shape.length === 0 && factors[0] === 1;

/** Mul by such a scale; all else is `other`. Errors: BL107. */
export function dynamicScaleStep(other: Importer): Importer {
  return (site) => {
    const i = [0, 1].find((i) => site.has(i) && site.value(i).kind === 'dynamic scale');
    const by = i === undefined ? null : site.value(i);
    if (by?.kind !== 'dynamic scale') return other(site);
    const value = site.value(1 - i!);
    if (value.kind === 'pending' && value.scaledBy) return value.scaledBy(site.node, by);
    if (value.kind !== 'constant' && value.kind !== 'real constant') return site.unquantized(1 - i!, value);
    if (!isPlain(by)) site.fail('BL107', 'multiplies such a scale twice', 'Multiply its constants at export');
    const factors = site.reals(1 - i!, 'scale of the weights');
    return {
      ...by,
      shape: broadcast(site, by.shape, factors.shape),
      factors: Float32Array.from(realsOf(factors)),
    };
  };
}

/** The codes that a matrix product or an image of them takes, checked to lose their zero point. Errors: BL107. */
export const dynamicMatrix = (site: Site, value: DynamicCodes): Activation => {
  checkZeroPoint(site, value);
  return { ...value.x, id: value.codes(value.x.id, NO_PADDING) };
};

/** Padding reads the zero point, which only the graph knows: the codes have it around them. Errors: BL107. */
export const dynamicImage = (site: Site, value: DynamicCodes) => {
  checkZeroPoint(site, value);
  return (padding: Padding) => ({ id: value.codes(imageView(site, value.x), padding), padding: NO_PADDING });
};

function checkZeroPoint(site: Site, { zero }: DynamicCodes): void {
  const point = site.has(2) ? site.value(2) : null;
  if (point?.kind !== 'activation' || point.id !== zero)
    site.fail('BL107', 'takes another zero point than that of its codes', 'Quantize the model again');
}

/** Sums of such codes, which their scale brings to float. Without it they end in BL107. */
export const dynamicSum =
  (codes: DynamicCodes): Waiting =>
  (site, sum) => {
    const unscaled = () =>
      site.fail(
        'BL107',
        'sums up codes whose scale follows data: no Mul by that scale follows',
        'Cast the sums to float and multiply them by both scales',
      );
    return site.pending({
      shape: sum.shape,
      emit: unscaled,
      emitFree: unscaled,
      scaledBy: (node, by) => {
        const at = new Site(site.lowering, node);
        if (by.scale !== codes.scale)
          at.fail('BL107', 'multiplies sums by the scale of other codes', 'Quantize the model again');
        if (!alongChannels(sum.shape, { dim: sum.channelDim, count: sum.rows.channels }, by.shape))
          at.fail('BL107', `scales sums [${sum.shape}] by [${by.shape}]`, 'Use one scale, or one a channel');
        return scaled(at, sum, codes, by.factors, null);
      },
    });
  };

/** Sums times the scale of their codes and factors, plus a bias. */
function scaled(
  site: Site,
  sum: Sum,
  codes: DynamicCodes,
  factors: Float32Array,
  bias: Float32Array | null,
): Pending {
  const { channels } = sum.rows;
  const emitFree = (bounds: Bounds) => dequantized(site, sum, codes, factors, bias, bounds);
  return site.pending({
    shape: sum.shape,
    channels: { dim: sum.channelDim, count: channels },
    emitFree,
    emit: (target, bounds) => {
      const x = emitFree(bounds);
      const { shape } = site.lowering.tensor(x.id);
      const id = site.emit('QUANTIZE', {}, [x.id], { shape, format: target.format });
      return bounded(site, { ...x, id }, target, UNBOUNDED);
    },
    affine: (by, plus) => {
      if (bias || by.some((factor) => factor !== 1))
        site.fail(
          'BL107',
          'is scaled or shifted again in float',
          'Fold BatchNormalization and Mul into the weights',
        );
      const each = Float32Array.from({ length: channels }, (_, c) => plus[plus.length === 1 ? 0 : c]!);
      return scaled(site, sum, codes, factors, each);
    },
  });
}

function dequantized(
  site: Site,
  sum: Sum,
  { scale, zero }: DynamicCodes,
  factors: Float32Array,
  bias: Float32Array | null,
  { low, high }: Bounds,
): Activation {
  const { channels, depth } = sum.rows;
  const filter = filterOf(sum.rows, new Float64Array(channels).fill(1));
  const format = perTensor('int32', 1, 0);
  const made = sum.emit({ filter, bias: null, format, clamp: INTEGER_RANGE.int32 });
  const weights = Int32Array.from(filter.values, (value) => value - filter.zeroPoint);
  const totals = Int32Array.from({ length: channels }, (_, c) =>
    weights.subarray(c * depth, (c + 1) * depth).reduce((total, weight) => total + weight, 0),
  );
  const inputs = [
    made.id,
    scale,
    zero,
    constant(site, 'sums of weights', [channels], totals),
    constant(site, 'scales', [factors.length], factors),
    ...(bias ? [constant(site, 'bias', [channels], bias)] : []),
  ];
  const { shape } = site.lowering.tensor(made.id);
  const id = site.emit('DYNAMIC_DEQUANTIZE', { low, high }, inputs, { shape, format: plain('float32') });
  return { ...made, id };
}
