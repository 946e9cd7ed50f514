/** A network as WASM in this process, every tensor of which can be read: the oracle's answers, sooner. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tracedLayers } from '../../codegen/layers.js';
import { emitWasm } from '../../codegen/wasm/index.js';
import { tensorAt } from '../graph/graph.js';
import { fromMemory, toMemory } from '../graph/packed.js';
import { type TensorId, type TypedArray, toBytes } from '../graph/tensor.js';
import type { Plan } from '../plan/plan.js';
import { writeFiles } from './firmware.js';
import { importModule } from './node.js';

/** Runs a network once; contents of what its layers write, by tensor. */
export type Evaluator = (inputs: readonly TypedArray[]) => ReadonlyMap<TensorId, TypedArray>;

/** @param plan for the board `web`, without stages */
export async function evaluatorOf(plan: Plan): Promise<Evaluator> {
  const { graph } = plan;
  const folder = mkdtempSync(join(tmpdir(), `bitloom-${plan.prefix}-`));
  try {
    writeFiles(folder, await emitWasm(plan, { trace: true }));
    const model = await (await importModule(folder, plan.prefix)).load();
    const layers = tracedLayers(plan);
    return (inputs) => {
      for (const [i, data] of inputs.entries())
        toBytes(model.inputs[i]!).set(toMemory(tensorAt(graph, graph.inputs[i]), data));
      const contents = new Map<TensorId, TypedArray>();
      let layer = 0;
      for (let step = 0; step < plan.steps.length; step++) {
        for (const view of model.runStep(step)) {
          const { tensor } = layers[layer++]!;
          contents.set(tensor, fromMemory(tensorAt(graph, tensor), toBytes(view)));
        }
      }
      return contents;
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
