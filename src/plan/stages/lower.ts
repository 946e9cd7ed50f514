/** Kernel calls of a stage's layers: a band of rows a call out of and into rings, or one call a row. */
import type { Board } from '../../../boards/board.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Node } from '../../graph/ops.js';
import type { TensorId } from '../../graph/tensor.js';
import type { Kernel, KernelCall, Parameters } from '../../kernels/kernel.js';
import type { Candidate, Layer } from '../candidates.js';
import { type Cost, isMeasuredByRows, predict, timesOf } from '../cost-model.js';
import { provable } from '../provable.js';
import { ENDLESS_ROWS, withoutEnd } from './endless.js';
import { withRows } from './images.js';
import { accumulates, type RowWindow, rowsOf, rowWindows, startOf } from './row-window.js';
import type { StageSchedule } from './schedule.js';

/** How a layer of a stage is computed. */
export interface StageCandidate {
  readonly kernel: Kernel;
  /** Their scalars include `row_begin` and `row_end` where a call makes several rows; else it makes one. */
  readonly calls: readonly KernelCall[];
  /** Predicted, by call, without the loop around them: of all rounds, or where the input never ends of those for one output. */
  readonly costs: readonly Cost[];
}

/** A stage whose calls are known. */
export interface LoweredStage {
  readonly schedule: StageSchedule;
  readonly layers: readonly StageCandidate[];
}

/** A kernel that can compute a node by rows. */
interface Way {
  readonly kernel: Kernel;
  /** For bands of at most so many rows. */
  calls(most: number): readonly KernelCall[];
  /** Predicted, by call, for all rows in bands of so many. */
  costs(band: number): readonly Cost[];
}

/** Lowers layers of stages by their candidates' kernels, whose constants are packed once however many stages are tried. */
export class StageLowering {
  readonly #graph: Graph;
  readonly #board: Board;
  readonly #candidates: ReadonlyMap<Node, readonly Candidate[]>;
  readonly #ways = new Map<Node, readonly Way[]>();
  readonly #known = new Map<Node, Map<string, readonly StageCandidate[]>>();

  constructor(graph: Graph, board: Board, layers: readonly Layer[]) {
    this.#graph = graph;
    this.#board = board;
    this.#candidates = new Map(layers.map(({ node, candidates }) => [node, candidates]));
  }

  /**
   * Ways for the layers, one each: those of least time, then those of less and less scratch memory, as far as that becomes less.
   * None where a layer has no way.
   */
  *choices({ input, layers, rows, endless }: StageSchedule): Generator<readonly StageCandidate[]> {
    const rounds = roundsIn(this.#graph, { input, rows });
    const ways = layers.map(({ node, height, most }, i) => {
      if (!endless) return this.#candidatesOf(node, bandOf(height, rounds), most);
      const share = endless.stride / endless.strides[i]! / rowsOf(this.#graph, node);
      return this.#candidatesOf(node, 1, most, share);
    });
    if (ways.some(({ length }) => length === 0)) return;
    for (let limit = Number.POSITIVE_INFINITY; ; ) {
      const chosen = ways.map((own) => own.find((way) => scratchOf(way) < limit));
      if (!chosen.every((way) => way !== undefined)) return;
      yield chosen;
      limit = Math.max(...chosen.map(scratchOf));
    }
  }

  /**
   * The fastest way, and those of less scratch memory that take more time.
   * @param share of its rows that an output takes, where the input never ends
   */
  #candidatesOf(
    node: Node,
    band: number,
    most: number,
    share: number | null = null,
  ): readonly StageCandidate[] {
    const key = `${band}/${most}/${share}`;
    const known = this.#known.get(node) ?? new Map<string, readonly StageCandidate[]>();
    this.#known.set(node, known);
    let found = known.get(key);
    if (!found) {
      const sums = share === null ? 'all' : 'window';
      const all = this.#waysOf(node)
        .map(({ kernel, calls, costs }) => ({ kernel, calls: calls(most), costs: costs(band) }))
        .filter(({ calls }) => calls.every(({ accumulates: own = sums }) => own === sums))
        .map((way) => (share === null ? way : shareOf(way, share)))
        .sort((a, b) => timeOf(a) - timeOf(b));
      found = all.filter((way, i) => all.slice(0, i).every((faster) => scratchOf(way) < scratchOf(faster)));
      known.set(key, found);
    }
    return found;
  }

  #waysOf(node: Node): readonly Way[] {
    const known = this.#ways.get(node);
    if (known) return known;
    const candidates = this.#candidates.get(node) ?? [];
    const ways = candidates.flatMap(({ kernel, calls }) => {
      const [call] = calls;
      if (accumulates(this.#graph, node)) return call!.accumulates ? this.#sums(kernel, call!) : [];
      const isBand = calls.length === 1 && takesRings(call!);
      return isBand ? this.#band(node, kernel, call!) : (this.#row(node, kernel) ?? []);
    });
    this.#ways.set(node, ways);
    return ways;
  }

  /** Calls of several rows of the input, whose sums outlive them. */
  #sums(kernel: Kernel, call: KernelCall): Way {
    const cost = predict(this.#graph, call, this.#board);
    return { kernel, calls: () => [apart(call)], costs: () => [cost] };
  }

  /** Calls of several rows, by kernels that find rows in rings by themselves. */
  #band(node: Node, kernel: Kernel, call: KernelCall): Way {
    const [graph, board] = [this.#graph, this.#board];
    const height = tensorAt(graph, node.outputs[0]).shape[1]!;
    const { rowsAtOnce = 1 } = call;
    const full = (band: number) => (Math.ceil(band / rowsAtOnce) * rowsAtOnce) / band;
    const costs = remembered((band) => {
      if (isMeasuredByRows(call, board))
        return [timesOf(predict(graph, call, board, height / band), full(band))];
      const few = withRows(graph, node, rowWindows(graph, node)!, band);
      const sample = kernel.accepts(few.graph, few.node, board.target)
        ? provable(() => kernel.lower(few.graph, few.node))
        : null;
      // A kernel may be none for so few rows as whole images, for its place among others.
      return [
        sample
          ? timesOf(predict(few.graph, sample, board), height / band)
          : timesOf(predict(graph, call, board), full(band)),
      ];
    });
    const calls = remembered((most) => [apart(kernel.inBands?.(call, most) ?? call)]);
    return { kernel, calls, costs };
  }

  /** Calls of one row, by kernels that know of no rings. */
  #row(node: Node, kernel: Kernel): Way | null {
    const [graph, board] = [this.#graph, this.#board];
    const windows = rowWindows(graph, node)!;
    const height = tensorAt(graph, node.outputs[0]).shape[1]!;
    // A call knows of one row that is there.
    const isInside = (window: RowWindow, id: TensorId) =>
      startOf(window, 0) >= 0 && startOf(window, height - 1) < tensorAt(graph, id).shape[1]!;
    const isOneRow = windows.every((window, i) => {
      return !window || (window.extent === 1 && !window.per && isInside(window, node.inputs[i]!));
    });
    if (!isOneRow) return null;
    const row = withRows(graph, node, windows, 1);
    if (!kernel.accepts(row.graph, row.node, board.target)) return null;
    const count = kernel.calls?.(row.graph, row.node) ?? 1;
    const calls = provable(() =>
      Array.from({ length: count }, (_, part) => kernel.lower(row.graph, row.node, part)),
    );
    if (!calls || calls.some(isBanded)) return null;
    const costs = calls.map((call) => timesOf(predict(row.graph, call, board), height));
    const apartCalls = calls.map(apart);
    return { kernel, calls: () => apartCalls, costs: () => costs };
  }
}

/** Rounds of a stage's loop over an image that ends. */
export function roundsIn(graph: Graph, { input, rows }: Pick<StageSchedule, 'input' | 'rows'>): number {
  return Math.ceil(tensorAt(graph, input).shape[1]! / rows);
}

/** Rows of most bands of an image of `height` rows. */
export function bandOf(height: number, rounds: number): number {
  return Math.max(1, Math.round(height / rounds));
}

/** Whether a call makes several rows by itself. */
export function isBanded({ scalars }: KernelCall): boolean {
  return 'row_begin' in scalars;
}

function takesRings(call: KernelCall): boolean {
  const known = { ...call.shape, ...call.scalars };
  return isBanded(call) && 'input_ring_rows' in known && 'output_ring_rows' in known;
}

/** What a share of a layer's rows takes. */
function shareOf({ kernel, calls, costs }: StageCandidate, share: number): StageCandidate {
  return {
    kernel,
    calls: calls.map((call) => ({ ...call, macs: Math.round(call.macs * share) })),
    costs: costs.map((cost) => timesOf(cost, share)),
  };
}

/** The call with images as rings. Of a window it sees the whole image: that begins where its first row would lie. */
export function inRings(call: KernelCall, node: Node, { rings, endless }: StageSchedule): KernelCall {
  const ringRows = (id: TensorId, value: number): number => {
    const ring = rings.get(id);
    if (!ring) return value;
    if (ring.kept === null) return ring.rows;
    return endless ? ENDLESS_ROWS : value;
  };
  const sized = (parameters: Parameters): Parameters =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => {
        if (name === 'input_ring_rows') return [name, ringRows(node.inputs[0]!, value)];
        return [name, name === 'output_ring_rows' ? ringRows(node.outputs[0]!, value) : value];
      }),
    );
  if (!isBanded(call)) return call;
  const [shape, scalars] = [sized(call.shape), sized(call.scalars)];
  return endless
    ? { ...call, shape: withoutEnd(shape, call), scalars: withoutEnd(scalars, call) }
    : { ...call, shape, scalars };
}

/** Within a stage no output shares memory with an input. */
function apart(call: KernelCall): KernelCall {
  return { ...call, overlap: call.inputs.map(() => null) };
}

/** Predicted. */
export function timeOf({ costs }: StageCandidate): number {
  return costs.reduce((sum, { time }) => sum + time, 0);
}

/** Bytes. */
function scratchOf({ calls }: StageCandidate): number {
  return Math.max(...calls.map(({ scratchBytes }) => scratchBytes));
}

function remembered<T>(of: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, of(key));
    return known.get(key)!;
  };
}
