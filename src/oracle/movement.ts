/** Operators that only move elements. */
import type { Call, Numbers, Operators } from './call.js';
import { offsets, stridesOf } from './offsets.js';

/** y[i] = x[from[i]]. */
function gatherFrom(x: Numbers, from: Int32Array, y: Numbers): void {
  for (let i = 0; i < y.length; i++) y[i] = x[from[i]!]!;
}

function pad(call: Call<'PAD'>): void {
  const { before, value } = call.attributes;
  const x = call.input(0);
  const y = call.output;
  const strides = stridesOf(y.shape);
  const base = before.reduce((sum, count, d) => sum + count * strides[d]!, 0);
  y.data.fill(value);
  offsets(x.shape, strides, base).forEach((to, i) => {
    y.data[to] = x.data[i]!;
  });
}

function concatenation(call: Call<'CONCATENATION'>): void {
  const { axis } = call.attributes;
  const y = call.output;
  const strides = stridesOf(y.shape);
  let start = 0;
  call.inputs.forEach((_, n) => {
    const x = call.input(n);
    offsets(x.shape, strides, start * strides[axis]!).forEach((to, i) => {
      y.data[to] = x.data[i]!;
    });
    start += x.shape[axis]!;
  });
}

function transpose(call: Call<'TRANSPOSE'>): void {
  const x = call.input(0);
  const strides = stridesOf(x.shape);
  const from = offsets(
    call.output.shape,
    call.attributes.perm.map((d) => strides[d]!),
  );
  gatherFrom(x.data, from, call.output.data);
}

function stridedSlice(call: Call<'STRIDED_SLICE'>): void {
  const { begin, stride } = call.attributes;
  const x = call.input(0);
  const strides = stridesOf(x.shape);
  const base = begin.reduce((sum, index, d) => sum + index * strides[d]!, 0);
  const from = offsets(
    call.output.shape,
    strides.map((s, d) => s * stride[d]!),
    base,
  );
  gatherFrom(x.data, from, call.output.data);
}

/** Output shape: x up to the axis, then the indices' shape after the batch, then the rest of x. Indices are clamped. */
function gather(call: Call<'GATHER'>): void {
  const { axis, batchDims } = call.attributes;
  const x = call.input(0);
  const indices = call.input(1);
  const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
  const batches = size(x.shape.slice(0, batchDims));
  const outer = size(x.shape.slice(batchDims, axis));
  const inner = size(x.shape.slice(axis + 1));
  const axisSize = x.shape[axis]!;
  const perBatch = size(indices.shape.slice(batchDims));
  let at = 0;
  for (let b = 0; b < batches; b++) {
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < perBatch; j++) {
        const index = Math.max(0, Math.min(indices.data[b * perBatch + j]!, axisSize - 1));
        const from = ((b * outer + o) * axisSize + index) * inner;
        for (let i = 0; i < inner; i++) call.output.data[at++] = x.data[from + i]!;
      }
    }
  }
}

export const movement: Operators<
  'PAD' | 'CONCATENATION' | 'RESHAPE' | 'TRANSPOSE' | 'STRIDED_SLICE' | 'GATHER'
> = {
  PAD: pad,
  CONCATENATION: concatenation,
  RESHAPE: (call) => call.output.data.set(call.input(0).data),
  TRANSPOSE: transpose,
  STRIDED_SLICE: stridedSlice,
  GATHER: gather,
};
