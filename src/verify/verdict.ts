import type { SelfTest } from '../../codegen/c/kits/selftest.js';
import { tracedLayers } from '../../codegen/layers.js';
import { tensorAt } from '../graph/graph.js';
import { fromMemory } from '../graph/packed.js';
import type { Tensor } from '../graph/tensor.js';
import type { Plan } from '../plan/plan.js';
import type { Observation } from './job.js';
import type { Dump } from './protocol.js';

/** What a verification found. Plain data: `verify --json` prints it. */
export interface Verdict {
  readonly model: string;
  readonly board: string;
  /** What stood for the board: `QEMU mps2-an386`, `rp2040js`, `Node v20.1.0`, `host C compiler`. */
  readonly runner: string;
  /** Every byte of every output, and of every layer where layers were observed. */
  readonly equal: boolean;
  /** Number of inferences. */
  readonly vectors: number;
  /** Frames from one output of a stream to the next, which are what an inference takes once the first window is there; null of models on whole inputs. */
  readonly framesPerOutput: number | null;
  /** Executed instructions of the longest inference; null where the runner cannot count. */
  readonly instructions: number | null;
  /** Where several processors ran it: of each the executed instructions of the longest inference. Other figures are the last one's. */
  readonly processors: readonly { readonly processor: string; readonly instructions: number | null }[];
  /** Modelled cycles of the longest inference; null where the runner models none. */
  readonly cycles: number | null;
  readonly macs: number;
  readonly arenaBytes: number;
  /** Up to which byte of the arena something was written; null where layers were not observed, or not by firmware. */
  readonly touchedBytes: number | null;
  /** Whether nothing was written directly beside the arena; null as above. */
  readonly guarded: boolean | null;
  /** Deepest stack of an inference, painted and measured; null where the runner cannot. */
  readonly stackBytes: number | null;
  /** The model's own functions, from the linked image. */
  readonly codeBytes: number | null;
  /** The model's weights and tables, from the linked image where there is one. */
  readonly constantBytes: number;
  /** The linked image without its test vectors; for WASM the module. */
  readonly imageBytes: number | null;
  /** Every step in order; empty where layers were not observed. */
  readonly layers: readonly LayerVerdict[];
  readonly firstDifference: Difference | null;
  /** The build, where it was kept. */
  readonly folder: string | null;
}

export interface LayerVerdict {
  /** Name of the step in the generated code. */
  readonly name: string;
  readonly operator: string;
  readonly equal: boolean;
  /** Of its longest run. */
  readonly instructions: number | null;
  readonly macs: number;
}

export interface Difference {
  /** Number of the inference, from 0. */
  readonly vector: number;
  /** Name of the step; null where every layer is right or unknown and an output differs from the imported model's. */
  readonly layer: string | null;
  readonly tensor: string;
  /** Index of the element, row-major. */
  readonly index: number;
  readonly expected: number;
  readonly actual: number;
}

/** The verdict's layers, from the observations of a traced run. */
export function layerVerdicts(plan: Plan, observation: Observation): readonly LayerVerdict[] {
  const traced = tracedLayers(plan);
  return plan.steps.map((step) => {
    const seen = observation.layers.filter(({ layer }) => traced[layer]?.step === step);
    return {
      name: step.name,
      operator: step.node.source.operator,
      equal: seen.every(({ equal }) => equal),
      instructions: greatest(seen.map(({ instructions }) => instructions)),
      macs: step.cost.macs,
    };
  });
}

/** The first element that differs, in the order of execution: layers come before outputs. */
export function firstDifference(plan: Plan, selfTest: SelfTest, dumps: readonly Dump[]): Difference | null {
  const layers = tracedLayers(plan);
  const order = ({ run, what, index }: Dump) => [run, what === 'layer' ? 0 : 1, index] as const;
  const first = [...dumps].sort((a, b) => compare(order(a), order(b)))[0];
  if (!first) return null;
  const golden = selfTest[first.run]!;
  if (first.what === 'layer') {
    const { step, port } = layers[first.index]!;
    return difference(first, golden.layers[first.index]!, port.tensor, step.name);
  }
  const tensor = tensorAt(plan.graph, plan.graph.outputs[first.index]);
  return difference(first, golden.outputs[first.index]!, tensor, null);
}

function difference(dump: Dump, expected: Uint8Array, tensor: Tensor, layer: string | null): Difference {
  const [wanted, seen] = [fromMemory(tensor, expected), fromMemory(tensor, dump.data)];
  const index = wanted.findIndex((value, i) => !Object.is(value, seen[i]));
  return {
    vector: dump.run,
    layer,
    tensor: tensor.name,
    index,
    expected: Number(wanted[index]),
    actual: Number(seen[index]),
  };
}

/** The greatest of the counts that are known, or null. */
export function greatest(counts: readonly (number | null)[]): number | null {
  return counts.reduce(
    (best, count) => (best === null || (count !== null && count > best) ? count : best),
    null,
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
