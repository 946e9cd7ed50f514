import { type Graph, inputOf, outputOf, requireInput } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { elementCount, scaleOf, type TypedArray, zeroPointOf } from '../../graph/tensor.js';
import { reducedMultiplier } from '../../numerics/fixed-point.js';
import { rescaledMultipliers } from '../../numerics/scales.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { proveAccumulators } from '../weights/accumulator-bound.js';

/** Largest magnitude of a product of int32 and int16. */
const MOST_PRODUCT = 2 ** 46;

/** The words behind the multipliers: none, or one or two a channel. */
function biasWords(bias: TypedArray | null): { readonly words: number; readonly data: readonly number[] } {
  if (!bias) return { words: 0, data: [] };
  const values = Array.from(bias, BigInt);
  if (values.every((value) => BigInt.asIntN(32, value) === value))
    return { words: 1, data: values.map(Number) };
  const halves = (value: bigint) => [value, value >> 32n].map((half) => Number(BigInt.asIntN(32, half)));
  return { words: 2, data: values.flatMap(halves) };
}

/** @throws BitloomError BL202 where the sums with their biases need more than 48 bits */
function multipliersOf(graph: Graph, node: Node, bias: TypedArray | null, outputs: number) {
  const [x, factors, scales] = [0, 1, 2].map((i) => requireInput(graph, node, i));
  const multipliers = rescaledMultipliers(
    scaleOf(x!),
    scaleOf(factors!),
    scales!.data as Float32Array,
    scaleOf(outputOf(graph, node)),
  );
  const channels = Array.from({ length: outputs }, (_, c) => c);
  proveAccumulators(
    graph,
    node,
    channels.map((c) => MOST_PRODUCT + Math.abs(Number(bias?.[c] ?? 0))),
    channels.map((c) => multipliers[multipliers.length === 1 ? 0 : c]!),
    64,
  );
  return multipliers;
}

function rescale(type: 'int8' | 'int16'): Kernel {
  const id = type === 'int8' ? 'rescale_s8' : 'rescale_s16';
  return {
    id,
    source: 'rescale',
    codeBytes: 120,
    ops: ['RESCALE'],
    accepts: (graph, node) => outputOf(graph, node).format.type === type,
    lower(graph, node) {
      if (node.kind !== 'RESCALE') throw new Error(`${id} cannot compute ${node.kind}`);
      const y = outputOf(graph, node);
      const outputs = y.shape.at(-1)!;
      const rows = elementCount(y.shape) / outputs;
      const bias = inputOf(graph, node, 3)?.data ?? null;
      const multipliers = multipliersOf(graph, node, bias, outputs);
      const { words, data } = biasWords(bias);
      const scales = multipliers.map(
        ({ multiplier, shift }) => reducedMultiplier(multiplier) + 2 ** 16 * shift,
      );
      const { min, max } = node.attributes.clamp;
      return {
        kernel: id,
        outputs: [outputArgument(node)],
        inputs: [inputArgument(node), inputArgument(node, 'factors', 1)],
        scratchBytes: 0,
        constants: [{ name: 'channels', data: Int32Array.from([...scales, ...data]) }],
        scalars: { output_offset: zeroPointOf(y), act_min: min, act_max: max },
        shape: { rows, outputs, per_channel: scales.length > 1 ? 1 : 0, bias_words: words },
        // Each output is written after its input's last use, and no element is larger.
        overlap: [0, null],
        macs: 0,
        instructions: rows * (20 + 20 * outputs),
      };
    },
  };
}

export const rescaleKernels: readonly Kernel[] = [rescale('int8'), rescale('int16')];
