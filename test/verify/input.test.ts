import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BitloomError } from '../../src/graph/diagnostics.js';
import { type Format, perTensor, plain } from '../../src/graph/tensor.js';
import { loadInputs } from '../../src/verify/input.js';
import { npy, png, wav } from '../support/data-files.js';
import { Sketch } from '../support/sketch.js';

describe('input files', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitloom-input-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What an input of this shape and format reads from a file with these bytes. */
  function load(shape: readonly number[], format: Format, name: string, bytes: Uint8Array) {
    const sketch = new Sketch();
    const graph = sketch.graph(sketch.input('x', shape, format));
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return loadInputs(graph, [path])[0]!;
  }

  function refuses(code: string, pattern: RegExp, ...args: Parameters<typeof load>) {
    assert.throws(
      () => load(...args),
      (error) => error instanceof BitloomError && error.code === code && pattern.test(error.message),
    );
  }

  const CODES = perTensor('int8', 0.5, 10);

  describe('.npy', () => {
    it('of the input type are codes; sizes of 1 do not matter', () => {
      const bytes = npy('|i1', '3,', Int8Array.of(-128, 0, 127));
      assert.deepEqual(load([1, 3], CODES, 'a.npy', bytes), Int8Array.of(-128, 0, 127));
    });

    it('of float32 are real values: rounded with ties away from zero, clamped', () => {
      const reals = Float32Array.of(0.25, -0.25, 0.2, 1000, -1000);
      assert.deepEqual(
        load([1, 5], CODES, 'a.npy', npy('<f4', '1, 5', reals)),
        Int8Array.of(11, 9, 10, 127, -128),
      );
    });

    it('of float32 are taken as they are by a float32 input', () => {
      const reals = Float32Array.of(0.1, -7);
      assert.deepEqual(load([2], plain('float32'), 'a.npy', npy('<f4', '2,', reals)), reals);
    });

    it('are refused in another shape, order, type or length', () => {
      const data = Int8Array.of(1, 2, 3);
      refuses('BL503', /shape \[3\].*int8\[1, 4\]/, [1, 4], CODES, 'a.npy', npy('|i1', '3,', data));
      refuses('BL603', /Fortran/, [1, 3], CODES, 'a.npy', npy('|i1', '3,', data, 'True'));
      refuses('BL603', /'>f4'/, [1, 3], CODES, 'a.npy', npy('>f4', '3,', new Float32Array(3)));
      refuses('BL603', /needs 4/, [1, 4], CODES, 'a.npy', npy('|i1', '4,', data));
      refuses('BL503', /int16/, [1, 3], CODES, 'a.npy', npy('<i2', '3,', new Int16Array(3)));
      refuses('BL603', /not a \.npy/, [1, 3], CODES, 'a.npy', Uint8Array.of(1, 2, 3));
      refuses(
        'BL503',
        /without a scale/,
        [1, 1],
        plain('int32'),
        'a.npy',
        npy('<f4', '1,', new Float32Array(1)),
      );
    });
  });

  describe('.bin', () => {
    it('is the bytes as they are, and exactly those', () => {
      assert.deepEqual(
        load([2], perTensor('int16', 1, 0), 'a.bin', Uint8Array.of(1, 0, 255, 255)),
        Int16Array.of(1, -1),
      );
      refuses('BL503', /3 bytes/, [2], perTensor('int16', 1, 0), 'a.bin', Uint8Array.of(1, 2, 3));
    });
  });

  describe('.png', () => {
    const grey = png(2, 1, [
      [0, 0, 0],
      [255, 255, 255],
    ]);

    it('is normalized the way that the range of the input says', () => {
      const codes = (scale: number, zeroPoint: number) => [
        ...load([1, 1, 2, 1], perTensor('int8', scale, zeroPoint), 'a.png', grey),
      ];
      assert.deepEqual(codes(1 / 255, -128), [-128, 127]);
      // -1 and 1 are -127.5 and 127.5 steps from zero: a float32 below the tie above.
      assert.deepEqual(codes(1 / 127.5, -1), [-128, 126]);
      assert.deepEqual(codes(1 / 128, 0), [-128, 127]);
      assert.deepEqual(codes(1, -128), [-128, 127]);
      assert.deepEqual(codes(1, 0), [-128, 127]);
      refuses('BL503', /normalized/, [1, 1, 2, 1], perTensor('int8', 0.5, -128), 'a.png', grey);
      refuses('BL503', /normalized/, [1, 1, 2, 1], plain('float32'), 'a.png', grey);
    });

    it('goes into a uint8 input as it is, channels last', () => {
      const colour = png(1, 2, [
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const format = perTensor('uint8', 1 / 128, 128);
      assert.deepEqual([...load([1, 2, 1, 3], format, 'a.png', colour)], [1, 2, 3, 4, 5, 6]);
      refuses('BL503', /in colour/, [1, 2, 1, 1], format, 'a.png', colour);
    });

    it('is never resized', () => {
      refuses('BL503', /2 pixels wide and 1 high.*\[1, 2, 1, 1\]/, [1, 2, 1, 1], CODES, 'a.png', grey);
      refuses('BL603', /not a PNG/, [1, 1, 2, 1], CODES, 'a.png', grey.slice(0, 20));
    });
  });

  describe('.wav', () => {
    const sound = wav(Int16Array.of(-32768, 16384));

    it('is samples for inputs that take samples', () => {
      assert.deepEqual(load([1, 2], perTensor('int16', 1, 0), 'a.wav', sound), Int16Array.of(-32768, 16384));
      assert.deepEqual(load([1, 2], plain('float32'), 'a.wav', sound), Float32Array.of(-1, 0.5));
    });

    it('is refused where the input takes features, or other samples', () => {
      refuses('BL503', /features/, [1, 2], CODES, 'a.wav', sound);
      refuses('BL503', /takes 3 elements/, [3], perTensor('int16', 1, 0), 'a.wav', sound);
      refuses('BL603', /2 channels/, [2], perTensor('int16', 1, 0), 'a.wav', wav(new Int16Array(2), 2));
      refuses('BL603', /ends inside/, [2], perTensor('int16', 1, 0), 'a.wav', sound.slice(0, -2));
      refuses('BL603', /no data/, [2], perTensor('int16', 1, 0), 'a.wav', sound.slice(0, 30));
    });
  });

  it('need a known extension, and one file an input', () => {
    refuses('BL603', /extension/, [1], CODES, 'a.jpg', new Uint8Array(1));
    const sketch = new Sketch();
    const graph = sketch.graph(sketch.input('x', [1]));
    assert.throws(() => loadInputs(graph, ['a.bin', 'b.bin']), /BL503.*2 files for 1 inputs/);
    assert.throws(() => loadInputs(graph, [join(folder, 'missing.bin')]), /BL601/);
  });
});
