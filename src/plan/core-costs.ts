/** What `npm run bench:fit` writes and `plan` predicts from. */

/** What each of some counts of `workOf` costs. */
export type Rates = Readonly<Record<string, number>>;

/** A kernel's costs on a core. */
export interface KernelCost {
  readonly instructions: Rates;
  readonly cycles: Rates;
  /** Bytes of a specialised function; `call` is its base. */
  readonly code: Rates;
  /** Functions that it shares with others, and the traits that calls which need them have. */
  readonly shared: Readonly<Record<string, readonly string[]>>;
  /** Whether it was measured by bands of rows, out of and into rings, too. */
  readonly byRows?: boolean;
  /** Stack at most, callers' included. */
  readonly stack: number;
}

/** The measured costs of a core. */
export interface CoreCosts {
  readonly kernels: Readonly<Record<string, KernelCost>>;
  /** Cycles an instruction, for kernels that were not measured. */
  readonly cyclesPerInstruction: number;
  /** Bytes of functions that kernels share. */
  readonly shared: Readonly<Record<string, number>>;
  /** Bytes of the function that runs the steps: base, and of a step. */
  readonly run: readonly [number, number];
  /** Bytes of flash that an image holds beside the model. */
  readonly startUp: number;
}
