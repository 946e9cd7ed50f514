import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OpKind } from '../../src/graph/ops.js';
import { KERNELS } from '../../src/kernels/index.js';
import { PACKAGE_ROOT } from '../../src/package/root.js';

/** Every operator of the IR; the compiler demands that none is missing. */
const KINDS: Readonly<Record<OpKind, true>> = {
  CONV_2D: true,
  DEPTHWISE_CONV_2D: true,
  FULLY_CONNECTED: true,
  TRANSPOSE_CONV: true,
  BATCH_MATMUL: true,
  ADD: true,
  SUB: true,
  MUL: true,
  MAXIMUM: true,
  MINIMUM: true,
  AVERAGE_POOL_2D: true,
  MAX_POOL_2D: true,
  MEAN: true,
  SUM: true,
  SOFTMAX: true,
  LOGISTIC: true,
  TANH: true,
  HARD_SWISH: true,
  GELU: true,
  LEAKY_RELU: true,
  PRELU: true,
  RELU: true,
  RELU6: true,
  RELU_N1_TO_1: true,
  TABLE: true,
  PAD: true,
  CONCATENATION: true,
  RESHAPE: true,
  TRANSPOSE: true,
  STRIDED_SLICE: true,
  GATHER: true,
  RESIZE_NEAREST_NEIGHBOR: true,
  RESIZE_BILINEAR: true,
  ARG_MAX: true,
  L2_NORMALIZATION: true,
  SVDF: true,
  QUANTIZE: true,
  DEQUANTIZE: true,
};

const FILES = { c: 'codegen/c/kernels/%.h', wasm: 'assembly/%.ts' };

describe('kernel table', () => {
  for (const [backend, pattern] of Object.entries(FILES)) {
    const rows = KERNELS.filter(({ source }) => existsSync(join(PACKAGE_ROOT, pattern.replace('%', source))));

    it(`has a source for every row in ${backend}`, () => {
      const missing = KERNELS.filter((row) => !rows.includes(row)).map(({ id }) => id);
      assert.deepEqual(missing, []);
    });

    it(`has a row for every operator in ${backend}`, () => {
      const covered = new Set(rows.flatMap(({ ops }) => ops));
      const missing = (Object.keys(KINDS) as OpKind[]).filter((kind) => !covered.has(kind));
      assert.deepEqual(missing, []);
    });
  }

  it('names each row once', () => {
    const ids = KERNELS.map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), [...new Set(ids)].toSorted());
  });
});
