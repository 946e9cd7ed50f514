/** Photographs as inputs of MobileNetV2; needs `convert` of ImageMagick. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TypedArray } from '../src/graph/tensor.js';
import type { Model } from '../src/index.js';
import { loadInputs } from '../src/verify/index.js';

/** How `convert` makes a crop of the size that MobileNetV2 takes. */
const CENTRE = [
  '-resize',
  '288x288^',
  '-gravity',
  'center',
  '-crop',
  '256x256+0+0',
  '+repage',
  '-resize',
  '224x224',
];
const SIDES = ['west', 'east'].map((side) => [
  ...['-resize', '256x256^', '-gravity', side],
  ...['-crop', '224x224+0+0', '+repage'],
]);

type Inferences = readonly (readonly TypedArray[])[];

/** Every third photograph calibrates, in three crops; the others, one crop each, are compared. */
export function photographsIn(
  path: string,
  model: Model,
): { readonly calibration: Inferences; readonly compare: Inferences } {
  const folder = mkdtempSync(join(tmpdir(), 'bitloom-photographs-'));
  const crop = (name: string, how: readonly string[]) => {
    const file = join(folder, 'crop.png');
    const format = ['-type', 'TrueColor', `PNG24:${file}`];
    const { status, stderr } = spawnSync('convert', [join(path, name), ...how, ...format]);
    if (status !== 0) throw new Error(`convert ${name}: ${stderr}`);
    return loadInputs(model.source, [file]);
  };
  try {
    const names = readdirSync(path).toSorted();
    return {
      calibration: names
        .filter((_, i) => i % 3 === 0)
        .flatMap((name) => [CENTRE, ...SIDES].map((how) => crop(name, how))),
      compare: names.filter((_, i) => i % 3 !== 0).map((name) => crop(name, CENTRE)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
