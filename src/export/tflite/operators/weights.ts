/** Filters and biases of operators that sum up inputs times weights. */
import type { Weighted } from '../../../graph/ops.js';
import { allocate, type ElementType, scaleOf } from '../../../graph/tensor.js';
import type { NodeSite } from '../node-site.js';

type WeightedSite = NodeSite<Weighted['kind'] | 'TRANSPOSE_CONV'>;

/** The file's tensor of input 1, the filter of a sum that ends as TFLite's do: by multiplier, zero point and clamp. */
export function filter(site: WeightedSite): number {
  const { format } = site.inputTensor(1);
  if (site.optionalTensor(3)) {
    site.fail('ends by thresholds, for which TFLite has no operator', 'Give its output 8 or 16 bits');
  }
  if (site.outputTensor.format.type === 'int32') {
    site.fail('makes its int32 sums, which TFLite does not give out', 'Give its output 8 or 16 bits');
  }
  if (format.type === 'int16') {
    site.fail('has weights of int16, which TFLite does not take', 'Give its weights at most 8 bits');
  }
  if (format.zeroPoints.some((zero) => zero !== 0)) {
    site.fail(
      'has weights with a zero point, which TFLite takes to be 0',
      'Quantize the weights symmetrically',
    );
  }
  return site.input(1);
}

/** Of zeros where there is none: as wide as sums without a bias are. */
const BIAS_TYPES: Partial<Record<ElementType, 'int32' | 'int64' | 'float32'>> = {
  int8: 'int32',
  int16: 'int64',
  float32: 'float32',
};

/**
 * The bias as TFLite has it, a vector in steps of input scale times filter scale. Where there is none: zeros, without which LiteRT takes no
 * CONV_2D. They change no sum of float32 either, as none is -0.
 */
export function bias(site: WeightedSite, i: number): number {
  const given = site.optionalTensor(i);
  const [x, { format }] = [site.inputTensor(0), site.inputTensor(1)];
  const { name, shape } = site.outputTensor;
  const channels = shape.at(-1)!;
  const type = given?.format.type ?? BIAS_TYPES[x.format.type] ?? 'int32';
  const steps = {
    type,
    scales: format.scales.map((scale) => Math.fround(scaleOf(x) * scale)),
    zeroPoints: format.scales.map(() => 0),
    axis: format.scales.length > 1 ? 0 : null,
  };
  const data = given?.data ?? allocate(type, channels);
  return site.add({ name: given?.name ?? `${name} bias`, shape: [channels], format: steps, data });
}

/**
 * The 16-bit kernels of these operators take each bias to be of 64 bits, whereas CONV_2D and FULLY_CONNECTED know both: a bias of 32 bits
 * has sums of 32 bits, which are multiplied otherwise.
 */
export function rejectNarrowBias(site: NodeSite<'DEPTHWISE_CONV_2D' | 'TRANSPOSE_CONV'>): void {
  const isNarrow = site.optionalTensor(2)?.format.type === 'int32';
  if (isNarrow && site.inputTensor(0).format.type === 'int16') {
    site.fail(
      'adds an int32 bias to int16 activations, for which TFLite has int64',
      'Widen the bias to int64',
    );
  }
}
