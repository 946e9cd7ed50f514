import { plain, type TensorId } from '../../../../graph/tensor.js';
import { permutedIndices } from '../../arrays.js';
import type { OnnxTensor } from '../../model.js';
import type { Site } from '../../site.js';
import type { Activation } from '../../values.js';
import { ranked } from '../elementwise.js';

/** An operand of real numbers: a tensor that is computed, or a constant. */
export type Operand = Activation | OnnxTensor;

export function isComputed(operand: Operand): operand is Activation {
  return 'layout' in operand;
}

/** Input `i`. Errors: BL105 where it is no float. */
export function operand(site: Site, i: number): Operand {
  const value = site.value(i);
  if (value.kind === 'constant') return value.tensor;
  const type = value.kind === 'activation' ? site.lowering.tensor(value.id).format.type : value.kind;
  if (value.kind === 'activation' && type === 'float32') return value;
  return site.fail('BL105', `computes with ${type}`, 'Compute with float32');
}

/** Input `i` as a tensor of the graph. */
export function real(site: Site, i: number): Activation {
  const x = operand(site, i);
  return isComputed(x) ? x : site.made(constant(site, x.name, x.shape, x.data), x.shape);
}

/** The tensor of an operand whose dimensions lie in the order `perm`; those that it lacks in front are 1. */
export function viewOf(site: Site, x: Operand, perm: readonly number[]): TensorId {
  if (isComputed(x)) return site.lowering.view(site.node, ranked(x, perm.length), perm);
  const shape = [...Array<number>(perm.length - x.shape.length).fill(1), ...x.shape];
  const data = Float32Array.from(permutedIndices(shape, perm), (i) => x.data[i]!);
  return constant(
    site,
    x.name,
    perm.map((d) => shape[d]!),
    data,
  );
}

/** A constant of the graph. */
export function constant(
  site: Site,
  name: string,
  shape: readonly number[],
  data: ArrayLike<number>,
): TensorId {
  site.lowering.spend(data.length);
  return site.lowering.add({ name, shape, format: plain('float32'), data: Float32Array.from(data) });
}
