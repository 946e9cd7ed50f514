import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import { sameLayout } from '../../graph/packed.js';
import { byteLength, type TensorId } from '../../graph/tensor.js';
import type { KernelCall } from '../../kernels/kernel.js';
import type { KeptRows } from '../plan.js';

/** A piece of the arena: tensors that share memory; without tensors the scratch of a step, or what repeated steps keep. */
export interface Buffer {
  readonly tensors: readonly TensorId[];
  readonly bytes: number;
  /** First and last step at which the bytes matter. Graph inputs and states begin at -1, outputs and states end at `calls.length`. */
  readonly first: number;
  readonly last: number;
  /** Set where the bytes are rows that a window keeps between rounds: while it has them itself, they do not matter. */
  readonly kept?: KeptRows;
}

/** Whether the bytes matter at a step. */
export function isLive({ first, last, kept }: Omit<Buffer, 'tensors'>, step: number): boolean {
  const isAway = kept !== undefined && kept.first <= step && step <= kept.last;
  return first <= step && step <= last && !isAway;
}

interface Draft {
  tensors: TensorId[];
  bytes: number;
  first: number;
  last: number;
}

export interface Buffers {
  readonly list: readonly Buffer[];
  readonly ofTensor: ReadonlyMap<TensorId, number>;
  /** Per step: index of its scratch buffer, or null. */
  readonly ofScratch: readonly (number | null)[];
  /** Index of the buffer that repeated runs keep, or null. */
  readonly kept: number | null;
  /** Index of the buffer of what a window keeps between rounds. */
  readonly keptRows: ReadonlyMap<TensorId, number>;
}

/** A run of steps that repeats: what any of them touches is live in all of them, unless it passes through. Tensors have fewer bytes where they are rings. */
export interface Repeated {
  readonly first: number;
  readonly last: number;
  /** The steps of each node, which may repeat themselves. */
  readonly layers: readonly { readonly first: number; readonly last: number }[];
  readonly bytes: ReadonlyMap<TensorId, number>;
  /** What is made and read to its end in each round. */
  readonly passing: ReadonlySet<TensorId>;
  /** What all of them read, and by how many bytes the output of the last must start below it (`KernelCall.overlap`); null: apart. */
  readonly input: TensorId;
  readonly overlap: number | null;
  /** Whether the caller brings `input` piece by piece, so that of the graph's inputs only this is in memory. */
  readonly fed: boolean;
  /** Of a buffer that outlives the run, the same one for all runs. */
  readonly keptBytes: number;
  /** Rows that windows among its tensors keep between runs, and the steps at which they are in these instead. */
  readonly keptRows: readonly (KeptRows & { readonly bytes: number })[];
  /** Whether the run goes on with the next frames of its input: all that does not pass through outlives it, too, but its output. */
  readonly endless: boolean;
}

/**
 * What must be placed in the arena and when it is live.
 * @param calls the steps' kernel calls, in order
 * @param repeated runs of steps, in order
 * @param apart steps whose output is a buffer of its own even if it may take exactly its input's place
 */
export function findBuffers(
  graph: Graph,
  calls: readonly KernelCall[],
  repeated: readonly Repeated[] = [],
  apart: ReadonlySet<number> = new Set(),
): Buffers {
  const root = new Map<TensorId, TensorId>();
  for (const node of graph.nodes) {
    if (!isAlias(graph, node)) continue;
    const input = node.inputs[0]!;
    root.set(node.outputs[0]!, root.get(input) ?? input);
  }

  const drafts = new Map<TensorId, Draft>();
  const touch = (id: TensorId, step: number) => {
    const tensor = tensorAt(graph, id);
    if (tensor.data !== null) return;
    const key = root.get(id) ?? id;
    const draft = drafts.get(key);
    if (!draft) {
      const run = repeated.find(({ bytes }) => bytes.has(id));
      drafts.set(key, {
        tensors: [id],
        bytes: run?.bytes.get(id) ?? byteLength(tensor),
        first: step,
        last: step,
      });
      return;
    }
    if (!draft.tensors.includes(id)) draft.tensors.push(id);
    draft.first = Math.min(draft.first, step);
    draft.last = Math.max(draft.last, step);
  };

  const end = calls.length;
  const runOf = (step: number) => repeated.find(({ first, last }) => first <= step && step <= last);
  const fed = repeated.filter((run) => run.fed);
  if (fed.length === 0) for (const id of graph.inputs) touch(id, -1);
  // It is there before the first layer runs, whichever reads it.
  for (const { input, first } of fed) touch(input, first);
  calls.forEach((call, step) => {
    const run = runOf(step);
    const layer = run?.layers.find(({ first, last }) => first <= step && step <= last);
    for (const { tensor } of [...call.outputs, ...call.inputs]) {
      const span = run?.passing.has(tensor) ? layer : run;
      touch(tensor, span?.first ?? step);
      touch(tensor, span?.last ?? step);
      const isKept = run?.endless && span === run && tensor !== calls[run.last]!.outputs[0]!.tensor;
      if (isKept || tensorAt(graph, tensor).state) [-1, end].forEach((moment) => void touch(tensor, moment));
    }
  });
  for (const id of graph.outputs) {
    // Frames that come behind those of an output leave it there.
    if (repeated.some(({ endless }) => endless)) touch(id, -1);
    touch(id, end);
  }
  for (const [alias, key] of root) {
    const draft = drafts.get(key);
    if (draft && !draft.tensors.includes(alias)) draft.tensors.push(alias);
  }

  mergeInPlace(calls, drafts, root, apart);
  const list: Buffer[] = [...new Set(drafts.values())];
  const ofTensor = new Map(list.flatMap(({ tensors }, index) => tensors.map((id) => [id, index] as const)));
  const ofScratch = calls.map(({ scratchBytes, accumulates }, step) => {
    if (scratchBytes === 0) return null;
    const run = accumulates ? runOf(step) : undefined;
    const { first, last } = run?.endless ? { first: -1, last: end } : (run ?? { first: step, last: step });
    return list.push({ tensors: [], bytes: scratchBytes, first, last }) - 1;
  });
  const keptBytes = Math.max(0, ...repeated.map((run) => run.keptBytes));
  const kept = keptBytes > 0 ? list.push({ tensors: [], bytes: keptBytes, first: -1, last: end }) - 1 : null;
  const keptRows = repeated.flatMap((run) =>
    run.keptRows.map(({ bytes, ...rows }): [TensorId, number] => {
      const { first, last } = run.endless ? { first: -1, last: end } : run;
      return [rows.image, list.push({ tensors: [], bytes, first, last, kept: rows }) - 1];
    }),
  );
  return { list, ofTensor, ofScratch, kept, keptRows: new Map(keptRows) };
}

/**
 * Whether the node's output is the memory of its input. A constant is not in the arena: its RESHAPE is a copy. So is one of packed
 * elements whose rows end elsewhere.
 */
export function isAlias(graph: Graph, node: Node): boolean {
  if (node.kind !== 'RESHAPE') return false;
  const input = tensorAt(graph, node.inputs[0]);
  return input.data === null && sameLayout(input, tensorAt(graph, node.outputs[0]));
}

/** Makes one buffer of an output and the input whose exact place it may take, where the input dies in that step. */
function mergeInPlace(
  calls: readonly KernelCall[],
  drafts: Map<TensorId, Draft>,
  root: ReadonlyMap<TensorId, TensorId>,
  apart: ReadonlySet<number>,
): void {
  calls.forEach(({ inputs, outputs, overlap }, step) => {
    const draftOf = (id: TensorId) => drafts.get(root.get(id) ?? id);
    const output = outputs.length === 1 ? draftOf(outputs[0]!.tensor) : undefined;
    if (output?.first !== step || apart.has(step)) return;
    const at = overlap.indexOf('exact');
    const input = at < 0 ? undefined : draftOf(inputs[at]!.tensor);
    const readOnce = inputs.every(({ tensor }, i) => i === at || draftOf(tensor) !== input);
    if (input?.last !== step || input.bytes !== output.bytes || !readOnce) return;
    input.tensors.push(...output.tensors);
    input.last = output.last;
    for (const id of output.tensors) drafts.set(id, input);
  });
}
