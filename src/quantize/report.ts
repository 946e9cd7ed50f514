import type { RangeMethod } from './calibrate/ranges.js';
import type { Agreement } from './compare.js';

/** A layer with weights. */
export interface LayerReport {
  /** Of its output. */
  readonly name: string;
  readonly operator: string;
  /** Weights, and bits of each as the format of its values. */
  readonly weights: number;
  readonly grid: string;
  /** Of the output, float against quantized: what all layers so far have added. */
  readonly decibels: number;
  /** How the range of the output was found; null where its operator fixes it. */
  readonly range: RangeMethod | null;
  /** Loss of the network's outputs by the share of the layer's energy that errs; null where nothing was chosen by it. */
  readonly sensitivity: number | null;
  /** Predicted for the board; null without one. */
  readonly cost: { readonly bytes: number; readonly instructions: number } | null;
}

/** A choice of grids that none of fewer bytes beats. */
export interface FrontPoint {
  /** Of constants. */
  readonly bytes: number;
  readonly loss: number;
  /** Layers by grid. */
  readonly grids: Readonly<Record<string, number>>;
  readonly taken: boolean;
}

export interface QuantizeReport {
  readonly layers: readonly LayerReport[];
  readonly agreement: Agreement & {
    /** Whether the inferences are those of the calibration. */
    readonly calibrated: boolean;
  };
  readonly front: readonly FrontPoint[];
  /** Predicted; null without a board. */
  readonly board: {
    readonly id: string;
    readonly constantBytes: number;
    readonly arenaBytes: number;
    readonly instructions: number;
    readonly fits: boolean;
    readonly sentence: string;
  } | null;
}
