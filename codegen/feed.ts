import { ELEMENT_BYTES, isPacked, type Tensor } from '../src/graph/tensor.js';
import type { Feed, Plan, Stage } from '../src/plan/plan.js';
import { arenaPort } from './ports.js';

/** A stage whose input the caller brings row by row. */
export type FedStage = Stage & { readonly feed: Feed };

export function fedStage({ stages }: Plan): FedStage | undefined {
  return stages.find((stage): stage is FedStage => stage.feed !== null);
}

/** The ring into which the caller's rows go. */
export interface FedInput {
  readonly tensor: Tensor;
  /** Of the ring in the arena. */
  readonly offset: number;
  readonly ringRows: number;
  readonly rowBytes: number;
  /** Elements of a row; words, of packed types. */
  readonly rowLength: number;
}

export function fedInput(plan: Plan, { input, rings }: FedStage): FedInput {
  const { tensor, offset } = arenaPort(plan, input);
  const { rows: ringRows, rowBytes } = rings.get(input)!;
  const { type } = tensor.format;
  return {
    tensor,
    offset,
    ringRows,
    rowBytes,
    rowLength: rowBytes / (isPacked(type) ? 4 : ELEMENT_BYTES[type]),
  };
}
