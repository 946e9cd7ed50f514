import type { Board } from '../../boards/board.js';
import { type Graph, outputOf } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import { byteLength } from '../graph/tensor.js';
import { kernelsFor } from '../kernels/index.js';
import type { Kernel, KernelCall } from '../kernels/kernel.js';
import { narrowCall, narrowKernel, widenedValues } from '../kernels/narrow.js';
import { codeBytes, sharedCode } from './cost.js';
import { type Cost, isComparable, predict, totalOf } from './cost-model.js';
import { signature } from './functions.js';
import { isAlias } from './memory/buffers.js';
import { uniqueName } from './names.js';
import { provable } from './provable.js';

/** A way to compute a node: a row of the kernel table that accepts it, lowered and priced. */
export interface Candidate extends Cost {
  readonly kernel: Kernel;
  readonly calls: readonly KernelCall[];
  readonly constantBytes: number;
  /** Bytes of code by function, named the same where the same code serves several layers. */
  readonly code: ReadonlyMap<string, number>;
  /** Bytes of the arena that it needs beyond the node's inputs. */
  readonly room: number;
}

/** A node and its candidates, at least one, in the table's order: the special before the general. */
export interface Layer {
  /** Unique C identifier: that of its first step. */
  readonly name: string;
  readonly node: Node;
  readonly candidates: readonly Candidate[];
}

/** A candidate for each layer. */
export type Choice = readonly Candidate[];

/**
 * Every node that takes memory of its own: a RESHAPE shares its input's.
 * @throws BitloomError BL202, BL301
 */
export function layersOf(graph: Graph, board: Board): Layer[] {
  const names = new Set<string>();
  return graph.nodes
    .filter((node) => !isAlias(graph, node))
    .map((node) => ({
      name: uniqueName(`${node.kind.toLowerCase()}_${node.source.index}`, names),
      node,
      candidates: candidatesOf(graph, node, board).flatMap((wide) => [
        wide,
        ...narrowed(graph, node, wide, board),
      ]),
    }));
}

/** The kernels that compute a node, in the table's order, with constants as they read them. */
export function candidatesOf(graph: Graph, node: Node, board: Board): Candidate[] {
  const [first, ...others] = kernelsFor(graph, node, board.target);
  const alternatives = others.map((kernel) => provable(() => candidateOf(graph, node, kernel, board)));
  return inOrder(
    [candidateOf(graph, node, first, board), ...alternatives.filter((found) => found !== null)],
    board,
  );
}

/** The same with constants in few bits, where any get smaller by that and the back end widens them. */
function narrowed(graph: Graph, node: Node, { kernel, calls, time }: Candidate, board: Board): Candidate[] {
  if (board.target.backend !== 'c') return [];
  const narrow = calls.map(narrowCall);
  if (narrow.every((call, i) => call === calls[i])) return [];
  const candidate = priced(graph, node, narrowKernel(kernel), narrow, board);
  return [{ ...candidate, time: Math.max(candidate.time, time) }];
}

export function isNarrow({ calls }: Candidate): boolean {
  return calls.some((call) => widenedValues(call) > 0);
}

/** Where predictions of two rows cannot be compared, it is the table's order that says which is faster. */
function inOrder(candidates: readonly Candidate[], board: Board): Candidate[] {
  const isKnown = ({ calls }: Candidate) => calls.every((call) => isComparable(call, board));
  return candidates.map((candidate, i) => {
    const before = candidates.slice(0, i).filter((other) => !isKnown(candidate) || !isKnown(other));
    return { ...candidate, time: Math.max(candidate.time, ...before.map(({ time }) => time)) };
  });
}

/** A node lowered by a kernel that accepts it. */
export function candidateOf(graph: Graph, node: Node, kernel: Kernel, board: Board): Candidate {
  const count = kernel.calls?.(graph, node) ?? 1;
  const calls = Array.from({ length: count }, (_, part) => kernel.lower(graph, node, part));
  return priced(graph, node, kernel, calls, board);
}

function priced(
  graph: Graph,
  node: Node,
  kernel: Kernel,
  calls: readonly KernelCall[],
  board: Board,
): Candidate {
  const outputBytes = byteLength(outputOf(graph, node));
  return {
    kernel,
    calls,
    ...totalOf(calls.map((call) => predict(graph, call, board))),
    constantBytes: calls
      .flatMap(({ constants }) => constants)
      .reduce((bytes, { data }) => bytes + data.byteLength, 0),
    code: new Map(
      calls.flatMap((call): [string, number][] => [
        [signature(graph, call), codeBytes(graph, call, kernel, board)],
        ...sharedCode(graph, call, board),
      ]),
    ),
    room: Math.max(
      ...calls.map(
        ({ scratchBytes, overlap: [distance = null] }) =>
          scratchBytes + (distance === 'exact' ? 0 : Math.min(outputBytes, distance ?? outputBytes)),
      ),
    ),
  };
}
