/** Strided byte layouts: how data-movement operators become runs of bytes between two tensors. */
import type { Parameters } from './kernel.js';

/** One loop of a copy; strides in bytes. */
export interface Loop {
  readonly size: number;
  readonly input: number;
  readonly output: number;
}

/** A copy of `run` bytes in each turn of nested loops, outermost first. */
export interface StridedCopy {
  readonly run: number;
  readonly loops: readonly Loop[];
  readonly inputOffset: number;
  readonly outputOffset: number;
}

/** Loops that the kernel has. */
export const COPY_LOOPS = 5;

/** Bytes between neighbours of each dimension of a row-major tensor. */
export function byteStrides(shape: readonly number[], elementBytes: number): number[] {
  const strides: number[] = [];
  shape.reduceRight((stride, size, d) => {
    strides[d] = stride;
    return stride * size;
  }, elementBytes);
  return strides;
}

/** The same copy with as few loops and as long runs as its strides allow. */
export function mergeLoops(copy: StridedCopy): StridedCopy {
  const loops: Loop[] = [];
  let run = copy.run;
  for (const loop of copy.loops.toReversed()) {
    const inner = loops[0];
    if (loop.size === 1) continue;
    if (!inner && loop.input === run && loop.output === run) {
      run *= loop.size;
    } else if (
      inner &&
      loop.input === inner.input * inner.size &&
      loop.output === inner.output * inner.size
    ) {
      loops[0] = { ...inner, size: inner.size * loop.size };
    } else {
      loops.unshift(loop);
    }
  }
  return { ...copy, run, loops };
}

/** The members of `bl_strided_copy_shape`. */
export function copyShape({ run, loops, inputOffset, outputOffset }: StridedCopy): Parameters {
  const missing = new Array<Loop>(COPY_LOOPS - loops.length).fill({ size: 1, input: 0, output: 0 });
  const all = [...missing, ...loops];
  return Object.fromEntries([
    ['run', run],
    ...all.map(({ size }, i) => [`size_${i}`, size]),
    ['input_offset', inputOffset],
    ...all.map(({ input }, i) => [`input_stride_${i}`, input]),
    ['output_offset', outputOffset],
    ...all.map(({ output }, i) => [`output_stride_${i}`, output]),
  ]);
}

/** A run's first byte in both tensors. */
export interface Run {
  readonly input: number;
  readonly output: number;
}

/** The runs of a copy, the last one first. */
export function* runsFromLast({ loops, inputOffset, outputOffset }: StridedCopy): Generator<Run> {
  const left = loops.map(({ size }) => size);
  let input = loops.reduce((at, loop) => at + (loop.size - 1) * loop.input, inputOffset);
  let output = loops.reduce((at, loop) => at + (loop.size - 1) * loop.output, outputOffset);
  for (let d = 0; d >= 0; ) {
    yield { input, output };
    for (d = loops.length - 1; d >= 0; d--) {
      const loop = loops[d]!;
      input -= loop.input;
      output -= loop.output;
      if (--left[d]! > 0) break;
      left[d] = loop.size;
      input += loop.size * loop.input;
      output += loop.size * loop.output;
    }
  }
}

/**
 * `KernelCall.overlap` of a kernel that writes `run` bytes at each `output` out of bytes at or above `input`: no run may
 * touch the memory of its own input, which `memcpy` forbids, or of a later one.
 * @param runs the last one first
 */
export function runsOverlap(runs: Iterable<Run>, run: number): number {
  let distance = 0;
  let live = Number.POSITIVE_INFINITY;
  for (const { input, output } of runs) {
    live = Math.min(live, input);
    distance = Math.max(distance, output + run - live);
  }
  return distance;
}
