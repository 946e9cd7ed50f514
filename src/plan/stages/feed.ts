/**
 * Input by rows: the caller brings the image row by row to a stage that begins with it, so that it is never whole; or frames, rows of an
 * image that never ends.
 */
import { BitloomError } from '../../graph/diagnostics.js';
import { describeNode, type Graph, tensorAt } from '../../graph/graph.js';
import { isAlias } from '../memory/buffers.js';
import { isImage, rowWindows } from './row-window.js';
import type { Schedule, ScheduleSearch } from './search.js';
import { type StreamedGraph, streamedGraph } from './stream.js';

/** What a model may be fed by. */
export const FEEDS = ['rows', 'frames'] as const;

export type Feed = (typeof FEEDS)[number];

/**
 * The graph whose input is an image of rows or, of frames, a window of the stream.
 * @throws BitloomError as `imageFed`, and BL306 where layers cannot go on from frame to frame
 */
export function fedGraph(graph: Graph, by: Feed): StreamedGraph {
  const shaped = imageFed(graph);
  return by === 'rows' ? { graph: shaped, isSame: true } : streamedGraph(shaped);
}

/**
 * The graph whose input is the image that the first layer reads: a RESHAPE between them is gone.
 * @throws BitloomError BL305 where there is no such image, or the first layer cannot be computed by rows
 */
function imageFed(graph: Graph): Graph {
  if (graph.inputs.length !== 1) throw notFed(`it has ${graph.inputs.length} inputs`);
  const shaped = withoutReshape(graph);
  const [input] = shaped.inputs;
  const { name, shape } = tensorAt(shaped, input);
  if (!isImage(tensorAt(shaped, input)))
    throw notFed(`its input '${name}' [${shape.join(', ')}] is not one image [1, height, width, channels]`);
  const [first] = shaped.nodes;
  if (!first || first.inputs[0] !== input || !rowWindows(shaped, first))
    throw notFed(
      `its first layer, ${first ? describeNode(shaped, first) : 'none'}, does not go through its rows`,
    );
  return shaped;
}

function withoutReshape(graph: Graph): Graph {
  const [input] = graph.inputs;
  const readers = graph.nodes.filter((node) => node.inputs.includes(input!));
  const [reader] = readers;
  if (!reader || readers.length > 1 || !isAlias(graph, reader) || graph.outputs.includes(input!))
    return graph;
  const image = reader.outputs[0]!;
  if (graph.outputs.includes(image)) return graph;
  const named = { ...tensorAt(graph, image), name: tensorAt(graph, input).name };
  return {
    ...graph,
    tensors: graph.tensors.with(image, named),
    nodes: graph.nodes.filter((node) => node !== reader),
    inputs: [image],
  };
}

/**
 * The fastest schedule of a fed graph.
 * @throws BitloomError BL305 where no stage begins with its input
 */
export function fastestFed(search: ScheduleSearch, graph: Graph): Schedule {
  const found = search.fastest(Number.POSITIVE_INFINITY);
  if (found) return found;
  const { name } = tensorAt(graph, graph.inputs[0]);
  throw notFed(`no layers that run row by row are all that read its input '${name}'`);
}

function notFed(reason: string): BitloomError {
  return new BitloomError('BL305', reason, 'Build it without --feed: its input is whole in the arena then');
}
