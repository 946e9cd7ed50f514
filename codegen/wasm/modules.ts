import type { Plan } from '../../src/plan/plan.js';
import type { EmitOptions } from '../options.js';
import type { VectorFeatures } from './check.js';
import { constantSegments } from './compact.js';
import type { Interface } from './descriptors.js';
import { entryText } from './entry.js';
import { feedExportNames } from './feed.js';
import type { Layout } from './layout.js';
import { dataSectionAt } from './link.js';
import { buildModule } from './module.js';

/** What a module beside the main one is for: engines that have relaxed SIMD, or none. */
export type Form = 'relaxed' | 'scalar';

/** A module beside the main one, of the same memory. */
export interface OtherModule {
  readonly form: Form;
  readonly bytes: Uint8Array;
  /** Whether it is complete. Else it ends where its data section would begin, which is byte for byte that of the main module. */
  readonly isWhole: boolean;
}

/** All modules of a model. */
export interface Modules {
  readonly main: Uint8Array;
  /** First byte of its data section, which is its last one. */
  readonly dataAt: number;
  readonly others: readonly OtherModule[];
}

/** Whether any of the other modules lacks its constants. */
export function shares({ others }: Modules): boolean {
  return others.some(({ isWhole }) => !isWhole);
}

/** Name of a module's file. */
export function moduleFile(prefix: string, form?: Form): string {
  return form ? `${prefix}.${form}.wasm` : `${prefix}.wasm`;
}

/**
 * Compiles, links and checks the modules of a plan.
 * @throws BitloomError BL402 where AssemblyScript refuses a kernel
 */
export async function buildModules(
  plan: Plan,
  layout: Layout,
  model: Interface,
  options: EmitOptions,
): Promise<Modules> {
  const entry = entryText(plan, layout, options);
  const exports = new Set([
    'memory',
    ...(model.feed ? feedExportNames(model.feed) : ['run']),
    ...(model.hasStates ? ['reset'] : []),
    ...(model.steps ? ['run_step'] : []),
  ]);
  const input = { constants: constantSegments(plan, layout), exports, end: layout.end };
  const build = (vectors: VectorFeatures): Promise<Uint8Array> => buildModule(entry, input, vectors);
  const main = await build(model.isScalar ? 'none' : 'simd');
  const dataAt = dataSectionAt(main);
  const others = [
    ...(model.relaxed ? [beside(main, dataAt, 'relaxed', await build('relaxed'))] : []),
    ...(options.scalar ? [beside(main, dataAt, 'scalar', await build('none'))] : []),
  ];
  return { main, dataAt, others };
}

/** Another module without its constants, where they are the main module's: together they are most of a package. */
function beside(main: Uint8Array, dataAt: number, form: Form, whole: Uint8Array): OtherModule {
  const at = dataSectionAt(whole);
  const isWhole = !Buffer.from(whole.subarray(at)).equals(main.subarray(dataAt));
  return { form, bytes: isWhole ? whole : whole.slice(0, at), isWhole };
}
