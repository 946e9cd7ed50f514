import type { Plan, Step } from '../src/plan/plan.js';
import { type Port, stepOutputs } from './ports.js';

/** A tensor that a step has written: what a trace shows, in the order in which it shows them. */
export interface TracedLayer {
  readonly step: Step;
  readonly port: Port;
  readonly tensor: number;
  /** False where a later step of the same node writes the rest of the tensor. */
  readonly whole: boolean;
}

export function tracedLayers(plan: Plan): readonly TracedLayer[] {
  return plan.steps.flatMap((step, i) =>
    stepOutputs(plan, step).map((port, k) => ({
      step,
      port,
      tensor: step.call.outputs[k]!.tensor,
      whole: plan.steps[i + 1]?.node !== step.node,
    })),
  );
}
