import assert from 'node:assert/strict';
import fc from 'fast-check';
import { erf, exp, gelu, tanh } from '../../src/numerics/activation.js';
import { interpolatedTable, lookUpInterpolated } from '../../src/numerics/interpolated-table.js';
import { bilinearAxis, nearestIndices } from '../../src/numerics/resize.js';
import { logisticInt16Parameters, tanhInt16Parameters } from '../../src/numerics/scales.js';
import { logisticInt16, SIGMOID_TABLE, tanhInt16 } from '../../src/numerics/sigmoid-table.js';
import { softmaxInt8, softmaxInt16, softmaxRowInt8, softmaxRowInt16 } from '../../src/numerics/softmax.js';

describe('own binary64 functions', () => {
  it('exp and tanh agree with the engine to 1e-15', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        assert.ok(Math.abs(exp(x) / Math.exp(x) - 1) < 1e-15);
        assert.ok(Math.abs(tanh(x / 30) - Math.tanh(x / 30)) < 1e-15);
      }),
    );
    assert.equal(exp(0), 1);
    assert.equal(exp(-800), 0);
  });

  it('erf has its published values', () => {
    const values: [number, number][] = [
      [0, 0],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [2, 0.9953222650189527],
      [4, 0.9999999845827421],
      [7, 1],
    ];
    for (const [x, y] of values) {
      assert.ok(Math.abs(erf(x) - y) < 1e-15, `erf(${x})`);
      assert.equal(erf(-x) + erf(x), 0);
    }
  });

  it('gelu in both forms', () => {
    assert.ok(Math.abs(gelu(1, false) - 0.8413447460685429) < 1e-15);
    assert.ok(Math.abs(gelu(1, true) - 0.8411919906082768) < 1e-15);
    assert.ok(Math.abs(gelu(-3, false) - -0.004049694095) < 1e-12);
  });
});

describe('16-bit sigmoid', () => {
  it('has the table of TFLM', () => {
    assert.deepEqual([...SIGMOID_TABLE.subarray(0, 6)], [32768, 33451, 34133, 34813, 35493, 36169]);
    assert.deepEqual([...SIGMOID_TABLE.subarray(-4)], [65534, 65534, 65534, 65535]);
    // A checksum of the published table.
    assert.equal(
      SIGMOID_TABLE.reduce((hash, entry) => (hash * 31 + entry) % 1000003, 7),
      682018,
    );
  });

  it('is within three steps of the real functions at both kinds of scale', () => {
    for (const scale of [2 ** -12, 2 ** -11, Math.fround(0.00037)]) {
      const forLogistic = logisticInt16Parameters(scale);
      const forTanh = tanhInt16Parameters(scale);
      for (let x = -32768; x < 32768; x += 97) {
        const real = x * scale;
        const sigmoid = 32768 / (1 + Math.exp(-real));
        assert.ok(Math.abs(logisticInt16(x, forLogistic) - sigmoid) < 3, `logistic(${real})`);
        assert.ok(Math.abs(tanhInt16(x, forTanh) - 32768 * Math.tanh(real)) < 4, `tanh(${real})`);
      }
    }
  });

  it('takes scales that are powers of two without rounding', () => {
    assert.deepEqual(logisticInt16Parameters(2 ** -12), { multiplier: 3, shift: 0 });
    assert.deepEqual(tanhInt16Parameters(2 ** -11), { multiplier: 6, shift: 0 });
    assert.deepEqual(logisticInt16Parameters(2 ** -11), { multiplier: 24576, shift: 12 });
  });
});

describe('softmax', () => {
  it('int8 table: exp(-d * scale) up to diffMin, then 0', () => {
    const { exp: table, diffMin, input } = softmaxInt8(1, 0.25);
    assert.deepEqual(input, { multiplier: 2 ** 30, shift: 25 });
    assert.equal(diffMin, -62);
    assert.equal(table[0], 2 ** 31 - 1);
    assert.ok(Math.abs(table[4]! / 2 ** 31 - Math.exp(-1)) < 1e-6);
    assert.ok(table[62]! > 0);
    assert.equal(table[63], 0);
  });

  it('int8 multiplier is capped below 2^31', () => {
    const { input, diffMin } = softmaxInt8(1, 100);
    assert.deepEqual(input, { multiplier: 2 ** 31 - 1, shift: 31 });
    assert.equal(diffMin, 0);
  });

  it('rows of one, of equal and of far apart elements', () => {
    const row = (codes: number[]) => {
      const y = new Int8Array(codes.length);
      softmaxRowInt8(codes, y, 0, codes.length, softmaxInt8(1, 0.5).exp, 8);
      return [...y];
    };
    assert.deepEqual(row([-7]), [127]);
    assert.deepEqual(row([3, 3]), [0, 0]);
    assert.deepEqual(row([3, 3, 3, 3]), [-64, -64, -64, -64]);
    assert.deepEqual(row([127, -128]), [127, -128]);
    assert.deepEqual(new Set(row(Array(1000).fill(5))), new Set([-128]));
  });

  it('int16 rows add up to one', () => {
    const tables = softmaxInt16(1, 2 ** -12);
    const y = new Int16Array(4);
    softmaxRowInt16([0, 0, 0, 0], y, 0, 4, tables);
    assert.deepEqual([...y], [8192, 8192, 8192, 8192]);
    softmaxRowInt16([32767, -32768, -32768, -32768], y, 0, 4, tables);
    assert.ok(y[0]! > 32700 && y[1]! < 20);
  });
});

describe('interpolated tables', () => {
  it('end where the function ends and interpolate in between', () => {
    const scale = Math.fround(1 / 32768);
    const table = interpolatedTable(scale, 0, scale, (x) => Math.fround(x / 2));
    assert.equal(table.length, 513);
    assert.equal(table[0], -16384);
    assert.equal(table[512], 16384);
    for (let x = -32768; x < 32768; x += 111) {
      assert.ok(Math.abs(lookUpInterpolated(table, x) - x / 2) <= 1, `${x} / 2`);
    }
  });
});

describe('resizing', () => {
  const plain = { alignCorners: false, halfPixelCenters: false };

  it('nearest neighbour in its four modes', () => {
    assert.deepEqual([...nearestIndices(3, 6, plain)], [0, 0, 1, 1, 2, 2]);
    assert.deepEqual([...nearestIndices(5, 2, plain)], [0, 2]);
    assert.deepEqual([...nearestIndices(5, 2, { ...plain, halfPixelCenters: true })], [1, 3]);
    assert.deepEqual([...nearestIndices(3, 5, { ...plain, alignCorners: true })], [0, 1, 1, 2, 2]);
  });

  it('bilinear weights in 1/1024', () => {
    const up = bilinearAxis(2, 4, plain);
    assert.deepEqual([...up.lower], [0, 0, 1, 1]);
    assert.deepEqual([...up.upper], [0, 1, 1, 1]);
    assert.deepEqual([...up.weight], [0, 512, 0, 512]);
    const half = bilinearAxis(2, 4, { ...plain, halfPixelCenters: true });
    assert.deepEqual([...half.lower], [0, 0, 0, 1]);
    assert.deepEqual([...half.weight], [-256, 256, 768, 256]);
  });
});
