import type { SelfTest } from '../../codegen/c/kits/selftest.js';
import { streamOf } from '../../codegen/feed.js';
import { tracedLayers } from '../../codegen/layers.js';
import { BitloomError } from '../graph/diagnostics.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import { toMemory } from '../graph/packed.js';
import { allocate, elementCount, type TensorId, type TypedArray } from '../graph/tensor.js';
import { evaluate, initialState } from '../oracle/index.js';
import type { Plan, Stream } from '../plan/plan.js';

/** Input tensors of one inference, in the order of the graph's inputs. */
export type InputVector = readonly TypedArray[];

/**
 * What the oracle says about some inferences that follow each other: outputs by the graph as imported, so that
 * passes are judged too; layers by the planned graph, whose tensors they are.
 * Of a stream the inputs follow each other frame by frame, and each window of frames is an inference.
 * @param source what outputs are to equal: of a stream, on a window
 * @throws BitloomError BL503 if an input does not match the model
 */
export function selfTestOf(source: Graph, plan: Plan, vectors: readonly InputVector[]): SelfTest {
  const stream = streamOf(plan);
  const runs = stream
    ? windowsOf(plan, stream, vectors)
    : vectors.map((inputs) => ({ inputs, given: inputs }));
  const layers = tracedLayers(plan);
  const sourceState = initialState(source);
  const planState = initialState(plan.graph);
  return runs.map(({ inputs, given }) => {
    // Copied at once: states change in place with the next run.
    const wanted = evaluate(source, inputs, sourceState);
    const outputs = source.outputs.map((id) => memoryOf(source, id, wanted[id]!));
    const planned = evaluate(plan.graph, inputs, planState);
    return {
      inputs: given.map((data, i) => memoryOf(source, source.inputs[i]!, data)),
      outputs,
      layers: layers.map(({ tensor }) => memoryOf(plan.graph, tensor, planned[tensor]!)),
    };
  });
}

/** What a model on a stream takes for an inference, and of that what is new: all of the first window, and the last frames of others. */
function windowsOf(
  plan: Plan,
  { window, stride }: Stream,
  vectors: readonly InputVector[],
): readonly { readonly inputs: InputVector; readonly given: InputVector }[] {
  const { shape, format } = tensorAt(plan.graph, plan.graph.inputs[0]);
  const frameLength = elementCount(shape) / window;
  const frames = vectors.map(([data]) => data!);
  const all = allocate(
    format.type,
    frames.reduce((sum, { length }) => sum + length, 0),
  );
  let end = 0;
  for (const data of frames) {
    all.set(data as never, end);
    end += data.length;
  }
  const count = Math.floor((end / frameLength - window) / stride) + 1;
  if (count < 1)
    throw new BitloomError(
      'BL503',
      `${end / frameLength} frames are given, and the first output is made of ${window}`,
      'Give more frames',
    );
  return Array.from({ length: count }, (_, i) => {
    const [first, last] = [i * stride * frameLength, (i * stride + window) * frameLength];
    const fresh = i === 0 ? first : last - stride * frameLength;
    return { inputs: [all.slice(first, last)], given: [all.slice(fresh, last)] };
  });
}

/** A copy of a tensor's contents as they lie in memory. */
function memoryOf(graph: Graph, id: TensorId, data: TypedArray): Uint8Array {
  return toMemory(tensorAt(graph, id), data).slice();
}
