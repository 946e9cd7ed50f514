import type { Board } from '../../boards/board.js';
import type { Graph } from '../graph/graph.js';
import type { Kernel, KernelCall } from '../kernels/kernel.js';
import { widenedValues } from '../kernels/narrow.js';
import { costsOf, priceOf } from './cost-model.js';
import { type Buffers, isLive } from './memory/buffers.js';
import { traitsOf } from './work.js';

/**
 * Stack that the model's own functions need at most where no kernel was measured: the run function, a specialised function
 * and its inlined kernel. Nothing recurses and nothing is allocated on the stack by size.
 */
const STACK_BYTES = 480;

/** Thumb-1 code against Thumb-2 for kernels that were not measured, as GCC's -O2 makes it of KWS (1.24) and VWW (1.5). */
const THUMB_1_GROWTH = 1.4;

/** Of `bl_widen_constant` (GCC 12, -O2) as Thumb-1 and Thumb-2 code. */
const WIDEN_BYTES = { thumb1: 188, thumb2: 150 };

/** Predicted bytes of one specialised copy of the kernel. */
export function codeBytes(graph: Graph, call: KernelCall, kernel: Kernel, board: Board): number {
  const cost = costsOf(board)?.kernels[call.kernel];
  if (cost) return priceOf(traitsOf(graph, call), cost.code);
  return board.target.isa === 'armv6-m' ? Math.round(kernel.codeBytes * THUMB_1_GROWTH) : kernel.codeBytes;
}

/** What the call shares with others: functions and their predicted bytes. */
export function sharedCode(graph: Graph, call: KernelCall, board: Board): readonly [string, number][] {
  const bytes = board.target.isa === 'armv6-m' ? WIDEN_BYTES.thumb1 : WIDEN_BYTES.thumb2;
  const widening: [string, number][] = widenedValues(call) > 0 ? [['bl_widen_constant', bytes]] : [];
  const costs = costsOf(board);
  const needed = Object.entries(costs?.kernels[call.kernel]?.shared ?? {});
  if (!costs || needed.length === 0) return widening;
  const traits = traitsOf(graph, call);
  const shared = needed.flatMap(([name, all]): [string, number][] =>
    all.every((trait) => trait in traits) ? [[name, costs.shared[name]!]] : [],
  );
  return [...shared, ...widening];
}

/** Predicted bytes of code that no step has for itself: what kernels share, and the function that runs the steps. */
export function commonCodeBytes(graph: Graph, calls: readonly KernelCall[], board: Board): number {
  const [base, perStep] = costsOf(board)?.run ?? [0, 0];
  const shared = new Map(calls.flatMap((call) => sharedCode(graph, call, board)));
  return [...shared.values()].reduce((sum, bytes) => sum + bytes, Math.round(base + perStep * calls.length));
}

/** Flash for the vector table, start-up code, `memcpy` and `memset` where they were not measured. */
const START_UP_BYTES = 2048;

/** Predicted bytes of flash that an image holds beside the model. */
export function startUpBytes(board: Board): number {
  return costsOf(board)?.startUp ?? START_UP_BYTES;
}

/** For frames that no measured graph has shown. */
const STACK_ROOM = 64;

/** Predicted bytes of stack: the most that any step takes. */
export function stackBytes(calls: readonly KernelCall[], board: Board): number {
  const costs = costsOf(board);
  if (!costs) return STACK_BYTES;
  return STACK_ROOM + Math.max(0, ...calls.map((call) => costs.kernels[call.kernel]?.stack ?? STACK_BYTES));
}

/** Bytes of the arena that belong to some buffer while `step` runs; bytes that two share count once. */
export function liveBytes({ list }: Buffers, offsets: readonly number[], step: number): number {
  const spans = list
    .flatMap((buffer, i) =>
      isLive(buffer, step) ? [{ from: offsets[i]!, to: offsets[i]! + buffer.bytes }] : [],
    )
    .sort((x, y) => x.from - y.from);
  let covered = 0;
  let top = 0;
  for (const { from, to } of spans) {
    covered += Math.max(0, to - Math.max(from, top));
    top = Math.max(top, to);
  }
  return covered;
}
