import { shortName } from '../../../graph/graph.js';
import type { Clamp } from '../../../graph/ops.js';
import { type Format, INTEGER_RANGE, perTensor, plain, type TensorId } from '../../../graph/tensor.js';
import { picked } from '../arrays.js';
import { type Filter, filterFormat, filterOf, type Rows } from '../filters.js';
import { roundHalfEven } from '../rounding.js';
import type { Site } from '../site.js';
import { clampOf, type Target } from '../targets.js';
import { type Activation, type Bounds, isUnbounded, type Pending, type Value } from '../values.js';

/** A sum of products with constant weights, as Conv, Gemm and MatMul are, with all of its parts but the output's format. */
export interface Sum {
  readonly x: Activation;
  readonly rows: Rows;
  /** A real number a channel; null: none. */
  readonly bias: Float64Array | null;
  /** The output's shape in ONNX and which dimension its channels are. */
  readonly shape: readonly number[];
  readonly channelDim: number;
  /** Emits the operator on a filter whose values are in the order of rows. */
  readonly emit: (parts: Parts) => Activation;
}

export interface Parts {
  readonly filter: Filter;
  readonly bias: TensorId | null;
  /** Of each channel the sums at which the code rises; without them it ends by a multiplier. */
  readonly thresholds?: TensorId;
  readonly format: Format;
  readonly clamp: Clamp;
}

/** What becomes of a sum: a value that waits until its output's format is known, or, of real numbers, their sum. */
export type Waiting<V extends Value = Pending> = (site: Site, sum: Sum) => V;

/** How sums become codes, and how they end where no quantizer follows. */
export interface Ends {
  readonly emit: (site: Site, sum: Sum, filter: Filter, target: Target, bounds: Bounds) => Activation;
  readonly free: (site: Site, sum: Sum, filter: Filter, bounds: Bounds) => Activation;
}

/** The operator's last inputs. */
export const ending = (thresholds?: TensorId) => (thresholds === undefined ? [] : [thresholds]);

/** The sum as a value that waits for its output's format, and takes up factors and offsets until then. */
export function pendingSum(site: Site, sum: Sum, ends: Ends = STATIC): Pending {
  const { channels } = sum.rows;
  return scaledSum(site, sum, new Float64Array(channels).fill(1), 1, ends);
}

/** Of inputs with one scale. */
const STATIC: Ends = {
  emit: (site, sum, filter, target, bounds) => {
    const bias = biasOf(site, sum, filter);
    return sum.emit({ filter, bias, format: target.format, clamp: clampOf(target, bounds) });
  },
  free: accumulators,
};

/** `factors` stand for operators behind the sum. */
function scaledSum(site: Site, sum: Sum, factors: Float64Array, depth: number, ends: Ends): Pending {
  const { channels } = sum.rows;
  return site.pending({
    shape: sum.shape,
    depth,
    channels: { dim: sum.channelDim, count: channels },
    emit: (target, bounds) => ends.emit(site, sum, checkedFilter(site, sum, factors), target, bounds),
    emitFree: (bounds) => ends.free(site, sum, checkedFilter(site, sum, factors), bounds),
    affine: (by, plus) => {
      const at = (list: readonly number[], c: number) => list[list.length === 1 ? 0 : c]!;
      const bias = Float64Array.from(
        { length: channels },
        (_, c) => (sum.bias?.[c] ?? 0) * at(by, c) + at(plus, c),
      );
      const scaled = factors.map((factor, c) => factor * at(by, c));
      return scaledSum(site, { ...sum, bias }, scaled, depth + 1, ends);
    },
  });
}

function checkedFilter(site: Site, { rows }: Sum, factors: Float64Array): Filter {
  const filter = filterOf(rows, factors);
  if (filter.error > 0) {
    site.lowering.note(
      `${site.node.op} #${site.node.index}: scales of groups without a common step; its weights are off by at most ${filter.error.toExponential(1)} of the greatest in their channel`,
    );
  }
  return filter;
}

/** Where no QuantizeLinear follows: the int32 accumulators, which one scale makes real, or one a channel. */
function accumulators(site: Site, sum: Sum, filter: Filter, bounds: Bounds): Activation {
  const { type, scales } = site.lowering.tensor(sum.x.id).format;
  if (type === 'int16' || !isUnbounded(bounds)) {
    site.fail(
      'BL107',
      'computes in float: no QuantizeLinear follows',
      'Quantize its output, or leave its activation out and give it an input of 8 bits',
    );
  }
  const steps = Float32Array.from(filter.scales, (scale) => scales[0]! * scale);
  const alike = steps.length === 1;
  const bias = biasOf(site, sum, filter);
  const made = sum.emit({
    filter: alike ? filter : { ...filter, scales: [1] },
    bias,
    format: perTensor('int32', alike ? steps[0]! : scales[0]!, 0),
    clamp: INTEGER_RANGE.int32,
  });
  return alike ? made : dequantizedBy(site, made, steps);
}

/** The real values of accumulators with a scale a channel, which lies innermost. */
export function dequantizedBy(site: Site, x: Activation, scales: Float32Array): Activation {
  const { shape } = site.lowering.tensor(x.id);
  const inputs = [x.id, constant(site, 'scales', [scales.length], scales)];
  return { ...x, id: site.emit('DEQUANTIZE', {}, inputs, { shape, format: plain('float32') }), coded: null };
}

/** The bias in steps of input scale times filter scale; null where there is none. */
function biasOf(site: Site, sum: Sum, filter: Filter): TensorId | null {
  const { type, scales } = site.lowering.tensor(sum.x.id).format;
  return biasInSteps(site, sum, filter, scales[0]!, type === 'int16');
}

/** The bias in steps of `unit` times filter scale; null where there is none. @param wide in int64 */
export function biasInSteps(
  site: Site,
  { rows, bias }: Sum,
  { scales }: Filter,
  unit: number,
  wide: boolean,
): TensorId | null {
  if (!bias || bias.every((value) => value === 0)) return null;
  const steps = Array.from(bias, (value, c) =>
    roundHalfEven(value / (unit * scales[scales.length === 1 ? 0 : c]!)),
  );
  const { max } = INTEGER_RANGE.int32;
  if (!wide && steps.some((step) => !(Math.abs(step) <= max))) {
    site.fail(
      'BL107',
      `has a bias beyond 2^31 steps of input scale times filter scale`,
      'Quantize the model again; scales of filters may not be so small',
    );
  }
  return site.lowering.add({
    name: `${shortName(site.node.outputs[0] ?? '')} bias`,
    shape: [rows.channels],
    format: plain(wide ? 'int64' : 'int32'),
    data: wide ? BigInt64Array.from(steps, BigInt) : Int32Array.from(steps),
  });
}

/** A constant of the node at hand. */
export function constant(
  site: Site,
  what: string,
  shape: readonly number[],
  data: Int32Array | Float32Array,
): TensorId {
  const type = data instanceof Int32Array ? 'int32' : 'float32';
  const name = `${site.node.outputs[0] ?? ''} ${what}`;
  return site.lowering.add({ name, shape, format: plain(type), data });
}

/** The filter as a constant of the graph. `shape` has the channels at `axis`; `indices` brings rows into its order. */
export function filterTensor(
  site: Site,
  filter: Filter,
  shape: readonly number[],
  axis: number,
  indices?: Int32Array,
): TensorId {
  const { values } = filter;
  const data = indices ? picked(values, indices) : values;
  const name = `${shortName(site.node.outputs[0] ?? '')} filter`;
  return site.lowering.add({ name, shape, format: filterFormat(filter, axis), data });
}
