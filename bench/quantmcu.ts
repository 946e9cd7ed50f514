/**
 * QuantMCU on MobileNetV2: `npm run bench:quantmcu -- <folder of photographs> [factor ...]`. It needs the shared models beside the
 * checkout and `convert` of ImageMagick. Every third photograph calibrates, in three crops; the others, one crop each, are compared.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBoard, quantmcu } from '../src/index.js';
import { OVERHEAD } from '../src/plan/stages/plan-staged.js';
import { loadInputs } from '../src/verify/index.js';
import { markdownTable } from './markdown.js';
import { sharedModels } from './shared-models.js';

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

const [photographs, ...factors] = process.argv.slice(2);
if (!photographs) throw new Error('usage: npm run bench:quantmcu -- <folder of photographs> [factor ...]');
const [model] = sharedModels(['mobilenet_v2_1.0_224']);
if (!model) throw new Error('there is no MobileNetV2');
const folder = mkdtempSync(join(tmpdir(), 'bitloom-photographs-'));
try {
  const names = readdirSync(photographs).toSorted();
  const calibration = names
    .filter((_, i) => i % 3 === 0)
    .flatMap((name) => [CENTRE, ...SIDES].map(crop(name)));
  const compare = names.filter((_, i) => i % 3 !== 0).map((name) => crop(name)(CENTRE, 0));
  const rows = [];
  for (const factor of (factors.length > 0 ? factors : ['1.3', '2']).map(Number)) {
    const options = { board: loadBoard('mps2-an386'), minRam: OVERHEAD, factor, compare };
    const { report } = await quantmcu(model, calibration, options);
    const { bitOps, needs, agreement } = report;
    rows.push([
      (bitOps.before / bitOps.after).toFixed(2),
      `${agreement.same} of ${agreement.inferences}`,
      ...[needs!.before, needs!.after].flatMap((of) => [of.arenaBytes, of.instructions].map(String)),
    ]);
  }
  const titles = [
    'BitOPs, times fewer',
    'same class',
    'arena, 8 bits',
    'instructions, 8 bits',
    'arena',
    'instructions',
  ];
  console.log(markdownTable(titles, rows));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function crop(name: string) {
  return (how: readonly string[], i: number) => {
    mkdirSync(join(folder, name), { recursive: true });
    const file = join(folder, name, `${i}.png`);
    const { status, stderr } = spawnSync('convert', [
      join(photographs!, name),
      ...how,
      '-type',
      'TrueColor',
      `PNG24:${file}`,
    ]);
    if (status !== 0) throw new Error(`convert ${name}: ${stderr}`);
    return loadInputs(model!.source, [file]);
  };
}
