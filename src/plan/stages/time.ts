import type { LoweredStage } from './index.js';
import { timeOf } from './lower.js';

/** Instructions of another call and another round of the loop, rough: kernels are priced on images, of which rows are small ones. */
export const CALL_TIME = 100;

/** Predicted. */
export function stageTime({ schedule, layers }: LoweredStage): number {
  const called = schedule.layers.reduce((sum, { height }) => sum + height, 0) * CALL_TIME;
  return layers.reduce((sum, layer) => sum + timeOf(layer), called);
}
