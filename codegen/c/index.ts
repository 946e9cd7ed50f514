import type { Artifact } from '../../src/plan/artifact.js';
import type { Plan } from '../../src/plan/plan.js';
import type { EmitOptions } from '../options.js';
import { publicHeader } from './header.js';
import { kernelFiles, kernelSources } from './kernel-files.js';
import { modelSource } from './source.js';
import { namesOf } from './types.js';
import { layersFile, variantSources } from './variants.js';
import { weightsHeader, weightsSource } from './weights.js';

/**
 * Writes a plan down as freestanding C99: `<prefix>.h`, `<prefix>.c`, the weights where there are any, and the kernel
 * headers that the model uses under `kernels/`. Compile every .c file; nothing else is needed. For a board with variants
 * `<prefix>.c` chooses among them.
 *
 * @param options `trace` switches the trace hook on, which `-D<PREFIX>_TRACE` does too
 */
export function emitC(plan: Plan, options: EmitOptions = {}): Artifact {
  const { prefix } = plan;
  const names = namesOf(prefix);
  const { variants = [] } = plan.board;
  const layers = modelSource(plan, names, options);
  const files = new Map([
    [`${prefix}.h`, publicHeader(plan, names, options)],
    ...(variants.length > 0
      ? [[layersFile(names), layers] as const, ...variantSources(plan, names, variants, options)]
      : [[`${prefix}.c`, layers] as const]),
  ]);
  if (plan.constants.length > 0) {
    files.set(`${prefix}_weights.h`, weightsHeader(plan, names, options));
    files.set(`${prefix}_weights.c`, weightsSource(plan, names, options));
  }
  for (const [name, text] of kernelFiles(kernelSources(plan))) {
    files.set(`kernels/${name}`, text);
  }
  const encoder = new TextEncoder();
  return new Map([...files].map(([path, text]) => [path, encoder.encode(text)]));
}
