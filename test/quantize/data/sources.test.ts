import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Format, perTensor, plain } from '../../../src/graph/tensor.js';
import { evenlySpaced } from '../../../src/numerics/evenly-spaced.js';
import { type LoadOptions, loadCalibration } from '../../../src/quantize/data/load.js';
import type { Preprocess } from '../../../src/quantize/data/preprocess.js';
import { npy, png, wav } from '../../support/data-files.js';
import { DataFolder } from '../../support/data-folder.js';
import { refuses } from '../../support/refusals.js';
import { Sketch } from '../../support/sketch.js';

describe('calibration data', () => {
  const folder = new DataFolder();
  after(() => folder.remove());

  /** A network with inputs of these shapes. */
  function network(shapes: readonly (readonly number[])[], format: Format = plain('float32')) {
    const sketch = new Sketch();
    const [first] = shapes.map((shape, i) => sketch.input(`x${i}`, shape, format));
    return sketch.graph(first!);
  }

  /** Inferences of a network with one input, as plain arrays. */
  async function load(
    shape: readonly number[],
    path: string,
    declared: Preprocess = {},
    options: LoadOptions = {},
  ) {
    const { inferences, ...rest } = await loadCalibration(network([shape]), path, declared, options);
    return { inputs: inferences.map(([input]) => [...input!]), ...rest };
  }

  const two = (a: number, b: number) => npy('<f4', '2,', Float32Array.of(a, b));
  const csv = (declared: Partial<NonNullable<Preprocess['csv']>>): Preprocess => ({
    csv: { header: 0, subtract: 0, divide: 1, ...declared },
  });

  describe('from a folder', () => {
    it('is an inference a file, sorted by name; hidden files are none', async () => {
      const path = folder.with('plain', { 'b.npy': two(3, 4), 'a.npy': two(1, 2), '.DS_Store': 'x' });
      assert.deepEqual(await load([1, 2], path), {
        inputs: [
          [1, 2],
          [3, 4],
        ],
        names: ['a.npy', 'b.npy'],
      });
    });

    it('has the classes that its folders name', async () => {
      const path = folder.with('classed', {
        'dog/1.npy': two(5, 6),
        'cat/1.npy': two(1, 2),
        'cat/2.npy': two(3, 4),
      });
      const { names, labels, classes } = await load([2], path);
      assert.deepEqual(
        { names, labels, classes },
        { names: ['cat/1.npy', 'cat/2.npy', 'dog/1.npy'], labels: [0, 0, 1], classes: ['cat', 'dog'] },
      );
    });

    it('has the classes that labels.csv lists: numbers, or words in their order', async () => {
      const files = { 'a.npy': two(1, 2), 'b/c.npy': two(3, 4) };
      const numbers = folder.with('numbers', { ...files, 'labels.csv': 'file,label\nb/c.npy,7\na.npy,3\n' });
      assert.deepEqual((await load([2], numbers)).labels, [3, 7]);
      const words = folder.with('words', { ...files, 'labels.csv': 'a.npy,"no, go"\nb/c.npy,go\n' });
      const { labels, classes } = await load([2], words);
      assert.deepEqual({ labels, classes }, { labels: [1, 0], classes: ['go', 'no, go'] });
    });

    it('takes images, sound, arrays of pixels, and tables of a line a time, as declared', async () => {
      const image: Preprocess = { image: { pixels: [-1, 1] } };
      const photos = folder.with('photos', {
        'a.png': png(2, 1, [
          [0, 0, 0],
          [255, 255, 255],
        ]),
      });
      assert.deepEqual((await load([1, 1, 2, 1], photos, image)).inputs, [[-1, 1]]);
      const pixels = folder.with('pixels', { 'a.npy': npy('|u1', '2,', Uint8Array.of(255, 0)) });
      assert.deepEqual((await load([2], pixels, image)).inputs, [[1, -1]]);
      await refuses('BL610', /holds pixels/, () => load([2], pixels));

      const sounds = folder.with('sounds', { 'a.wav': wav(Int16Array.of(-32768, 16384)) });
      assert.deepEqual((await load([1, 2], sounds)).inputs, [[-1, 0.5]]);
      assert.deepEqual((await load([1, 2], sounds, { sound: { scale: 1 } })).inputs, [[-32768, 16384]]);

      const motion = folder.with('motion', { 'a.csv': 't;x;y\n0;10;20\n1;30;40\n' });
      const declared = csv({ header: 1, columns: ['y', 'x'], subtract: [20, 10], divide: 20 });
      assert.deepEqual((await load([1, 2, 2, 1], motion, declared)).inputs, [[0, 0, 1, 1]]);
    });

    it('is refused where it is empty, mixed, or not listed as it is', async () => {
      const files = { 'a.npy': two(1, 2), 'b/c.npy': two(3, 4) };
      const listed = (name: string, list: string) => folder.with(name, { ...files, 'labels.csv': list });
      await refuses('BL612', /files beside folders.*labels\.csv/, () =>
        load([2], folder.with('mixed', files)),
      );
      await refuses('BL612', /lists 'x', which is not there/, () => load([2], listed('extra', 'x,1')));
      await refuses('BL612', /does not list 'b\/c\.npy'/, () => load([2], listed('short', 'a.npy,1')));
      await refuses('BL612', /no class for 'a\.npy'/, () => load([2], listed('blank', 'a.npy')));
      await refuses('BL601', /there is nothing in/, () => load([2], folder.with('hidden', { '.x': '' })));
      await refuses('BL601', /no such file/, () => load([2], join(folder.path, 'nowhere')));
      await refuses('BL603', /a\.txt' has no known extension.*\.mjs/, () =>
        load([2], folder.with('texts', { 'a.txt': '' })),
      );
    });
  });

  describe('from one file', () => {
    it('.npy is an inference for each index of its first dimension, or one', async () => {
      const batch = folder.file('batch.npy', npy('<f4', '2, 1, 2', Float32Array.of(1, 2, 3, 4)));
      const { inputs, names } = await load([1, 2], batch);
      assert.deepEqual(inputs, [
        [1, 2],
        [3, 4],
      ]);
      assert.deepEqual(names, [`${batch}[0]`, `${batch}[1]`]);
      assert.deepEqual((await load([1, 2, 2], batch)).inputs, [[1, 2, 3, 4]]);
      const pixels = folder.file('pixels.npy', npy('|u1', '3, 1', Uint8Array.of(0, 51, 255)));
      assert.deepEqual((await load([1], pixels, { image: { pixels: [0, 5] } })).inputs, [[0], [1], [5]]);
    });

    it('.npy of another shape or type is refused', async () => {
      const batch = folder.file('three.npy', npy('<f4', '2, 3', new Float32Array(6)));
      await refuses('BL503', /shape \[2, 3\], which is no batch.*float32\[1, 2\]/, () => load([1, 2], batch));
      const words = folder.file('words.npy', npy('<i4', '2,', new Int32Array(2)));
      await refuses('BL503', /it holds int32/, () => load([2], words));
    });

    it('.csv is an inference a line, with a class where one is declared', async () => {
      const table = folder.file('table.csv', 'a,b,kind\n1,10,no\n2,20,yes\n');
      const { inputs, labels, classes } = await load(
        [1, 2],
        table,
        csv({ header: 1, label: 'kind', divide: 2 }),
      );
      assert.deepEqual(inputs, [
        [0.5, 5],
        [1, 10],
      ]);
      assert.deepEqual({ labels, classes }, { labels: [0, 1], classes: ['no', 'yes'] });
      const digits = folder.file('digits.csv', '7,0,255\n');
      const digit = await load([2], digits, csv({ label: 0, divide: 255 }));
      assert.deepEqual([digit.inputs, digit.labels], [[[0, 1]], [7]]);
    });

    it('.csv is refused where cells are no numbers, missing, or not as declared', async () => {
      const table = (text: string) => folder.file('bad.csv', text);
      await refuses('BL603', /line 1 of '.*' has 'a' for a number.*"header"/, () =>
        load([2], table('a,b\n1,2')),
      );
      await refuses('BL603', /line 2 of '.*' has 1 fields where the first has 2/, () =>
        load([2], table('1,2\n3')),
      );
      await refuses('BL603', /line 1 of '.*' has '' for a number/, () => load([2], table('1,')));
      await refuses('BL603', /is no CSV/, () => load([2], table('"1,2')));
      await refuses('BL611', /no column "c"\. It has a, b/, () =>
        load([1], table('a,b\n1,2'), csv({ header: 1, columns: ['c'] })),
      );
      await refuses('BL611', /no column 2\. It has 2, from 0/, () =>
        load([1], table('1,2'), csv({ label: 2 })),
      );
      await refuses('BL611', /1 values for the 2 columns/, () =>
        load([2], table('1,2'), csv({ divide: [1] })),
      );
      await refuses('BL503', /\[0\]' for input 'x0': it has 2 values, not 3/, () => load([3], table('1,2')));
    });

    it('of another kind is one inference', async () => {
      assert.deepEqual((await load([2], folder.file('one.wav', wav(Int16Array.of(0, 1))))).inputs, [
        [0, 1 / 32768],
      ]);
    });
  });

  describe('from a module', () => {
    let count = 0;
    /** A module of its own each time: modules are read once. */
    const module = (text: string) => folder.file(`generator${count++}.mjs`, text);

    it('is what its default export yields: an iterable, an async one, or a function that returns one', async () => {
      const expected = [
        [1, 2],
        [3, 4],
      ];
      for (const text of [
        'export default [[1, 2], [3, 4]]',
        'export default function* () { yield [1, 2]; yield Float32Array.of(3, 4); }',
        'export default async function* () { yield { input: [1, 2] }; yield { inputs: [[3, 4]] }; }',
        'export default async () => [[[1, 2]], [new Float64Array([3, 4])]]',
      ])
        assert.deepEqual((await load([1, 2], module(text))).inputs, expected, text);
    });

    it('has labels, several inputs, and pixels where it yields bytes', async () => {
      const path = module('export default [{ inputs: [[1], Uint8Array.of(255, 0)], label: 4 }]');
      const graph = network([[1], [1, 2]]);
      const { inferences, labels } = await loadCalibration(graph, path, { image: { pixels: [-1, 1] } });
      assert.deepEqual([inferences, labels], [[[Float32Array.of(1), Float32Array.of(1, -1)]], [4]]);
    });

    it('ends where enough is there, and is told so', async () => {
      const path = module(
        'export default function* () { try { for (let i = 0; ; i++) yield [i]; } finally { globalThis.ended = true; } }',
      );
      assert.deepEqual((await load([1], path, {}, { most: 3 })).inputs, [[0], [1], [2]]);
      assert.equal((globalThis as { ended?: boolean }).ended, true);
    });

    it('is refused where it fails, or yields something else', async () => {
      const faults: readonly [string, RegExp][] = [
        ['export default 7', /no default export that can be iterated.*function\*/],
        ['export const a = [[1, 2]]', /no default export/],
        [
          'export default function* () { throw new Error("no such disk"); }',
          /ended with 'no such disk'.*node/,
        ],
        ['import "./nowhere.mjs"', /ended with '.*nowhere\.mjs/],
        ['export default [7]', /\[0\]' is no array of numbers/],
        ['export default [["a"]]', /is no array of numbers/],
        ['export default [[[1, 2], [3, 4]]]', /has 2 arrays for the 1 inputs/],
        ['export default [{ input: [1, 2], label: "cat" }]', /has the label "cat"/],
        [
          'export default [{ input: [1, 2], label: 1 }, [1, 2]]',
          /\[1\]' and those before it are not all labelled/,
        ],
        ['export default [[1, 2], { input: [1, 2], label: 1 }]', /are not all labelled/],
        ['export default [[1, 0 / 0]]', /\[0\]' has NaN at place 1/],
        ['export default []', /there is no inference in/],
      ];
      for (const [text, words] of faults) await refuses('BL612', words, () => load([1, 2], module(text)));
      await refuses('BL503', /it has 1 values, not 2/, () => load([1, 2], module('export default [[1]]')));
      await refuses('BL601', /no such file/, () => load([1, 2], join(folder.path, 'nowhere.mjs')));
    });
  });

  it('is taken evenly where there is more than is asked for, with progress', async () => {
    assert.deepEqual(evenlySpaced(10, 3), [1, 5, 8]);
    assert.deepEqual(evenlySpaced(3, 5), [0, 1, 2]);
    const path = folder.file('ten.csv', '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
    const told: string[] = [];
    const options: LoadOptions = { most: 3, progress: (done, of) => told.push(`${done}/${of}`) };
    const { inputs, names } = await load([1], path, {}, options);
    assert.deepEqual(inputs, [[1], [5], [8]]);
    assert.deepEqual(
      names,
      [1, 5, 8].map((i) => `${path}[${i}]`),
    );
    assert.deepEqual(told, ['1/3', '2/3', '3/3']);
  });

  it('is for networks of float32, and files are for those of one input', async () => {
    const path = folder.file('one.csv', '1\n');
    await refuses('BL503', /'x0' is int8, but calibration is for networks of float32/, () =>
      loadCalibration(network([[1]], perTensor('int8', 1, 0)), path, {}),
    );
    await refuses('BL503', /one array an inference, but the network has 2 inputs.*\.mjs/, () =>
      loadCalibration(network([[1], [1]]), path, {}),
    );
  });
});
