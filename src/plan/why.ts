/** Why a layer has the kernel that it has, and how to give it another. */
import { BitloomError } from '../graph/diagnostics.js';
import type { Candidate, Layer } from './candidates.js';
import { choose, MARGIN } from './choose.js';
import type { Objective } from './objective.js';
import type { Plan } from './plan.js';

/** Kernels by layer, for those layers whose kernel the user names. */
export type Overrides = Readonly<Record<string, string>>;

/** The kernels that compute a layer, and why the plan took the one that it took. */
export interface Explanation {
  readonly layer: string;
  /** In the order of the kernel table: the special before the general. */
  readonly candidates: readonly (Pick<Candidate, 'instructions' | 'cycles' | 'constantBytes'> & {
    readonly kernel: string;
    /** Bytes of its functions, which other layers may share. */
    readonly codeBytes: number;
    /** Bytes of the arena beyond the layer's inputs. */
    readonly arenaBytes: number;
    readonly chosen: boolean;
  })[];
  readonly reason: string;
}

/**
 * The layers, those of `overrides` with the named kernel as their only candidate.
 * @throws BitloomError BL304
 */
export function pinKernels(layers: readonly Layer[], overrides: Overrides): Layer[] {
  for (const name of Object.keys(overrides)) layerNamed(layers, name);
  return layers.map((layer) => {
    const wanted = overrides[layer.name];
    if (wanted === undefined) return layer;
    const candidates = layer.candidates.filter(({ kernel }) => kernel.id === wanted);
    if (candidates.length > 0) return { ...layer, candidates };
    throw new BitloomError(
      'BL304',
      `'${wanted}' does not compute ${layer.name} on this board`,
      `Its kernels are ${layer.candidates.map(({ kernel }) => kernel.id).join(', ')}`,
    );
  });
}

/** @throws BitloomError BL304 */
export function layerNamed(layers: readonly Layer[], name: string): Layer {
  const layer = layers.find((other) => other.name === name);
  if (layer) return layer;
  throw new BitloomError(
    'BL304',
    `the plan has no layer '${name}'`,
    `Its layers are ${layers.map((other) => other.name).join(', ')}`,
  );
}

/**
 * Why `plan`, made of `layers` by pinned or free choice, computes a layer as it does.
 * @throws BitloomError BL304 where there is no such layer
 */
export function explain(
  plan: Plan,
  layers: readonly Layer[],
  { layer: name, overrides }: { readonly layer: string; readonly overrides: Overrides },
): Explanation {
  const layer = layerNamed(layers, name);
  const first = plan.steps.find((step) => step.name === name)!.call;
  // In a stage the same kernel is called with other images.
  const chosen =
    layer.candidates.find(({ calls }) => calls.includes(first)) ??
    layer.candidates.find(({ calls }) => calls[0]!.kernel === first.kernel)!;
  const candidates = layer.candidates.map((candidate) => ({
    kernel: candidate.kernel.id,
    instructions: candidate.instructions,
    cycles: candidate.cycles,
    constantBytes: candidate.constantBytes,
    codeBytes: [...candidate.code.values()].reduce((sum, bytes) => sum + bytes, 0),
    arenaBytes: candidate.room,
    chosen: candidate === chosen,
  }));
  const wanted = choose(layers, plan.optimize)[layers.indexOf(layer)]!;
  return {
    layer: name,
    candidates,
    reason: reasonFor(plan.optimize, layer, chosen, wanted, name in overrides),
  };
}

function reasonFor(
  objective: Objective,
  { candidates }: Layer,
  chosen: Candidate,
  wanted: Candidate,
  pinned: boolean,
): string {
  const id = chosen.kernel.id;
  if (pinned) return `${id} was asked for`;
  if (candidates.length === 1) return `${id} is the only kernel that computes it on this board`;
  if (chosen !== wanted) return `${objective} wants ${wanted.kernel.id}, for which the board has no room`;
  if (objective === 'size')
    return `${id} takes the fewest bytes of constants and of code that no other layer has`;
  if (objective === 'balanced') return `${id} has the least sum of its shares of time and bytes`;
  const fastest = candidates.reduce((best, candidate) => (candidate.time < best.time ? candidate : best));
  return chosen.time <= fastest.time
    ? `${id} is predicted to be the fastest`
    : `${id} stands first in the table, and a later kernel must be faster by ${100 * MARGIN} % to replace it`;
}
