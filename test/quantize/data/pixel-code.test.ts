import assert from 'node:assert/strict';
import fc from 'fast-check';
import { perTensor } from '../../../src/graph/tensor.js';
import { pixelCode } from '../../../src/quantize/data/pixel-code.js';
import { pixelTables } from '../../../src/quantize/data/pixels.js';
import type { ImagePreprocess } from '../../../src/quantize/data/preprocess.js';

describe('the code of a pixel', () => {
  const unit: ImagePreprocess = { pixels: [0, 1] };

  it('is the pixel moved, where the input has its range', () => {
    assert.equal(pixelCode(unit, perTensor('int8', 1 / 255, -128)), 'code = pixel - 128;');
    assert.equal(pixelCode(unit, perTensor('uint8', 1 / 255, 0)), 'code = pixel;');
    assert.equal(
      pixelCode({ pixels: [-1, 1] }, perTensor('int8', 1 / 128, 0)),
      'code = pixel - 128; /* within 1 */',
    );
  });

  it('is a product and a sum otherwise, for each channel where they differ', () => {
    assert.equal(
      pixelCode(unit, perTensor('int8', 1 / 127, 0)),
      'code = clamp((pixel * 32639 + 32768) >> 16, -128, 127);',
    );
    assert.equal(
      pixelCode({ mean: [0.5, 0.25], std: 0.5, white: 1 }, perTensor('int8', 1 / 64, 0)),
      'code[0] = clamp((pixel[0] * 32897 - 4161536) >> 16, -128, 127);\n' +
        'code[1] = clamp((pixel[1] * 32897 - 2064384) >> 16, -128, 127);',
    );
  });

  it('computes in 32 bits what it says: codes as rounded, or as far from them', () => {
    const real = fc.float({ min: -300, max: 300, noNaN: true });
    const format = fc.record({
      type: fc.constantFrom('int8' as const, 'uint8' as const, 'int16' as const),
      steps: fc.integer({ min: 20, max: 4000 }),
      zeroPoint: fc.integer({ min: 0, max: 127 }),
    });
    fc.assert(
      fc.property(real, real, format, (low, high, { type, steps, zeroPoint }) => {
        fc.pre(Math.abs(high - low) > 1e-3);
        const image: ImagePreprocess = { pixels: [low, high] };
        const quantized = perTensor(type, Math.abs(high - low) / steps, zeroPoint);
        const [, value, within = '0'] = /^code = (.*?);(?: \/\* within (\d+) \*\/)?$/.exec(
          pixelCode(image, quantized),
        )!;
        const clamp = (x: number, least: number, most: number) => Math.min(most, Math.max(least, x));
        const code = new Function('pixel', 'clamp', `return ${value}`);
        const [min, max] = type === 'int16' ? [-32768, 32767] : type === 'int8' ? [-128, 127] : [0, 255];
        const reals = pixelTables(image)[0]!;
        for (let pixel = 0; pixel < 256; pixel++) {
          const expected = clamp(reals[pixel]! / quantized.scales[0]! + zeroPoint, min!, max!);
          assert.ok(Math.abs(code(pixel, clamp) - expected) <= 0.5 + Number(within) + 0.01);
        }
        assert.ok(Number(within) <= 1);
      }),
      { numRuns: 200 },
    );
  });
});
