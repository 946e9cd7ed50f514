import type { LoweredStage } from './index.js';
import { isBanded, timeOf } from './lower.js';

/** Instructions of another call and another round of the loop, rough: kernels are priced on images, of which rows are small ones. */
export const CALL_TIME = 100;

const ONE_ROW = { height: 1, most: 1 };

/** Predicted: of all rounds, or where the input never ends of those for one output. */
export function stageTime({ schedule, layers }: LoweredStage): number {
  const { endless } = schedule;
  return layers.reduce((sum, layer, at) => {
    const { height, most } = endless ? ONE_ROW : schedule.layers[at]!;
    const calls = layer.calls.every(isBanded) ? Math.ceil(height / most) : height * layer.calls.length;
    return sum + timeOf(layer) + calls * CALL_TIME;
  }, 0);
}
