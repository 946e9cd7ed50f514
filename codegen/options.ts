export interface EmitOptions {
  /** Lets every step be observed: C calls `<prefix>_trace`, WASM exports `run_step`. */
  readonly trace?: boolean;
  /** WASM: one module more, for engines without SIMD. */
  readonly scalar?: boolean;
}
