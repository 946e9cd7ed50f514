/** Who takes which bytes of the arena, when, and for whom. */
import type { TensorId } from '../graph/tensor.js';
import { isLive } from './memory/buffers.js';
import type { PlacedBuffer, Plan, Stage } from './plan.js';

export type OccupantKind = 'input' | 'output' | 'image' | 'ring' | 'scratch' | 'state';

/** A buffer of the arena, as people know it. */
export interface Occupant extends PlacedBuffer {
  readonly kind: OccupantKind;
  /** `input`, `conv_2d_0`: the step that makes it, of several in place the first. */
  readonly name: string;
  /** What it is for: what makes it, and what reads it last. */
  readonly cause: string;
  /** First and last step of the plan at which it is live; `first` and `last` reach beyond where it lives beyond the run. */
  readonly from: number;
  readonly to: number;
}

/** The buffers of the arena in the order of their first step. */
export function occupantsOf(plan: Plan): readonly Occupant[] {
  return plan.arena.buffers
    .map((buffer) => occupant(plan, buffer))
    .sort((a, b) => a.first - b.first || a.offset - b.offset);
}

/** A moment at which most of the arena is live. */
export interface Peak {
  /** Index in `Plan.steps`. */
  readonly step: number;
  readonly stage: Stage | null;
  /** Bytes of the arena that are live; those that two buffers share count once. */
  readonly liveBytes: number;
  readonly live: readonly Occupant[];
}

/** The first of the steps that need most; null of a plan without steps. */
export function peakOf(plan: Plan): Peak | null {
  const liveBytes = Math.max(...plan.steps.map(({ cost }) => cost.liveBytes));
  const step = plan.steps.findIndex(({ cost }) => cost.liveBytes === liveBytes);
  if (step < 0) return null;
  const stage = plan.stages.find(({ first, last }) => first <= step && step <= last) ?? null;
  const live = occupantsOf(plan).filter((buffer) => isLive(buffer, step));
  return { step, stage, liveBytes, live: live.sort((a, b) => b.bytes - a.bytes || a.offset - b.offset) };
}

function occupant(plan: Plan, buffer: PlacedBuffer): Occupant {
  const end = plan.steps.length - 1;
  const from = Math.max(0, buffer.first);
  const to = Math.min(end, buffer.last);
  return { ...buffer, from, to, ...describe(plan, buffer) };
}

function describe(plan: Plan, buffer: PlacedBuffer): Pick<Occupant, 'kind' | 'name' | 'cause'> {
  const { graph, steps, stages } = plan;
  const { tensors, first, offset, bytes, kept } = buffer;
  const nameOf = (step: number) => steps[step]?.name ?? '';
  if (kept) {
    const maker = nameOf(
      steps.findIndex(({ call }) => call.outputs.some(({ tensor }) => tensor === kept.image)),
    );
    return {
      kind: 'ring',
      name: maker,
      cause: 'its rows that the next round reads, but while they are in its window',
    };
  }
  const adding = steps.find(
    ({ call, scratchOffset }) => call.accumulates && scratchOffset === offset && call.scratchBytes === bytes,
  );
  if (tensors.length === 0 && first !== buffer.last && adding) {
    const cause = 'what it has added up of the rows that came';
    return { kind: first < 0 ? 'state' : 'scratch', name: `sums of ${adding.name}`, cause };
  }
  if (tensors.length === 0 && first < 0)
    return { kind: 'state', name: 'counts of rows', cause: 'what a stage has done of the rows that came' };
  if (tensors.length === 0) {
    const cause = `working memory of ${steps[first]?.call.kernel}`;
    return { kind: 'scratch', name: `scratch of ${nameOf(first)}`, cause };
  }
  const has = (ids: readonly (TensorId | null)[]) => tensors.some((id) => ids.includes(id));
  if (tensors.some((id) => graph.tensors[id]?.state))
    return { kind: 'state', name: `state of ${nameOf(readerOf(plan, tensors))}`, cause: 'outlives a run' };
  const maker = steps.findIndex(({ call }) => has(call.outputs.map(({ tensor }) => tensor)));
  const reader = readerOf(plan, tensors);
  const readers = reader < 0 ? '' : `, read until ${nameOf(reader)}`;
  if (has([...graph.inputs, ...stages.flatMap(({ fed, input }) => (fed ? input : []))])) {
    const name =
      graph.inputs.length > 1 ? `input ${graph.inputs.findIndex((id) => tensors.includes(id))}` : 'input';
    const ring = ringOf(plan, tensors);
    const rows = ring ? `, a ring of ${ring.rows} of its ${ring.height} rows` : '';
    return { kind: 'input', name, cause: `the network's input${rows}${readers}` };
  }
  const name = nameOf(maker);
  if (has(graph.outputs)) return { kind: 'output', name, cause: "the network's output" };
  const ring = ringOf(plan, tensors);
  if (ring)
    return { kind: 'ring', name, cause: `a ring of ${ring.rows} of its ${ring.height} rows${readers}` };
  return { kind: 'image', name, cause: `its output${readers}` };
}

/** The last step that reads one of the tensors. */
function readerOf({ steps }: Plan, ids: readonly TensorId[]): number {
  return steps.findLastIndex(({ call }) => call.inputs.some(({ tensor }) => ids.includes(tensor)));
}

/** The ring that the tensors are, where it has not all of their rows. */
function ringOf(
  { graph, stages }: Plan,
  tensors: readonly TensorId[],
): { rows: number; height: number } | null {
  for (const { rings } of stages) {
    for (const id of tensors) {
      const ring = rings.get(id);
      const height = graph.tensors[id]?.shape[1] ?? 0;
      if (ring && ring.rows < height) return { rows: ring.rows, height };
    }
  }
  return null;
}
