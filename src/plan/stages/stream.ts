/**
 * A network on a stream of frames without end, which are the rows of its input image. Padding above and below has no place there: the
 * rows around a window are true frames. What is left is the network without that padding, on a window as high as one row of its output
 * needs: this graph. By rows it gives its output anew with each frame (or every few, where layers take every second row).
 */
import { BitloomError } from '../../graph/diagnostics.js';
import { describeNode, type Graph, tensorAt } from '../../graph/graph.js';
import type { Node, NodeOf } from '../../graph/ops.js';
import type { Tensor, TensorId } from '../../graph/tensor.js';
import { sliceOf, withPadding } from './images.js';
import { accumulates, isImage, type RowWindow, rowWindows } from './row-window.js';
import { isClosed } from './schedule.js';

export interface StreamedGraph {
  /** The network on a window of frames. */
  readonly graph: Graph;
  /** Whether it is the network as given: that has no padding above and below, and its window is all of its input. */
  readonly isSame: boolean;
}

/** Rows of an image of the stream. */
interface Track {
  /** Frames from one row to the next. */
  readonly stride: number;
  /** The row of the padded network's image that is the stream's first. */
  readonly start: number;
  /** Frames until the first row is there. */
  readonly reach: number;
}

/**
 * @param graph whose only input is an image that its first layer goes through by rows
 * @throws BitloomError BL306 naming the layer that cannot go on from frame to frame
 */
export function streamedGraph(graph: Graph): StreamedGraph {
  const { tensors, nodes, tracks } = new Alignment(graph).run();
  const ends = [...tracks].filter(([id]) => isEnd({ ...graph, nodes }, tracks, id));
  const window = Math.max(...ends.map(([, { reach }]) => reach));
  const sized = tensors.map((tensor, id) => {
    const track = tracks.get(id);
    if (!track || !isImage(tensor)) return tensor;
    const height = Math.floor((window - track.reach) / track.stride) + 1;
    return tensor.shape[1] === height ? tensor : { ...tensor, shape: tensor.shape.with(1, height) };
  });
  const made = { ...graph, tensors: sized, nodes };
  const isSame =
    graph.nodes.every(takesAllRows) &&
    sized.length === graph.tensors.length &&
    sized.every((tensor, id) => tensor === graph.tensors[id]);
  const rows = new Set([...tracks.keys()].filter((id) => heightOf({ ...graph, tensors }, id) > 1));
  return { graph: { ...made, window: { end: endOfRows(made, tracks, rows) } }, isSame };
}

/** Whether the tensor is what the rest of the network, or the caller, reads once for each output. */
function isEnd(graph: Graph, tracks: ReadonlyMap<TensorId, Track>, id: TensorId): boolean {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(id));
  return graph.outputs.includes(id) || readers.some(({ outputs }) => !tracks.has(outputs[0]!));
}

/** Operators whose rows follow from the heights of whole images: as many as these say, and no more, can be made of a stream. */
const SCALING: ReadonlySet<Node['kind']> = new Set([
  'TRANSPOSE_CONV',
  'RESIZE_BILINEAR',
  'RESIZE_NEAREST_NEIGHBOR',
]);

/** The nodes without padding above and below, with the rows of their operands in step. */
class Alignment {
  readonly tensors: Tensor[];
  readonly nodes: Node[] = [];
  readonly tracks = new Map<TensorId, Track>();
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.tensors = [...graph.tensors];
    this.tracks.set(graph.inputs[0]!, { stride: 1, start: 0, reach: 1 });
  }

  run(): this {
    for (const node of this.#graph.nodes) this.#add(node);
    return this;
  }

  #add(node: Node): void {
    const tracked = node.inputs.flatMap((id, i) => (id !== null && this.tracks.has(id) ? [i] : []));
    const windows = rowWindows(this.#graph, node);
    const isByRows =
      windows &&
      !SCALING.has(node.kind) &&
      node.inputs.every((id, i) => id === null || windows[i] || this.#isConstant(id));
    if (!isByRows || tracked.length === 0) {
      const heights = tracked.map((i) => heightOf(this.#graph, node.inputs[i]!));
      if (heights.some((height) => height > 1)) throw notStreamed(this.#graph, node, 'mixes frames');
      this.nodes.push(node);
      return;
    }
    const steps = tracked.map((i) => this.#step(node, node.inputs[i]!, windows[i]!));
    const [{ stride }] = steps as [Track];
    const start = Math.max(...steps.map((step) => step.start));
    const late = steps.map((step) => start - step.start);
    const reach = Math.max(...steps.map((step, k) => step.reach + late[k]! * stride));
    if (steps.some((step) => step.stride !== stride) || late.some((rows) => !Number.isInteger(rows)))
      throw notStreamed(this.#graph, node, 'joins frames of different pace');
    const inputs = [...node.inputs];
    for (const [k, i] of tracked.entries()) {
      const isInStep = late[k] === 0 && steps[k]!.reach === reach;
      if (!isInStep) inputs[i] = this.#cut(node, inputs[i]!, late[k]!, reach);
    }
    const isMoved = inputs.some((id, i) => id !== node.inputs[i]);
    this.nodes.push(this.#unpadded(isMoved ? ({ ...node, inputs } as Node) : node));
    this.tracks.set(node.outputs[0]!, { stride, start, reach });
  }

  #isConstant(id: TensorId): boolean {
    return tensorAt(this.#graph, id).data !== null;
  }

  /** The track of an output that has a window on the rows of one input. */
  #step(node: Node, input: TensorId, window: RowWindow): Track {
    const { stride, start, reach } = this.tracks.get(input)!;
    const height = heightOf(this.#graph, input);
    const inside = isPool(node) ? Math.min(window.extent, height) : window.extent;
    const extent = accumulates(this.#graph, node) ? height : inside;
    const own = this.#isOneOfAll(node) ? 1 : window.stride;
    return {
      stride: stride * own,
      start: (start + window.before) / own,
      reach: reach + (extent - 1) * stride,
    };
  }

  /** Whether the node makes one row of all rows: of a stream it does so anew with each. */
  #isOneOfAll(node: Node): boolean {
    return heightOf(this.#graph, node.outputs[0]!) === 1 && heightOf(this.#graph, node.inputs[0]!) > 1;
  }

  /** The image without its first rows, and without last ones that others do not have. */
  #cut(node: Node, id: TensorId, rows: number, reach: number): TensorId {
    const whole = this.tensors[id]!;
    const { stride, start } = this.tracks.get(id)!;
    const cut = this.tensors.push({ ...whole, name: `${whole.name} from row ${rows}` }) - 1;
    this.tracks.set(cut, { stride, start: start + rows, reach });
    this.nodes.push(sliceOf(id, cut, [0, rows, 0, 0], node));
    return cut;
  }

  /** Without padding above and below; pools of all rows become those of as many frames. */
  #unpadded(node: Node): Node {
    if (node.kind === 'STRIDED_SLICE') {
      const { begin, stride } = node.attributes;
      return begin[1] === 0 ? node : { ...node, attributes: { begin: begin.with(1, 0), stride } };
    }
    const plain = withPadding(node, { top: 0, bottom: 0 });
    if (!isPool(node) && node.kind !== 'CONV_2D' && node.kind !== 'DEPTHWISE_CONV_2D') return plain;
    const { stride } = node.attributes;
    const paced =
      this.#isOneOfAll(node) && stride.height > 1
        ? withAttributes(plain, { stride: { ...stride, height: 1 } })
        : plain;
    if (!isPool(paced)) return paced;
    const { filter } = paced.attributes;
    const height = Math.min(filter.height, heightOf(this.#graph, node.inputs[0]!));
    return height === filter.height ? paced : withAttributes(paced, { filter: { ...filter, height } });
  }
}

/** Whether the node neither pads its input above and below nor leaves out its first rows. */
function takesAllRows(node: Node): boolean {
  switch (node.kind) {
    case 'CONV_2D':
    case 'DEPTHWISE_CONV_2D':
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D':
      return node.attributes.padding.top === 0 && node.attributes.padding.bottom === 0;
    case 'PAD':
      return !node.attributes.before[1] && !node.attributes.after[1];
    default:
      return node.kind !== 'STRIDED_SLICE' || node.attributes.begin[1] === 0;
  }
}

function withAttributes(node: Node, changed: object): Node {
  return { ...node, attributes: { ...node.attributes, ...changed } } as Node;
}

function isPool(node: Node): node is NodeOf<'AVERAGE_POOL_2D'> | NodeOf<'MAX_POOL_2D'> {
  return node.kind === 'AVERAGE_POOL_2D' || node.kind === 'MAX_POOL_2D';
}

function heightOf(graph: Graph, id: TensorId): number {
  const tensor = tensorAt(graph, id);
  return isImage(tensor) ? tensor.shape[1]! : 1;
}

/**
 * What the first nodes make that run row by row: the fewest that leave one row of one image for the others.
 * @param rows images that have several rows in the network as given
 */
function endOfRows(
  graph: Graph,
  tracks: ReadonlyMap<TensorId, Track>,
  rows: ReadonlySet<TensorId>,
): TensorId {
  const isHigh = (id: TensorId | null) => id !== null && tracks.has(id) && heightOf(graph, id) > 1;
  const first = graph.nodes.findLastIndex(
    ({ inputs, outputs }) => inputs.some(isHigh) || rows.has(outputs[0]!),
  );
  for (let count = Math.max(1, first + 1); count <= graph.nodes.length; count++) {
    const nodes = graph.nodes.slice(0, count);
    const last = nodes.at(-1)!;
    const inside = [...graph.inputs, ...nodes.slice(0, -1).map(({ outputs }) => outputs[0]!)];
    const isOneRow =
      heightOf(graph, last.outputs[0]!) === 1 && nodes.every(({ outputs }) => tracks.has(outputs[0]!));
    if (isOneRow && isClosed(graph, nodes, inside)) return last.outputs[0]!;
  }
  throw notStreamed(
    graph,
    graph.nodes[Math.max(0, first)]!,
    'gives one of several images that are read behind it',
  );
}

function notStreamed(graph: Graph, node: Node, reason: string): BitloomError {
  return new BitloomError(
    'BL306',
    `${describeNode(graph, node)} ${reason}`,
    'Let it come behind a layer that makes one row of all frames, or build the model without --feed frames',
  );
}
