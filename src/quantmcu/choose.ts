/** From calibration data to a choice of formats. */
import { type Graph, outputOf } from '../graph/graph.js';
import { isWeighted } from '../graph/ops.js';
import type { TensorId, TypedArray } from '../graph/tensor.js';
import { bitOps, featureMaps, takesNarrow } from './feature-maps.js';
import type { Formats, MapFormat } from './formats.js';
import { narrow } from './narrow.js';
import { type SearchOptions, type SearchStep, search, type ValuedMap, valued } from './search.js';
import { Histogram, meanShift } from './values.js';
import { weightedSums, weightsOf } from './weights.js';

/** What a choice of formats was made from. */
export interface Choice {
  readonly formats: Formats;
  readonly graph: Graph;
  readonly maps: readonly ValuedMap[];
  readonly steps: readonly SearchStep[];
  readonly bitOps: { readonly before: number; readonly after: number };
}

/** The histograms of feature maps over calibration data. */
export function observe(
  graph: Graph,
  evaluate: (inputs: readonly TypedArray[]) => ReadonlyMap<TensorId, TypedArray>,
  vectors: readonly (readonly TypedArray[])[],
): ReadonlyMap<TensorId, Histogram> {
  const histograms = new Map(featureMaps(graph).map(({ id, tensor }) => [id, new Histogram(tensor)]));
  for (const vector of vectors) {
    const contents = evaluate(vector);
    for (const [id, histogram] of histograms) histogram.add(contents.get(id) as Int8Array);
  }
  return histograms;
}

/**
 * @param model SHA-256 of the model's file, hexadecimal
 * @param histograms of `observe`
 */
export function chooseFormats(
  graph: Graph,
  model: string,
  histograms: ReadonlyMap<TensorId, Histogram>,
  options: SearchOptions,
): Choice {
  const maps = featureMaps(graph).map((map) => valued(map, histograms.get(map.id)!));
  const steps = search(graph, maps, options);
  // Of a map that was narrowed twice the last step counts.
  const chosen = new Map(steps.map(({ map, bits }) => [map.id, map.formats[bits]]));
  const formats: Formats = {
    model,
    maps: Object.fromEntries(
      maps.flatMap(({ id, tensor }): [string, MapFormat][] => {
        const format = chosen.get(id);
        return format ? [[tensor.name, format]] : [];
      }),
    ),
    shifts: Object.fromEntries(shiftsOf(graph, maps, chosen, histograms)),
  };
  const narrowed = narrow(graph, formats);
  return {
    formats,
    graph: narrowed,
    maps,
    steps,
    bitOps: { before: bitOps(graph), after: bitOps(narrowed) },
  };
}

function shiftsOf(
  graph: Graph,
  maps: readonly ValuedMap[],
  chosen: ReadonlyMap<TensorId, MapFormat>,
  histograms: ReadonlyMap<TensorId, Histogram>,
): [string, readonly number[]][] {
  return maps.flatMap(({ id, tensor, readers }) => {
    const format = chosen.get(id);
    if (!format) return [];
    const histogram = histograms.get(id)!;
    const grown = Array.from({ length: histogram.channels }, (_, c) =>
      meanShift(histogram, tensor, format, c),
    );
    return readers.flatMap((node): [string, readonly number[]][] => {
      if (!isWeighted(node) || !takesNarrow(graph, node)) return [];
      const rounded = weightedSums(weightsOf(graph, node), (c) => grown[c]!).map((shift) =>
        Number(shift.toPrecision(6)),
      );
      return [[outputOf(graph, node).name, rounded]];
    });
  });
}
