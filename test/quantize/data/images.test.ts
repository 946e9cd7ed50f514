import assert from 'node:assert/strict';
import { encode as encodeBmp } from 'bmp-ts';
import fc from 'fast-check';
import { encode as encodeJpeg } from 'jpeg-js';
import { readImage } from '../../../src/data/image.js';
import type { Image } from '../../../src/data/png.js';
import { plain, type Tensor } from '../../../src/graph/tensor.js';
import { realsOfImage } from '../../../src/quantize/data/pixels.js';
import type { ImagePreprocess } from '../../../src/quantize/data/preprocess.js';
import { resample } from '../../../src/quantize/data/resample.js';
import { png } from '../../support/data-files.js';
import { refuses } from '../../support/refusals.js';

/** Pixels of red, green and blue, row by row. */
function picture(width: number, height: number, rgb: readonly (readonly number[])[]): Image {
  return { width, height, rgba: Uint8Array.from(rgb.flatMap((pixel) => [...pixel, 255])) };
}

const grey = (value: number) => [value, value, value];

describe('images for calibration', () => {
  const BYTES: ImagePreprocess = { pixels: [0, 255] };

  /** What an input [1, height, width, channels] takes of an image. */
  function taken(image: Image, shape: readonly [number, number, number], declared?: ImagePreprocess) {
    const tensor: Tensor = {
      name: 'x',
      shape: [1, ...shape],
      format: plain('float32'),
      data: null,
      state: false,
    };
    return [...realsOfImage(tensor, image, declared ? { image: declared } : {}, 'a.png')];
  }

  describe('are read', () => {
    const colours = [
      [250, 10, 20],
      [0, 130, 255],
    ];

    it('from PNG, JPEG and BMP, whatever their names say', () => {
      const { width, height, rgba } = readImage(png(2, 1, colours), 'a.bmp');
      assert.deepEqual([width, height, ...rgba], [2, 1, 250, 10, 20, 255, 0, 130, 255, 255]);
      const abgr = Buffer.from([0, 20, 10, 250, 0, 255, 130, 0]);
      const bmp = encodeBmp({ data: abgr, width: 2, height: 1, bitPP: 24 }).data;
      assert.deepEqual([...readImage(bmp, 'a.bmp').rgba], [...rgba]);
      const flat = picture(16, 8, new Array(128).fill([200, 100, 50]));
      const jpeg = encodeJpeg({ data: flat.rgba, width: 16, height: 8 }, 95).data;
      const read = readImage(jpeg, 'a.jpg');
      assert.deepEqual([read.width, read.height], [16, 8]);
      assert.ok([200, 100, 50, 255].every((value, i) => Math.abs(read.rgba[4 * 77 + i]! - value) <= 3));
    });

    it('not where they are damaged or of another kind', async () => {
      const flat = picture(16, 8, new Array(128).fill([200, 100, 50]));
      const jpeg = encodeJpeg({ data: flat.rgba, width: 16, height: 8 }, 95).data;
      const bmp = encodeBmp({ data: Buffer.alloc(8), width: 2, height: 1, bitPP: 24 }).data;
      await refuses('BL603', /'a' is not a JPEG/, () => readImage(jpeg.subarray(0, 300), 'a'));
      await refuses('BL603', /'a' is not a BMP/, () => readImage(bmp.subarray(0, 30), 'a'));
      await refuses('BL603', /'a' is not a PNG/, () => readImage(png(2, 1, colours).subarray(0, 40), 'a'));
      await refuses('BL603', /no PNG, JPEG or BMP/, () => readImage(Uint8Array.of(71, 73, 70), 'a'));
    });
  });

  describe('get real values', () => {
    const pixel = picture(1, 1, [[255, 0, 51]]);

    it('by the values of pixels 0 and 255, or by mean and deviation', () => {
      assert.deepEqual(taken(pixel, [1, 1, 3], { pixels: [-1, 1] }), [1, -1, Math.fround(-0.6)]);
      const units: ImagePreprocess = { mean: [0.5, 0.25, 0.2], std: [0.25, 0.5, 1], white: 1 };
      assert.deepEqual(taken(pixel, [1, 1, 3], units), [2, -0.5, 0]);
      assert.deepEqual(taken(pixel, [1, 1, 3], { mean: 51, std: 2, white: 255 }), [102, -25.5, 0]);
    });

    it('in the order of channels that is declared; means are in that order too', () => {
      const bgr: ImagePreprocess = { mean: [51, 0, 0], std: 1, white: 255, channels: 'BGR' };
      assert.deepEqual(taken(pixel, [1, 1, 3], bgr), [0, 0, 255]);
    });

    it('as grey by luma for one channel, or where grey is declared for three', () => {
      assert.deepEqual(taken(pixel, [1, 1, 1], BYTES), [82]);
      assert.deepEqual(taken(pixel, [1, 1, 3], { ...BYTES, channels: 'grey' }), [82, 82, 82]);
    });

    it('not without a declaration, or with one for other channels', async () => {
      await refuses('BL610', /'a\.png' holds pixels.*for input 'x'.*--pixels 0\.\.1/, () =>
        taken(pixel, [1, 1, 3]),
      );
      await refuses('BL611', /for 2 channels, but input 'x' has 3/, () =>
        taken(pixel, [1, 1, 3], { mean: [0, 0], std: 1, white: 1 }),
      );
      await refuses('BL611', /channels are RGB, but input 'x' has 1/, () =>
        taken(pixel, [1, 1, 1], { ...BYTES, channels: 'RGB' }),
      );
      await refuses('BL503', /it is an image\. The input is float32\[1, 1, 1, 2\]/, () =>
        taken(pixel, [1, 1, 2], BYTES),
      );
    });
  });

  describe('of another size', () => {
    const steps = picture(4, 2, [0, 40, 80, 120, 0, 40, 80, 120].map(grey));

    it('are stretched', () => {
      assert.deepEqual(taken(steps, [1, 2, 1], { ...BYTES, resize: 'stretch' }), [29, 91]);
    });

    it('are cropped at the centre', () => {
      assert.deepEqual(taken(steps, [2, 2, 1], { ...BYTES, resize: 'crop' }), [40, 80, 40, 80]);
    });

    it('are fitted between borders', () => {
      const fitted = taken(steps, [4, 4, 1], { ...BYTES, resize: 'fit', border: 9 });
      const [border, line] = [
        [9, 9, 9, 9],
        [0, 40, 80, 120],
      ];
      assert.deepEqual(fitted, [border, line, line, border].flat());
    });

    it('are refused where it is not declared how', async () => {
      await refuses('BL610', /4 pixels wide and 2 high.*for input 'x'.*"stretch", "crop" or "fit"/, () =>
        taken(steps, [2, 2, 1], BYTES),
      );
    });
  });

  describe('resampled', () => {
    const images = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .chain(([width, height]) =>
        fc
          .array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), {
            minLength: width * height,
            maxLength: width * height,
          })
          .map((rgb) => picture(width, height, rgb)),
      );
    const sizes = fc.record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
    });
    const whole = ({ width, height }: Image) => ({ x: 0, y: 0, width, height });
    const channel = (pixels: ArrayLike<number>, stride: number, c: number) =>
      Array.from({ length: pixels.length / stride }, (_, p) => pixels[p * stride + c]!);

    it('at their own size are themselves', () => {
      fc.assert(
        fc.property(images, (image) => {
          const same = resample(image, whole(image), image);
          for (let c = 0; c < 3; c++) assert.deepEqual(channel(same, 3, c), channel(image.rgba, 4, c));
        }),
      );
    });

    it('have no values beyond their own', () => {
      fc.assert(
        fc.property(images, sizes, (image, size) => {
          const other = resample(image, whole(image), size);
          assert.equal(other.length, size.width * size.height * 3);
          for (let c = 0; c < 3; c++) {
            const own = channel(image.rgba, 4, c);
            assert.ok(
              channel(other, 3, c).every((value) => value >= Math.min(...own) && value <= Math.max(...own)),
            );
          }
        }),
      );
    });

    it('keep their mean when they shrink by whole factors', () => {
      // Triangles of all outputs add up to the same weight everywhere but at the edges, which are flat here.
      const line = [50, 50, 50, 50, 10, 200, 30, 90, 50, 50, 50, 50].map(grey);
      const half = channel(
        resample(picture(12, 1, line), { x: 0, y: 0, width: 12, height: 1 }, { width: 6, height: 1 }),
        3,
        0,
      );
      const mean = (list: readonly number[]) => list.reduce((a, b) => a + b) / list.length;
      assert.ok(Math.abs(mean(half) - mean(line.map(([value]) => value!))) <= 0.5);
    });
  });
});
