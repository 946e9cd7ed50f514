import { type Graph, outputOf, requireInput, tensorAt } from '../graph/graph.js';
import type { Node, NodeOf, Padding, Size2 } from '../graph/ops.js';
import { INTEGER_RANGE, sameFormat, zeroPointOf } from '../graph/tensor.js';
import { applyRule, type Links, type Pass, replaceNode } from './rewrite.js';

type Windowed = NodeOf<'CONV_2D'> | NodeOf<'DEPTHWISE_CONV_2D'> | NodeOf<'MAX_POOL_2D'>;

/**
 * A spatial PAD becomes padding of the convolutions or maximum pools that read it, where its value is one that those
 * ignore. An average pool counts the taps inside the image, so for it a PAD is something else than padding.
 */
export const foldPadding: Pass = (graph) =>
  applyRule(graph, (current, pad, links) => {
    if (pad.kind !== 'PAD' || !isSpatial(pad)) return null;
    const padded = pad.outputs[0]!;
    const readers = links.readers.get(padded) ?? [];
    if (readers.length === 0 || current.outputs.includes(padded)) return null;
    if (!sameFormat(requireInput(current, pad, 0).format, tensorAt(current, padded).format)) return null;
    const merged = readers.map((reader) => merge(current, links, pad, reader));
    if (merged.some((node) => node === null)) return null;
    const folded = readers.reduce((g, reader, i) => replaceNode(g, reader, merged[i]!), current);
    return replaceNode(folded, pad, null);
  });

function isSpatial(pad: NodeOf<'PAD'>): boolean {
  const { before, after } = pad.attributes;
  return before.length === 4 && [0, 3].every((d) => before[d] === 0 && after[d] === 0);
}

/** `reader` with the PAD's rows and columns in its own padding, or null if that is not the same. */
function merge(graph: Graph, links: Links, pad: NodeOf<'PAD'>, reader: Node): Node | null {
  if (reader.inputs.filter((id) => id === pad.outputs[0]).length !== 1 || !ignores(graph, links, pad, reader))
    return null;
  const { before, after } = pad.attributes;
  const old = reader.attributes.padding;
  const padding: Padding = {
    top: old.top + before[1]!,
    bottom: old.bottom + after[1]!,
    left: old.left + before[2]!,
    right: old.right + after[2]!,
  };
  if (!everyWindowMeetsImage(graph, pad, reader, padding)) return null;
  const attributes = { ...reader.attributes, padding };
  return { ...reader, attributes, inputs: [pad.inputs[0]!, ...reader.inputs.slice(1)] } as Node;
}

function ignores(graph: Graph, links: Links, pad: NodeOf<'PAD'>, reader: Node): reader is Windowed {
  const { value } = pad.attributes;
  const x = requireInput(graph, pad, 0);
  if (reader.kind === 'CONV_2D' || reader.kind === 'DEPTHWISE_CONV_2D') {
    return reader.inputs[0] === pad.outputs[0] && value === zeroPointOf(x);
  }
  if (reader.kind !== 'MAX_POOL_2D' || !(x.format.type === 'int8' || x.format.type === 'int16')) return false;
  // A tap that is never above the others, or below the pool's own clamp, cannot show in a maximum.
  const producer = links.producers.get(pad.inputs[0]!);
  const least =
    producer && 'clamp' in producer.attributes
      ? producer.attributes.clamp.min
      : INTEGER_RANGE[x.format.type].min;
  return value <= Math.max(least, reader.attributes.clamp.min);
}

/** Kernels and pools count on at least one row and one column of the image inside each window. */
function everyWindowMeetsImage(graph: Graph, pad: Node, reader: Windowed, padding: Padding): boolean {
  const [, height, width] = requireInput(graph, pad, 0).shape as [number, number, number];
  const [, outHeight, outWidth] = outputOf(graph, reader).shape as [number, number, number];
  const { stride } = reader.attributes;
  const reach = reachOf(graph, reader);
  const meets = (before: number, size: number, window: number, step: number, windows: number) =>
    before < window && (windows - 1) * step - before < size;
  return (
    meets(padding.top, height, reach.height, stride.height, outHeight) &&
    meets(padding.left, width, reach.width, stride.width, outWidth)
  );
}

function reachOf(graph: Graph, reader: Windowed): Size2 {
  if (reader.kind === 'MAX_POOL_2D') return reader.attributes.filter;
  const [, height, width] = requireInput(graph, reader, 1).shape as [number, number, number];
  const { dilation } = reader.attributes;
  return { height: (height - 1) * dilation.height + 1, width: (width - 1) * dilation.width + 1 };
}
