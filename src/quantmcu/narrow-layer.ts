/** A layer with weights between maps of fewer bits. */
import { inputOf, requireInput, tensorAt } from '../graph/graph.js';
import type { Node, Weighted } from '../graph/ops.js';
import { scaleOf, type TensorId } from '../graph/tensor.js';
import { addTensor, type Codes, clampOf, codesOf, type Narrowing } from './narrow-codes.js';
import { type LayerWeights, weightedSums, weightsOf } from './weights.js';

/**
 * The node with the output's codes as its map's format says, and weights that take the input's. Weights are rounded anew only where
 * input channels have steps of their own and an output channel reads several.
 */
export function narrowLayer(work: Narrowing, node: Weighted): Node {
  const { graph, shifts } = work;
  const weights = weightsOf(graph, node);
  const [x, y] = [codesOf(work, node.inputs[0]!), codesOf(work, node.outputs[0]!)];
  const inputScale = scaleOf(work.tensors[node.inputs[0]!]!);
  const outputScale = scaleOf(work.tensors[node.outputs[0]!]!);
  const { data, scales } = withoutIdle(
    weights,
    rescaled(weights, requireInput(graph, node, 1), x),
    (c) => (outputScale * y.step(c)) / inputScale,
  );
  const stepOf = (c: number) => inputScale * scales[c]!;
  const bias = inputOf(graph, node, 2);
  const oldScale = (c: number) => {
    const all = requireInput(graph, node, 1).format.scales;
    return scaleOf(requireInput(graph, node, 0)) * all[all.length > 1 ? c : 0]!;
  };
  const constant = weightedSums(weights, x.low);
  const shift = shifts[tensorAt(graph, node.outputs[0]).name];
  const sums = Int32Array.from({ length: weights.outputs }, (_, c) => {
    const real = Number(bias?.data?.[c] ?? 0) * oldScale(c) + constant[c]! - (shift?.[c] ?? 0) - y.low(c);
    // Of a bias beyond this, no input brings the output's code back into its range.
    const beyond = largestSum(weights, data, c) + (ALL_CODES * outputScale * y.step(c)) / stepOf(c);
    return Math.round(Math.min(beyond, Math.max(-beyond, real / stepOf(c))));
  });
  const outputName = tensorAt(graph, node.outputs[0]).name;
  const axis = node.kind === 'DEPTHWISE_CONV_2D' ? 3 : 0;
  const outputScales = scales.map((scale, c) => Math.fround(scale / y.step(c)));
  const filter = addTensor(work, {
    ...requireInput(graph, node, 1),
    format: { type: 'int8', scales: outputScales, zeroPoints: outputScales.map(() => 0), axis },
    data,
  });
  const biasScales = outputScales.map((scale) => Math.fround(inputScale * scale));
  const added = addTensor(work, {
    name: bias?.name ?? `${outputName}/bias`,
    shape: [weights.outputs],
    format: { type: 'int32', scales: biasScales, zeroPoints: biasScales.map(() => 0), axis: 0 },
    data: sums,
  });
  const attributes = { ...node.attributes, clamp: clampOf(work, node.outputs[0]!, node.attributes.clamp) };
  return { ...node, attributes, inputs: [node.inputs[0]!, filter, added] as readonly TensorId[] } as Node;
}

/** More than the distance of any two codes of 8 bits. */
const ALL_CODES = 512;

/** The largest magnitude of an output channel's sum. */
function largestSum({ taps, at }: LayerWeights, data: Int8Array, c: number): number {
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) sum += 255 * Math.abs(data[at(c, tap)]!);
  return sum;
}

interface Rescaled {
  readonly data: Int8Array;
  readonly scales: readonly number[];
}

/** Shares of an output's step: what weights that change nothing add up to at most, and the steps of a bias alone. */
const IDLE = { most: 1 / 8, bias: 1 / 1024 };

/**
 * The same without the weights of channels that training has switched off, whose output is that of the bias whatever the input is: next
 * to weights so small that bias would leave the range of fast kernels.
 * @param step of the output, in steps of the input, by channel
 */
function withoutIdle(
  weights: LayerWeights,
  { data, scales }: Rescaled,
  step: (channel: number) => number,
): Rescaled {
  const idle = scales.map((scale, c) => largestSum(weights, data, c) * scale < IDLE.most * step(c));
  const kept = data.slice();
  for (const c of idle.keys()) {
    for (let tap = 0; idle[c] && tap < weights.taps; tap++) kept[weights.at(c, tap)] = 0;
  }
  return { data: kept, scales: scales.map((scale, c) => (idle[c] ? IDLE.bias * step(c) : scale)) };
}

/** Weights that count steps of the input's channels, and their scale by output channel. */
function rescaled(
  weights: LayerWeights,
  filter: {
    readonly data: ArrayLike<number | bigint> | null;
    readonly format: { readonly scales: readonly number[] };
  },
  x: Codes,
): Rescaled {
  const data = Int8Array.from(filter.data as ArrayLike<number>);
  const { scales: before } = filter.format;
  const scales = Array.from({ length: weights.outputs }, (_, c) => {
    const own = before[before.length > 1 ? c : 0]!;
    const step = (tap: number) => x.step(weights.inputOf(c, tap));
    let [same, largest] = [true, 0];
    for (let tap = 0; tap < weights.taps; tap++) {
      same &&= step(tap) === step(0);
      largest = Math.max(largest, Math.abs(weights.real(c, tap) * step(tap)));
    }
    if (same || largest === 0) return own * step(0);
    const scale = largest / 127;
    for (let tap = 0; tap < weights.taps; tap++)
      data[weights.at(c, tap)] = Math.round((weights.real(c, tap) * step(tap)) / scale);
    return scale;
  });
  return { data, scales };
}
