/**
 * QuantMCU on MobileNetV2: `npm run bench:quantmcu -- <folder of photographs> [factor ...]`. It needs the shared models beside the
 * checkout and `convert` of ImageMagick. Every third photograph calibrates, in three crops; the others, one crop each, are compared.
 */
import { loadBoard, quantmcu } from '../src/index.js';
import { OVERHEAD } from '../src/plan/stages/plan-staged.js';
import { markdownTable } from './markdown.js';
import { photographsIn } from './photographs.js';
import { sharedModels } from './shared-models.js';

const [photographs, ...factors] = process.argv.slice(2);
if (!photographs) throw new Error('usage: npm run bench:quantmcu -- <folder of photographs> [factor ...]');
const [model] = sharedModels(['mobilenet_v2_1.0_224']);
if (!model) throw new Error('there is no MobileNetV2');
const { calibration, compare } = photographsIn(photographs, model);
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
