import { tensorAt } from '../src/graph/graph.js';
import { ELEMENT_BYTES, isPacked, type Tensor, type TensorId } from '../src/graph/tensor.js';
import type { Feed, Plan, Stage, Stream } from '../src/plan/plan.js';
import { ENDLESS_ROWS } from '../src/plan/stages/endless.js';
import { arenaPort } from './ports.js';

/** The network's input where the caller brings it row by row, once for each pass. */
export interface FedImage extends Feed {
  readonly tensor: Tensor;
  readonly height: number;
  /** Rows that come: those, or of a stream more than any count reaches. */
  readonly most: number;
  /** Elements of a row; words, of packed types. */
  readonly rowLength: number;
  /** Rows after which a stage goes on. */
  readonly rows: number;
  readonly passes: readonly FedPass[];
  /** Set where the image is a window of frames without end. */
  readonly stream: Stream | null;
  /** Which of the counts is the pass's index. */
  readonly passCount: number;
}

/** A stage that takes its columns of each row. */
export interface FedPass {
  readonly stage: Stage;
  /** Of the ring in the arena into which they go. */
  readonly offset: number;
  readonly ringRows: number;
  readonly rowBytes: number;
  /** Those of a row's elements; words, of packed types. */
  readonly begin: number;
  readonly length: number;
}

/** What outputs of a plan on a stream of frames are made of; null of others. */
export function streamOf({ stages }: Plan): Stream | null {
  return stages.find(({ stream }) => stream !== null)?.stream ?? null;
}

/** Null of plans whose input is whole in the arena. */
export function fedImage(plan: Plan): FedImage | null {
  const { feed, graph } = plan;
  const passes = plan.stages.filter(({ fed }) => fed).map((stage) => passOf(plan, stage));
  const [first] = passes;
  if (!feed || !first) return null;
  const tensor = tensorAt(graph, graph.inputs[0]);
  const [, , width = 1] = tensor.shape;
  const [, , ownWidth = 1] = tensorAt(graph, first.stage.input).shape;
  return {
    ...feed,
    tensor,
    height: first.stage.inputHeight,
    most: first.stage.stream ? ENDLESS_ROWS : first.stage.inputHeight,
    rowLength: (first.length * width) / ownWidth,
    rows: first.stage.rows,
    passes,
    stream: first.stage.stream,
    passCount: feed.bytes / 4 - 1,
  };
}

function passOf(plan: Plan, stage: Stage): FedPass {
  const { tensor, offset } = arenaPort(plan, stage.input);
  const { rows: ringRows, rowBytes } = stage.rings.get(stage.input)!;
  const { type } = tensor.format;
  const length = rowBytes / (isPacked(type) ? 4 : ELEMENT_BYTES[type]);
  const [, , width = 1] = tensor.shape;
  const begin = (firstColumn(plan, stage.input) * length) / width;
  return { stage, offset, ringRows, rowBytes, begin, length };
}

/** Of the network's input, where a tensor is cut out of it. */
function firstColumn({ graph }: Plan, id: TensorId): number {
  const cut = graph.nodes.find(({ outputs }) => outputs.includes(id));
  return cut?.kind === 'STRIDED_SLICE' ? cut.attributes.begin[2]! : 0;
}
