/** Outputs of both networks in real values. */
import { loadBoard } from '../../boards/index.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import type { TypedArray } from '../graph/tensor.js';
import { evaluatorOf } from '../verify/evaluator.js';
import { planOf } from './allocate/costs.js';
import { codeOf } from './assemble.js';
import { layerOf } from './execute/layer.js';
import type { Matmul } from './execute/matmul.js';
import { walk } from './execute/walk.js';

type Inferences = readonly (readonly Float32Array[])[];

/** The first output of a float network in each inference. */
export async function floatOutputs(
  matmul: Matmul,
  graph: Graph,
  inferences: Inferences,
): Promise<readonly Float32Array[]> {
  const [first] = await walk<Float32Array>(graph, inferences, (node, inputs) => {
    const layer = layerOf(matmul, graph, node);
    return inferences.map((_, i) => layer(inputs.map((input) => input?.[i] ?? null)));
  });
  return first!;
}

/** The same of an int8 network, by the WASM that would be generated for it, in real values. */
export async function quantizedOutputs(
  quantized: Graph,
  inferences: Inferences,
): Promise<readonly Float32Array[]> {
  const plan = planOf(quantized, loadBoard('web'));
  const { graph } = plan;
  const run = await evaluatorOf(plan);
  const id = graph.outputs[0]!;
  return inferences.map((inputs) => realsOf(graph, id, run(codesOf(graph, inputs)).get(id)!));
}

function codesOf(graph: Graph, inputs: readonly Float32Array[]): readonly TypedArray[] {
  return graph.inputs.map((id, i) => {
    const { format } = tensorAt(graph, id);
    return format.type === 'float32'
      ? inputs[i]!
      : Int8Array.from(inputs[i]!, (value) => codeOf(value, format));
  });
}

function realsOf(graph: Graph, id: number, codes: TypedArray): Float32Array {
  const { scales, zeroPoints } = tensorAt(graph, id).format;
  const [scale = 1, zero = 0] = [scales[0], zeroPoints[0]];
  return Float32Array.from(codes as ArrayLike<number>, (code) => (code - zero) * scale);
}
