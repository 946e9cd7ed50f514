/** How much of the arena is live while consecutive layers run, one by one or as a stage: what a search compares. */
import type { Graph } from '../../graph/graph.js';
import type { TensorId } from '../../graph/tensor.js';
import type { KernelCall } from '../../kernels/kernel.js';
import { type Buffers, findBuffers } from '../memory/buffers.js';
import { feedBytes } from './index.js';
import type { LoweredStage } from './lower.js';
import { lastReaders } from './rings.js';
import { rowBytesOf } from './row-window.js';

/** Every buffer begins at a multiple of a word. */
const WORD = 4;

/** Lifetimes of a graph's tensors in the order of its layers. */
export class Lifetimes {
  readonly #buffers: Buffers;

  /** @param calls one of each layer, in order: which kernels they are does not matter */
  constructor(graph: Graph, calls: readonly KernelCall[]) {
    const apart = new Set(calls.keys());
    this.#buffers = findBuffers(graph, calls, [], apart);
  }

  /** Bytes that are live from layer `first` to `last`: what is there before and still needed, and what is there after. */
  around(first: number, last: number): number {
    return this.#sum((buffer) =>
      buffer.first < first ? buffer.last >= first : buffer.first <= last && buffer.last > last,
    );
  }

  bytesOf(id: TensorId): number {
    const index = this.#buffers.ofTensor.get(id);
    return index === undefined ? 0 : rounded(this.#buffers.list[index]!.bytes);
  }

  /** Whether nothing after layer `last` reads the tensor's memory. */
  endsBy(id: TensorId, last: number): boolean {
    const index = this.#buffers.ofTensor.get(id);
    return index !== undefined && this.#buffers.list[index]!.last <= last;
  }

  #sum(counts: (buffer: Buffers['list'][number]) => boolean): number {
    return this.#buffers.list.reduce(
      (sum, buffer) => (buffer.tensors.length > 0 && counts(buffer) ? sum + rounded(buffer.bytes) : sum),
      0,
    );
  }
}

/** Bytes that are live while the calls of layer `at` run. */
export function roomOfLayer(lifetimes: Lifetimes, at: number, calls: readonly KernelCall[]): number {
  return (
    lifetimes.around(at, at) + Math.max(...calls.map((call) => rounded(call.scratchBytes) - saved(call)))
  );

  function saved({ inputs, outputs, overlap }: KernelCall): number {
    if (calls.length > 1 || outputs.length === 0) return 0;
    const output = outputs[0]!.tensor;
    const savings = inputs.map(({ tensor }, i) => {
      const distance = overlap[i];
      if (distance === null || distance === undefined || !lifetimes.endsBy(tensor, at)) return 0;
      return savedBytes(lifetimes, output, tensor, distance === 'exact' ? 0 : distance);
    });
    return Math.max(0, ...savings);
  }
}

/** Bytes that are live while layers `first` to `last` run as a stage. */
export function roomOfStage(
  lifetimes: Lifetimes,
  first: number,
  last: number,
  stage: LoweredStage,
  rowBytes: (id: TensorId) => number,
): number {
  const { schedule } = stage;
  const output = schedule.layers.at(-1)!.node.outputs[0]!;
  return lifetimes.around(first, last) + roomWithin(stage, rowBytes) - saved();

  function saved(): number {
    const { input, overlap, fed } = schedule;
    if (fed) return lifetimes.bytesOf(input) - feedBytes(schedule.layers.length, 1);
    if (overlap === null || !lifetimes.endsBy(input, last)) return 0;
    return savedBytes(lifetimes, output, input, overlap);
  }
}

/** Bytes of a stage's rings and scratch memory. */
export function roomWithin({ schedule, layers }: LoweredStage, rowBytes: (id: TensorId) => number): number {
  const end = layers.length - 1;
  const begun: number[] = layers.map(() => 0);
  const ended: number[] = layers.map(() => 0);
  const live = (bytes: number, from: number, to: number) => {
    begun[from]! += bytes;
    ended[to]! += bytes;
  };
  const readers = lastReaders(schedule.layers);
  for (const [layer, { node }] of schedule.layers.slice(0, -1).entries()) {
    const id = node.outputs[0]!;
    const { rows, kept } = schedule.rings.get(id)!;
    const bytes = rounded(rows * rowBytes(id));
    if (kept === null) live(bytes, 0, end);
    else live(bytes, layer, readers[layer]!);
  }
  for (const { bytes, maker, until } of schedule.moves) {
    if (maker > 0) live(rounded(bytes), 0, maker - 1);
    if (until < end) live(rounded(bytes), until + 1, end);
  }
  if (schedule.fed) {
    const { rows } = schedule.rings.get(schedule.input)!;
    live(rounded(rows * rowBytes(schedule.input)), 0, end);
  }
  for (const [at, { calls }] of layers.entries()) {
    for (const { scratchBytes, accumulates } of calls) {
      const bytes = rounded(scratchBytes);
      if (accumulates) live(bytes, 0, end);
      else live(bytes, at, at);
    }
  }
  let [most, now] = [0, 0];
  for (let at = 0; at <= end; at++) {
    now += begun[at]!;
    most = Math.max(most, now);
    now -= ended[at]!;
  }
  return most;
}

/** Bytes of a row of each image. */
export function rowBytesIn(graph: Graph): (id: TensorId) => number {
  const bytes = graph.tensors.map(rowBytesOf);
  return (id) => bytes[id]!;
}

/** What an output saves that starts `distance` bytes below a dying input. */
function savedBytes(lifetimes: Lifetimes, output: TensorId, input: TensorId, distance: number): number {
  const [out, from] = [lifetimes.bytesOf(output), lifetimes.bytesOf(input)];
  return Math.max(0, out + from - Math.max(rounded(distance) + from, out));
}

function rounded(bytes: number): number {
  return Math.ceil(bytes / WORD) * WORD;
}
