import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Format, TensorId } from '../../graph/tensor.js';
import { type ActivationType, affineFormat, levelsOf } from './affine.js';
import { fixedFormat, formatClasses } from './classes.js';
import type { Observed } from './observe.js';
import { RANGE_METHODS, type RangeMethod, rangeBy, relativeError, squaredError } from './ranges.js';
import { joined } from './sample.js';

export interface ActivationFormat {
  readonly format: Format;
  /** How its range was found; null where the operator fixes it. */
  readonly method: RangeMethod | null;
}

/** A format for each activation of float32, by the range with which the layers that read it err least. */
export function activationFormats(
  graph: Graph,
  { tensors }: Observed,
  type: ActivationType = 'int8',
): ReadonlyMap<TensorId, ActivationFormat> {
  const formats = new Map<TensorId, ActivationFormat>();
  for (const { members, fixedBy } of formatClasses(graph)) {
    const floats = members.filter((id) => tensorAt(graph, id).format.type === 'float32');
    const seen = floats.flatMap((id) => tensors.get(id) ?? []);
    if (seen.length === 0) continue;
    const sample = joined(seen.map((observation) => observation.sample));
    // What an output's values mean nobody knows here: a few that are far out must not cost all others their steps.
    const errorOf = members.some((id) => graph.outputs.includes(id)) ? relativeError : squaredError;
    const errors = RANGE_METHODS.map((method) => {
      const known = seen.filter((observation) => observation.errors.size > 0);
      if (known.length === 0) return errorOf(sample, rangeBy(method, sample, levelsOf(type)), levelsOf(type));
      return known.reduce((sum, observation) => sum + observation.errors.get(method)!, 0);
    });
    const method = RANGE_METHODS[errors.indexOf(Math.min(...errors))]!;
    const chosen: ActivationFormat = fixedBy
      ? { format: fixedFormat(fixedBy, type)!, method: null }
      : { format: affineFormat(type, rangeBy(method, sample, levelsOf(type))), method };
    for (const id of floats) formats.set(id, chosen);
  }
  return formats;
}
