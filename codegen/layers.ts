import type { TensorId } from '../src/graph/tensor.js';
import type { Plan, Step } from '../src/plan/plan.js';
import { type Port, stepOutputs } from './ports.js';
import { stageAt } from './stages.js';

/** A tensor that a step has written: what a trace shows, in the order in which it shows them. */
export interface TracedLayer {
  readonly step: Step;
  readonly port: Port;
  readonly tensor: TensorId;
  /** False where a later step of the same node writes the rest of the tensor. */
  readonly whole: boolean;
}

export function tracedLayers(plan: Plan): readonly TracedLayer[] {
  return plan.steps
    .filter((_, i) => isTraced(plan, i))
    .flatMap((step) =>
      stepOutputs(plan, step).map((port, i) => ({
        step,
        port,
        tensor: step.call.outputs[i]!.tensor,
        whole: step.completes,
      })),
    );
}

/** Whether the outputs of step `index` are whole when it ends: within a stage only those of the last layer are ever whole, when the stage ends. */
export function isTraced(plan: Plan, index: number): boolean {
  const stage = stageAt(plan, index);
  return !stage || index === stage.last;
}
