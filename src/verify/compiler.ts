import { BitloomError } from '../graph/diagnostics.js';
import { findTool } from './tools.js';

/** How C is compiled, where that is not left to the generated Makefile. Nothing of a WASM module is. */
export interface Compiler {
  /** Command with arguments, the Makefile's `CC`: `clang` for instance, which compiles for every board. */
  readonly cc?: string;
  /** Flags of the model's code in place of the optimisation level, the Makefile's `OPTIMISE`: `-Os` for instance. */
  readonly cflags?: string;
}

/**
 * The variables that `make` is called with.
 * @throws BitloomError BL501 when the command is not on PATH
 */
export function makeVariables({ cc, cflags }: Compiler): readonly string[] {
  const program = cc?.trim().split(/\s+/)[0];
  if (program && !program.includes('/') && findTool(program) === null)
    throw new BitloomError('BL501', `${program} not found on PATH`, 'Install it, or name another compiler');
  return [...(cc ? [`CC=${cc}`] : []), ...(cflags ? [`OPTIMISE=${cflags}`] : [])];
}
