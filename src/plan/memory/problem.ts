import type { KernelCall } from '../../kernels/kernel.js';
import { type Buffer, type Buffers, isLive, type Repeated } from './buffers.js';

/**
 * Two buffers that are live at the same time: one must start below the other, by at least the given number of
 * granules. That is the lower one's size, or less where a kernel's output may overlap its dying input.
 */
export interface Pair {
  readonly a: number;
  readonly b: number;
  /** Least `offset(b) - offset(a)` if a is the lower one. */
  readonly gapAB: number;
  /** Least `offset(a) - offset(b)` if b is the lower one. */
  readonly gapBA: number;
}

/** Memory placement in units of the arena's granule, the alignment of every buffer. */
export interface PlacementProblem {
  readonly sizes: readonly number[];
  readonly pairs: readonly Pair[];
  /** Sets of buffers live at one moment; every pair is in one of them. */
  readonly moments: readonly (readonly number[])[];
}

/** States what `place` must obey for these buffers and calls. */
export function stateProblem(
  buffers: Buffers,
  calls: readonly KernelCall[],
  granule: number,
  repeated: readonly Repeated[] = [],
): PlacementProblem {
  const { list } = buffers;
  const sizes = list.map(({ bytes }) => Math.ceil(bytes / granule));
  const overlaps = allowedOverlaps(buffers, calls, repeated);
  const gap = (low: number, high: number) => {
    const distance = overlaps.get(`${low}/${high}`);
    return distance === undefined ? sizes[low]! : Math.min(Math.ceil(distance / granule), sizes[low]!);
  };
  const pairs: Pair[] = [];
  for (let a = 0; a < list.length; a++) {
    for (let b = a + 1; b < list.length; b++) {
      if (meet(list[a]!, list[b]!)) pairs.push({ a, b, gapAB: gap(a, b), gapBA: gap(b, a) });
    }
  }
  const moments = Array.from({ length: calls.length + 2 }, (_, i) =>
    list.flatMap((buffer, index) => (isLive(buffer, i - 1) ? [index] : [])),
  );
  return { sizes, pairs, moments };
}

function meet(x: Buffer, y: Buffer): boolean {
  // Of two windows one may end where the other begins: its rows move out before those of the other move in.
  if (x.kept && y.kept) return true;
  return spansOf(x).some((a) => spansOf(y).some((b) => a.first <= b.last && b.first <= a.last));
}

/** Runs of steps at which the bytes matter. */
function spansOf({
  first,
  last,
  kept,
}: Buffer): readonly { readonly first: number; readonly last: number }[] {
  if (!kept) return [{ first, last }];
  return [
    { first, last: kept.first - 1 },
    { first: kept.last + 1, last },
  ].filter((span) => span.first <= span.last);
}

/**
 * By `output/input` buffer: the distance in bytes from which on the output may start below the input. Only where
 * this step is the last that reads the input and the first that writes the output, so that no other live byte
 * of either is in danger; of several reads of one buffer the greatest distance counts.
 */
function allowedOverlaps(
  { list, ofTensor }: Buffers,
  calls: readonly KernelCall[],
  repeated: readonly Repeated[],
): Map<string, number> {
  const found = new Map<string, number>();
  calls.forEach((call, step) => {
    const out = ofTensor.get(call.outputs[0]?.tensor ?? -1);
    if (out === undefined || list[out]!.first !== step) return;
    const forbidden = new Set(call.outputs.slice(1).map(({ tensor }) => ofTensor.get(tensor)));
    call.inputs.forEach(({ tensor }, i) => {
      if (typeof call.overlap[i] !== 'number') forbidden.add(ofTensor.get(tensor));
    });
    call.inputs.forEach(({ tensor }, i) => {
      const input = ofTensor.get(tensor);
      if (input === undefined || input === out || forbidden.has(input) || list[input]!.last !== step) return;
      const key = `${out}/${input}`;
      const distance = call.overlap[i];
      if (typeof distance === 'number') found.set(key, Math.max(found.get(key) ?? 0, distance));
    });
  });
  for (const { first, last, input, overlap } of repeated) {
    if (overlap === null) continue;
    const [from, out] = [ofTensor.get(input), ofTensor.get(calls[last]!.outputs[0]!.tensor)];
    if (from === undefined || out === undefined) continue;
    if (list[out]!.first === first && list[from]!.last === last) found.set(`${out}/${from}`, overlap);
  }
  return found;
}
