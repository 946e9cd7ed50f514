import type { SelfTest } from '../../codegen/c/kits/selftest.js';
import type { Plan } from '../plan/plan.js';
import type { Compiler } from './compiler.js';
import type { Dump } from './protocol.js';

/** What a runner is to build and run. */
export interface Job {
  readonly plan: Plan;
  readonly selfTest: SelfTest;
  /** Observe every layer. This costs time and stack, so figures of a whole run come from a run without. */
  readonly trace: boolean;
  /** How its C is compiled. */
  readonly compiler: Compiler;
  /** Empty folder for the build. */
  readonly folder: string;
}

/** What it saw. Counts that a runner cannot take are null. */
export interface Observation {
  /** In the order of the self-test. */
  readonly runs: readonly RunObservation[];
  /** Of every run, in the order of `tracedLayers`; empty without trace. */
  readonly layers: readonly LayerObservation[];
  /** Bytes of every differing output and of the first differing layer. */
  readonly dumps: readonly Dump[];
  readonly sizes: Sizes;
  /** Up to which byte the arena was written, and whether memory beside it was not; null without trace. */
  readonly arena: { readonly touched: number; readonly guarded: boolean } | null;
  /** Where several processors ran it, the instructions of each; the rest is of the last of them. */
  readonly processors?: readonly ProcessorObservation[];
}

export interface ProcessorObservation {
  readonly processor: string;
  /** Of each run. */
  readonly runs: readonly (number | null)[];
}

export interface RunObservation {
  readonly equal: boolean;
  readonly instructions: number | null;
  readonly cycles: number | null;
  readonly stackBytes: number | null;
}

export interface LayerObservation {
  readonly run: number;
  readonly layer: number;
  readonly equal: boolean;
  readonly instructions: number | null;
}

/** From the linked image. */
export interface Sizes {
  /** The model's own functions. */
  readonly codeBytes: number | null;
  /** The model's weights and tables. */
  readonly constantBytes: number | null;
  /** All that is stored: model, start-up, self-test, but not its vectors. */
  readonly imageBytes: number | null;
}

export type Runner = (job: Job) => Promise<Observation>;
