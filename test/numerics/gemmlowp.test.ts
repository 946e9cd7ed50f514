import assert from 'node:assert/strict';
import { expOnNegativeValues, logistic, oneOverOnePlus, tanh } from '../../src/numerics/gemmlowp.js';
import { inverseSqrtMultiplier } from '../../src/numerics/inverse-sqrt.js';
import { reciprocalOfSum } from '../../src/numerics/softmax.js';

/** Expected integers were printed by gemmlowp and TFLM, compiled on a host. */
describe('fixed-point functions of gemmlowp', () => {
  it('expOnNegativeValues in Q5.26', () => {
    const pairs: [number, number][] = [
      [0, 2147483647],
      [-1, 2147483124],
      [-16777216, 1672462419],
      [-16777217, 1672461539],
      [-67108864, 790015308],
      [-134217729, 290630237],
      [-1000000007, 725],
      [-2147483647, 0],
      [-2147483648, 0],
    ];
    for (const [x, expected] of pairs) assert.equal(expOnNegativeValues(x, 5), expected, `exp(${x})`);
  });

  it('logistic and tanh in Q4.27', () => {
    const triples: [number, number, number][] = [
      [0, 1073741824, 0],
      [1, 1073741948, 260],
      [-1, 1073741699, -260],
      [134217728, 1569936226, 1635510876],
      [-134217728, 577547421, -1635510876],
      [1000000007, 2146236460, 2147482200],
      [-1000000007, 1247187, -2147482200],
      [2147483647, 2147483406, 2147483647],
      [-2147483647, 241, -2147483647],
    ];
    for (const [x, sigmoid, tangent] of triples) {
      assert.equal(logistic(x, 4), sigmoid, `logistic(${x})`);
      assert.equal(tanh(x, 4), tangent, `tanh(${x})`);
    }
  });

  it('are close to the real functions', () => {
    for (let x = -15.9; x < 16; x += 0.0371) {
      const q4 = Math.round(x * 2 ** 27);
      assert.ok(Math.abs(logistic(q4, 4) / 2 ** 31 - 1 / (1 + Math.exp(-x))) < 1e-6, `logistic(${x})`);
      assert.ok(Math.abs(tanh(q4, 4) / 2 ** 31 - Math.tanh(x)) < 1e-6, `tanh(${x})`);
    }
    for (let x = 0; x < 1; x += 0.01) {
      const value = oneOverOnePlus(Math.round(x * 2 ** 31)) / 2 ** 31;
      assert.ok(Math.abs(value - 1 / (1 + x)) < 1e-6, `1 / (1 + ${x})`);
    }
  });

  it('reciprocalOfSum', () => {
    const triples: [number, number, number][] = [
      [1, 2147483647, -19],
      [524288, 2147483647, 0],
      [524289, 2147479552, 0],
      [1000000, 1125899904, 0],
      [2147483647, 1073741820, 11],
    ];
    for (const [sum, scale, bitsOverUnit] of triples) {
      assert.deepEqual(reciprocalOfSum(sum), { scale, bitsOverUnit }, `1 / ${sum}`);
    }
  });

  it('inverseSqrtMultiplier', () => {
    const triples: [number, number, number][] = [
      [0, 2147483647, 0],
      [1, 2147483647, 0],
      [2, 1518498372, 0],
      [3, 1239850284, 0],
      [100, 214748363, 0],
      [65025, 269488147, -5],
      [268435456, 268435457, -11],
      [536870911, 189812531, -11],
      [536870912, 379624593, -12],
      [2147483647, 189812531, -12],
    ];
    for (const [input, multiplier, shift] of triples) {
      assert.deepEqual(inverseSqrtMultiplier(input), { multiplier, shift }, `1 / sqrt(${input})`);
    }
  });
});
