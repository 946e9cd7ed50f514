import { BitloomError } from '../graph/diagnostics.js';
import { shortName } from '../graph/graph.js';
import type { Tensor } from '../graph/tensor.js';

/** BL503: what `path` holds is nothing that the input takes. */
export function mismatch({ name, format, shape }: Tensor, path: string, problem: string): BitloomError {
  return new BitloomError(
    'BL503',
    `'${path}' for input '${shortName(name)}': ${problem}`,
    `The input is ${format.type}[${shape.join(', ')}]`,
  );
}

/** Whether sizes are equal in order, where sizes of 1 do not matter: a batch of one may be left out. */
export function sameButOnes(a: readonly number[], b: readonly number[]): boolean {
  const essential = (sizes: readonly number[]) => sizes.filter((size) => size !== 1).join();
  return essential(a) === essential(b);
}
