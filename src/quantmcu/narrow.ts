/** The network with feature maps of fewer bits: an ordinary graph. */
import { BitloomError } from '../graph/diagnostics.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import { isWeighted, type Node } from '../graph/ops.js';
import { perTensor, type TensorId } from '../graph/tensor.js';
import { type FeatureMap, featureMaps, NARROW_TYPE, takesNarrow } from './feature-maps.js';
import type { Formats, MapFormat } from './formats.js';
import { addTensor, type Narrowing } from './narrow-codes.js';
import { narrowLayer } from './narrow-layer.js';
import { narrowSum } from './narrow-sum.js';

/**
 * `graph` with the chosen feature maps as uint4 or uint2: their producers requantize to them, layers with weights and sums read them,
 * all others read an int8 copy. Steps of a channel's own are in the weights of producers and readers, and what a code 0 stands for
 * in their biases, so that the tensor itself has one scale.
 * @throws BitloomError BL604 where a map that is named is none that can have fewer bits, or not so
 */
export function narrow(graph: Graph, { maps, shifts }: Pick<Formats, 'maps' | 'shifts'>): Graph {
  const chosen = chosenMaps(graph, maps);
  const tensors = graph.tensors.map((tensor, id) => {
    const format = chosen.get(id);
    return format ? { ...tensor, format: storedFormat(format) } : tensor;
  });
  const work: Narrowing = { graph, tensors, chosen, shifts };
  const bytes = new Map<TensorId, TensorId>();
  const nodes = graph.nodes.flatMap((node): Node[] => {
    if (![...node.inputs, ...node.outputs].some((id) => id !== null && chosen.has(id))) return [node];
    if (takesNarrow(graph, node)) return [isWeighted(node) ? narrowLayer(work, node) : narrowSum(work, node)];
    const copies: Node[] = [];
    const inputs = node.inputs.map((id) => {
      if (id === null || !chosen.has(id)) return id;
      const known = bytes.get(id);
      if (known !== undefined) return known;
      const wide = tensorAt(graph, id);
      const copy = addTensor(work, { ...wide, name: `${wide.name}/int8` });
      bytes.set(id, copy);
      copies.push({ kind: 'QUANTIZE', attributes: {}, inputs: [id], outputs: [copy], source: node.source });
      return copy;
    });
    return [...copies, { ...node, inputs } as Node];
  });
  return { ...graph, tensors, nodes };
}

function chosenMaps(graph: Graph, maps: Formats['maps']): ReadonlyMap<TensorId, MapFormat> {
  const known = new Map(featureMaps(graph).map((map) => [map.tensor.name, map]));
  return new Map(
    Object.entries(maps).map(([name, format]): [TensorId, MapFormat] => {
      const map = known.get(name);
      const wrong = map ? wrongFormat(map, format) : 'is no feature map that can have fewer bits';
      if (map && wrong === null) return [map.id, format];
      const names = [...known.keys()].slice(0, 3).join(', ');
      throw new BitloomError(
        'BL604',
        `'${name}' of '${graph.name}' ${wrong}`,
        `Change the choice of formats; maps that can have fewer bits are: ${names}, ...`,
      );
    }),
  );
}

function wrongFormat({ tensor, steps }: FeatureMap, { bits, scales, lows }: MapFormat): string | null {
  const channels = tensor.shape.at(-1) ?? 1;
  if (scales.length !== 1 && (steps === 'one' || scales.length !== channels))
    return `has ${scales.length} scales for ${steps === 'one' ? 'all its readers' : `${channels} channels`}`;
  if (steps === 'free') return null;
  if (scales.length > 1)
    return lows.some((low) => low !== 0) ? 'is padded, but has lows that are not 0' : null;
  const zero = zeroPointIn(scales[0]!, lows[0]!);
  return zero >= 0 && zero < 2 ** bits ? null : 'needs a code for 0';
}

/** The code of 0 where it has one. */
function zeroPointIn(scale: number, low: number): number {
  return Math.round(-low / scale) + 0;
}

/** The tensor's format. Maps of a low for each channel begin at 0 here: `lowIn` says what that leaves to biases. */
function storedFormat({ bits, scales, lows }: MapFormat) {
  const zero = scales.length === 1 ? zeroPointIn(scales[0]!, lows[0]!) : 0;
  const isCode = zero >= 0 && zero < 2 ** bits;
  return perTensor(NARROW_TYPE[bits], Math.max(...scales), isCode ? zero : 0);
}
