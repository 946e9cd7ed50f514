import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import { elementCount, scaleOf, type Tensor, zeroPointOf } from '../../graph/tensor.js';
import { clamp, multiplyByQuantizedMultiplier } from '../../numerics/fixed-point.js';
import type { Multiplier } from '../../numerics/requantize.js';
import { addParameters, type SumParameters, subParameters } from '../../numerics/scales.js';
import type { Kernel, KernelCall } from '../kernel.js';
import { hasTypes, inputArgument, outputArgument, perTensorScales } from '../operands.js';
import { type AffineSum, findAffineSum } from './affine_sum.js';
import { broadcastOverlap, broadcastShape, broadcasts } from './broadcast.js';

type Sum = NodeOf<'ADD'> | NodeOf<'SUB'>;

function isSum(node: Node): node is Sum {
  return (node.kind === 'ADD' && (node.inputs[3] ?? null) === null) || node.kind === 'SUB';
}

function tensorsOf(graph: Graph, node: Sum) {
  return [requireInput(graph, node, 0), requireInput(graph, node, 1), outputOf(graph, node)] as const;
}

function signOf(node: Sum): 1 | -1 {
  return node.kind === 'ADD' ? 1 : -1;
}

function parametersOf(graph: Graph, node: Sum): SumParameters {
  const [a, b, y] = tensorsOf(graph, node);
  const type = y.format.type === 'int16' ? 'int16' : 'int8';
  const of = node.kind === 'ADD' ? addParameters : subParameters;
  return of(scaleOf(a), scaleOf(b), scaleOf(y), type);
}

/** Types, scales and shapes that some kernel can take; real multipliers above 1 are outside of the reference. */
function isScaledSum(graph: Graph, node: Sum, type: 'int8' | 'int16'): boolean {
  const tensors = tensorsOf(graph, node);
  if (!hasTypes(graph, node, type, type, type) || !perTensorScales(...tensors)) return false;
  const { input1, input2, output } = parametersOf(graph, node);
  return broadcasts(...tensors) && [input1, input2, output].every(({ shift }) => shift <= 0);
}

/** The shortest exact formula of an int8 sum, null where none was found. */
function affineSumOf(graph: Graph, node: Sum): AffineSum | null {
  const [a, b, y] = tensorsOf(graph, node);
  const { leftShift, input1, input2, output } = parametersOf(graph, node);
  const sign = signOf(node);
  const { min, max } = node.attributes.clamp;
  const scaled = (operand: Tensor, multiplier: Multiplier) =>
    Array.from({ length: 256 }, (_, i) =>
      multiplyByQuantizedMultiplier((i - 128 - zeroPointOf(operand)) << leftShift, multiplier),
    );
  const [scaledA, scaledB] = [scaled(a, input1), scaled(b, input2)];
  const expected = Int8Array.from({ length: 65536 }, (_, i) => {
    const sum = scaledA[i >> 8]! + sign * scaledB[i & 255]!;
    return clamp(multiplyByQuantizedMultiplier(sum, output) + zeroPointOf(y), min, max);
  });
  const slope = (operand: Tensor) => scaleOf(operand) / scaleOf(y);
  return findAffineSum(expected, slope(a), sign * slope(b), node.attributes.clamp);
}

/** What both kinds of kernel share. */
function sumCall(graph: Graph, node: Sum): Omit<KernelCall, 'kernel' | 'scalars' | 'instructions'> {
  const [a, b, y] = tensorsOf(graph, node);
  return {
    outputs: [outputArgument(node)],
    inputs: [inputArgument(node, 'a', 0), inputArgument(node, 'b', 1)],
    scratchBytes: 0,
    constants: [],
    shape: broadcastShape(a, b, y),
    overlap: broadcastOverlap([a, b], y),
    macs: 0,
  };
}

/** The form that is proved over all pairs of codes, as kernels take it. */
function affineCall(graph: Graph, node: Sum) {
  const { slopeA, slopeB, offset, shift } = affineSumOf(graph, node)!;
  const { min, max } = node.attributes.clamp;
  return {
    scalars: { slope_a: slopeA, slope_b: slopeB, offset },
    clamped: { shift, act_min: min, act_max: max },
  };
}

/** Four elements at a time on Helium, where neither operand is broadcast. */
const addS8Mve: Kernel = {
  id: 'add_s8_mve',
  source: 'add_mve',
  codeBytes: 100,
  ops: ['ADD', 'SUB'],
  accepts(graph, node, target) {
    if (target.isa !== 'armv8.1-m.main+mve' || !isSum(node) || !isScaledSum(graph, node, 'int8'))
      return false;
    const sizes = tensorsOf(graph, node).map(({ shape }) => elementCount(shape));
    return sizes.every((size) => size === sizes[2]) && affineSumOf(graph, node) !== null;
  },
  lower(graph, node) {
    if (!isSum(node)) throw new Error(`${this.id} cannot compute ${node.kind}`);
    const { scalars, clamped } = affineCall(graph, node);
    const elements = elementCount(outputOf(graph, node).shape);
    return {
      ...sumCall(graph, node),
      kernel: this.id,
      scalars,
      shape: { elements, ...clamped },
      instructions: Math.round(30 + 2.5 * elements),
    };
  },
};

/** int8 in the form that is proved over all pairs of codes. */
const addS8: Kernel = {
  id: 'add_s8',
  source: 'add',
  codeBytes: 64,
  ops: ['ADD', 'SUB'],
  accepts: (graph, node) =>
    isSum(node) && isScaledSum(graph, node, 'int8') && affineSumOf(graph, node) !== null,
  lower(graph, node) {
    if (!isSum(node)) throw new Error(`add_s8 cannot compute ${node.kind}`);
    const { scalars, clamped } = affineCall(graph, node);
    const call = sumCall(graph, node);
    return {
      ...call,
      kernel: 'add_s8',
      scalars,
      shape: { ...call.shape, ...clamped },
      instructions: 20 + 9 * elementCount(outputOf(graph, node).shape),
    };
  },
};

/** The reference's pipeline for int16, and for int8 where no shorter form was found. */
function addScaled(type: 'int8' | 'int16'): Kernel {
  const id = type === 'int8' ? 'add_scaled_s8' : 'add_scaled_s16';
  return {
    id,
    source: 'add',
    codeBytes: 150,
    ops: ['ADD', 'SUB'],
    accepts: (graph, node) => isSum(node) && isScaledSum(graph, node, type),
    lower(graph, node) {
      if (!isSum(node)) throw new Error(`${id} cannot compute ${node.kind}`);
      const [a, b, y] = tensorsOf(graph, node);
      const { input1, input2, output } = parametersOf(graph, node);
      const { min, max } = node.attributes.clamp;
      const call = sumCall(graph, node);
      return {
        ...call,
        kernel: id,
        scalars: {
          zero_point_a: zeroPointOf(a),
          multiplier_a: input1.multiplier,
          zero_point_b: zeroPointOf(b),
          multiplier_b: input2.multiplier,
          zero_point: zeroPointOf(y),
          multiplier: output.multiplier,
        },
        shape: {
          ...call.shape,
          shift_a: input1.shift,
          shift_b: input2.shift,
          sign: signOf(node),
          shift: output.shift,
          act_min: min,
          act_max: max,
        },
        instructions: 30 + 38 * elementCount(y.shape),
      };
    },
  };
}

export const addKernels: readonly Kernel[] = [addS8Mve, addS8, addScaled('int8'), addScaled('int16')];
