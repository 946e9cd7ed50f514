/** ADD between maps of fewer bits. */
import type { Node } from '../graph/ops.js';
import { perTensor, scaleOf, zeroPointOf } from '../graph/tensor.js';
import { addTensor, clampOf, codesOf, type Narrowing } from './narrow-codes.js';

/** The largest weight of an operand of a sum: enough for 4 digits, far from an overflow. */
const LARGEST_WEIGHT = 1 << 14;

/** Thresholds beyond all sums of two codes, whose magnitude is below 2 * 255 * LARGEST_WEIGHT. */
const OUT_OF_REACH = 1 << 24;

/** ADD as a sum of weighted codes that ends by thresholds, which lie halfway between the real values of the output's codes. */
export function narrowSum(work: Narrowing, node: Node): Node {
  if (node.kind !== 'ADD') throw new Error(`${node.kind} adds nothing`);
  const [aId, bId] = [node.inputs[0]!, node.inputs[1]!];
  const yId = node.outputs[0]!;
  const [a, b, y] = [codesOf(work, aId), codesOf(work, bId), codesOf(work, yId)];
  const [aScale, bScale] = [aId, bId].map((id) => scaleOf(work.tensors[id]!)) as [number, number];
  const output = work.tensors[yId]!;
  const clamp = clampOf(work, yId, node.attributes.clamp);
  const byChannel = [aId, bId, yId].some((id) => (work.chosen.get(id)?.scales.length ?? 1) > 1);
  const channels = byChannel ? output.shape.at(-1)! : 1;
  const weights = new Int16Array(2 * channels);
  const count = clamp.max - clamp.min;
  const thresholds = new Int32Array(count * channels);
  for (let c = 0; c < channels; c++) {
    const steps = [aScale * a.step(c), bScale * b.step(c)];
    const unit = LARGEST_WEIGHT / Math.max(...steps);
    weights.set(
      steps.map((step) => Math.round(unit * step)),
      2 * c,
    );
    for (let i = 0; i < count; i++) {
      const code = clamp.min + i + 0.5 - zeroPointOf(output);
      const real = y.low(c) + scaleOf(output) * y.step(c) * code - a.low(c) - b.low(c);
      thresholds[c * count + i] = Math.max(-OUT_OF_REACH, Math.min(OUT_OF_REACH, Math.ceil(unit * real)));
    }
  }
  const filter = addTensor(work, {
    name: `${output.name}/weights`,
    shape: [channels, 2],
    format: perTensor('int16', 1 / LARGEST_WEIGHT, 0),
    data: weights,
  });
  const ends = addTensor(work, {
    name: `${output.name}/thresholds`,
    shape: [channels, count],
    format: perTensor('int32', 1 / LARGEST_WEIGHT, 0),
    data: thresholds,
  });
  return { ...node, attributes: { clamp }, inputs: [aId, bId, filter, ends] };
}
