import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/package/root.js';
import { describe as describeInWords } from '../../../src/quantize/data/describe.js';
import { parsePreprocess, preprocessOf } from '../../../src/quantize/data/preprocess.js';
import { DataFolder } from '../../support/data-folder.js';
import { refuses } from '../../support/refusals.js';

describe('preprocessing', () => {
  const folder = new DataFolder();
  after(() => folder.remove());

  const declare = (content: unknown) => parsePreprocess(JSON.stringify(content), 'x.json');

  it('is declared in a file, or its commonest contents by options', () => {
    const file = folder.file('a.json', '{ "image": { "pixels": [-1, 1], "resize": "crop" } }');
    const declared = { image: { pixels: [-1, 1], resize: 'crop' } };
    assert.deepEqual(preprocessOf({ preprocess: file }), declared);
    assert.deepEqual(preprocessOf({ pixels: '-1..1', resize: 'crop' }), declared);
    assert.deepEqual(preprocessOf({ mean: '0.5,0.4,0.3', std: '0.25' }), {
      image: { mean: [0.5, 0.4, 0.3], std: [0.25], white: 1 },
    });
    assert.deepEqual(preprocessOf({}), {});
  });

  it('has defaults for sound and tables', () => {
    assert.deepEqual(declare({ sound: {}, csv: {} }), {
      sound: { scale: 1 / 32768 },
      csv: { header: 0, subtract: 0, divide: 1 },
    });
  });

  it('is declared as the page shows', () => {
    const page = readFileSync(join(PACKAGE_ROOT, 'docs/quantize.md'), 'utf8');
    const [, json] = /```json\n(.*?)```/s.exec(page)!;
    assert.deepEqual(Object.keys(parsePreprocess(json!, 'the page')), ['image', 'sound', 'csv']);
  });

  it('is refused where options are no numbers, of unknown units, or said twice', async () => {
    await refuses('BL602', /--pixels got '-1:1'.*-1\.\.1/, () => preprocessOf({ pixels: '-1:1' }));
    await refuses('BL602', /--std got '1,'.*--std 0\.485/, () => preprocessOf({ mean: '0', std: '1,' }));
    await refuses('BL602', /--mean got '123'.*"white": 255/, () => preprocessOf({ mean: '123', std: '1' }));
    await refuses('BL602', /--preprocess with/, () => preprocessOf({ preprocess: 'a.json', pixels: '0..1' }));
    await refuses('BL611', /the options: image: either pixels, or mean, std/, () =>
      preprocessOf({ mean: '0' }),
    );
    await refuses('BL611', /image\.resize: stretch, crop or fit/, () =>
      preprocessOf({ pixels: '0..1', resize: 'zoom' }),
    );
    await refuses('BL601', /no such file/, () => preprocessOf({ preprocess: folder.path.concat('/none') }));
  });

  it('is refused by the place of each fault', async () => {
    const faults: readonly [unknown, RegExp][] = [
      [{ picture: {} }, /x\.json: picture/],
      [{ image: {} }, /image: either pixels, or mean, std and white/],
      [{ image: { pixels: [0, 1], mean: 0, std: 1, white: 1 } }, /image: either/],
      [{ image: { mean: 0, std: 1 } }, /image: either/],
      [{ image: { mean: 0, std: 0, white: 1 } }, /image\.std: /],
      [{ image: { mean: 'half', std: 1, white: 2 } }, /image\.mean: .*image\.white: 1 or 255/],
      [{ image: { pixels: [1, 1] } }, /same value/],
      [{ image: { pixels: [0] } }, /image\.pixels/],
      [{ image: { pixels: [0, 1], channels: 'rgb' } }, /RGB, BGR or grey/],
      [{ image: { pixels: [0, 1], border: 7 } }, /only fit has a border/],
      [{ sound: { scale: -1 } }, /sound\.scale: a number above 0/],
      [{ csv: { label: 'class' } }, /header of at least 1 line/],
      [{ csv: { columns: [-1] } }, /csv\.columns\.0: /],
    ];
    for (const [content, words] of faults) await refuses('BL611', words, () => declare(content));
    await refuses('BL611', /x\.json: .*JSON.*docs\/quantize\.md/, () => parsePreprocess('{', 'x.json'));
  });

  it('is put into words', () => {
    const words = (content: unknown) => describeInWords(declare(content));
    assert.equal(
      words({ image: { pixels: [-1, 1], channels: 'RGB', resize: 'crop' } }),
      'Images of RGB are scaled until the shorter side fits and cropped at the centre; pixels of 0 to 255 become real values from -1 to 1.',
    );
    assert.equal(
      words({ image: { mean: [104, 117, 123], std: 1, white: 255, channels: 'BGR', resize: 'fit' } }),
      'Images of BGR are scaled until the longer side fits between borders of 0; pixels of 0 to 255 have 104, 117, 123 subtracted and are divided by 1.',
    );
    assert.equal(
      words({ image: { pixels: [0, 1], channels: 'grey' }, sound: {} }),
      'Grey images have the size of the input; pixels of 0 to 255 become real values from 0 to 1. 16-bit samples are multiplied by 1/32768.',
    );
    assert.equal(
      words({ csv: { columns: [2, 0], subtract: [1, 2], divide: 10 } }),
      'The values of the columns 2, 0 have 1, 2 subtracted and are divided by 10.',
    );
    assert.equal(words({}), 'The network takes real values as they are in the data.');
  });
});
