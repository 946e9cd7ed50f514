import type { SelfTest } from '../../codegen/c/kits/selftest.js';
import { tracedLayers } from '../../codegen/layers.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import { toMemory } from '../graph/packed.js';
import type { TensorId, TypedArray } from '../graph/tensor.js';
import { evaluate, initialState } from '../oracle/index.js';
import type { Plan } from '../plan/plan.js';

/** Input tensors of one inference, in the order of the graph's inputs. */
export type InputVector = readonly TypedArray[];

/**
 * What the oracle says about some inferences that follow each other: outputs by the graph as imported, so that
 * passes are judged too; layers by the planned graph, whose tensors they are.
 * @throws BitloomError BL503 if an input does not match the model
 */
export function selfTestOf(source: Graph, plan: Plan, vectors: readonly InputVector[]): SelfTest {
  const layers = tracedLayers(plan);
  const sourceState = initialState(source);
  const planState = initialState(plan.graph);
  return vectors.map((inputs) => {
    // Copied at once: states change in place with the next run.
    const wanted = evaluate(source, inputs, sourceState);
    const outputs = source.outputs.map((id) => memoryOf(source, id, wanted[id]!));
    const planned = evaluate(plan.graph, inputs, planState);
    return {
      inputs: inputs.map((data, i) => memoryOf(source, source.inputs[i]!, data)),
      outputs,
      layers: layers.map(({ tensor }) => memoryOf(plan.graph, tensor, planned[tensor]!)),
    };
  });
}

/** A copy of a tensor's contents as they lie in memory. */
function memoryOf(graph: Graph, id: TensorId, data: TypedArray): Uint8Array {
  return toMemory(tensorAt(graph, id), data).slice();
}
