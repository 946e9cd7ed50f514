import type { LoweredStage } from './index.js';
import { isBanded, timeOf } from './lower.js';

/** Instructions of another call and another round of the loop, rough: kernels are priced on images, of which rows are small ones. */
export const CALL_TIME = 100;

/** Predicted. */
export function stageTime({ schedule, layers }: LoweredStage): number {
  return layers.reduce((sum, layer, at) => {
    const { height, most } = schedule.layers[at]!;
    const calls = layer.calls.every(isBanded) ? Math.ceil(height / most) : height * layer.calls.length;
    return sum + timeOf(layer) + calls * CALL_TIME;
  }, 0);
}
