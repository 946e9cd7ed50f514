/** A plan as one self-contained page: no script, nothing from elsewhere. */
import { checkFit } from '../../plan/fit.js';
import type { OccupantKind } from '../../plan/occupants.js';
import { occupantsOf } from '../../plan/occupants.js';
import type { Plan } from '../../plan/plan.js';
import type { MemoryExplanation } from '../../plan/why-memory.js';
import { grouped } from '../text.js';
import { memoryGauges, totalsCards } from './board.js';
import { details, documentOf, section } from './document.js';
import { constantsStrip, layerTable } from './layers.js';
import { escaped, tag } from './markup.js';
import { memoryChart, memoryTable } from './memory.js';
import { schedulesChart, schedulesTable } from './schedules.js';
import { stageFigures } from './stages.js';
import { PICTURE_STYLE } from './style.js';
import { tileFigures } from './tiles.js';

/** Says of a file that it is such a page. */
export const GENERATOR = '<meta name="generator" content="bitloom plan --html">';

/** Memory over time, stages, alternatives, cost a layer, constants, and how the board is filled. */
export function planPage(explanation: MemoryExplanation): string {
  const { plan, reason } = explanation;
  const fit = checkFit(plan);
  const title = `${plan.prefix} on ${plan.board.title}`;
  const body = [
    tag('h1', {}, escaped(title)),
    tag('p', { class: fit.fits ? 'verdict' : 'verdict no' }, escaped(fit.sentence)),
    totalsCards(plan),
    memoryGauges(plan, fit),
    section(
      'Memory over time',
      `Each rectangle is a buffer of the arena: as high as its bytes, from the step that makes it to the last that reads it. Where two lie on each other, an output takes bytes of an input that are dead.`,
      memoryFigure(plan),
    ),
    plan.stages.length === 0
      ? ''
      : section(
          'Stages',
          'Layers that run together, row by row. Colour: rows in memory, the newest ones full. Grey: rows that are done with. The blue areas go from the newest row of an image to the rows that its window reads.',
          stageFigures(plan),
        ),
    plan.tiles.length === 0
      ? ''
      : section(
          plan.tiles.some(({ grid }) => grid.rows > 1) ? 'Patches and their halos' : 'Strips and their halos',
          'Images that are computed part after part, all drawn equally large. Orange: what several parts compute, or read, each anew, since their windows reach beyond what is theirs; how many more pixels that makes stands above each image. Grey: what no window reaches.',
          tileFigures(plan),
        ),
    section(
      'What less memory costs',
      `Taken: ${reason}.`,
      tag('figure', { class: 'fits' }, schedulesChart(explanation)),
      details('as a table', schedulesTable(explanation)),
    ),
    section(
      'Cost of each step',
      'Predicted; MAC and constants are exact.',
      tag('div', { class: 'tables' }, layerTable(plan)),
    ),
    section(
      'Constants in flash',
      `${plan.constants.length} blocks, ${grouped(plan.totals.constantBytes)} bytes: weights as the kernels read them, biases, multipliers, tables.`,
      tag('figure', { class: 'fits' }, constantsStrip(plan)),
    ),
    tag('p', {}, `Model file: SHA-256 <code>${escaped(plan.modelHash)}</code>`),
  ];
  return documentOf(title, GENERATOR, body);
}

/** The memory chart as a file of its own. */
export function memoryPicture(plan: Plan): string {
  return `${memoryChart(plan, 'step', tag('style', {}, PICTURE_STYLE))}\n`;
}

function memoryFigure(plan: Plan): string {
  return tag(
    'figure',
    { class: 'pace' },
    '<input type="radio" name="pace" id="by-step" checked><label for="by-step">steps equally wide</label>',
    '<input type="radio" name="pace" id="by-time"><label for="by-time">by predicted time</label>',
    tag('div', { class: 'wide', tabindex: 0 }, memoryChart(plan, 'step'), memoryChart(plan, 'time')),
    legend(plan),
    details('as a table', memoryTable(plan)),
  );
}

const LEGEND: Readonly<Record<OccupantKind, string>> = {
  input: "the network's input",
  image: 'whole images between layers',
  ring: 'rings of rows in a stage',
  scratch: 'working memory of a kernel',
  output: "the network's output",
  state: 'states that outlive a run',
};

function legend(plan: Plan): string {
  const present = new Set(occupantsOf(plan).map(({ kind }) => kind));
  const kinds = (Object.keys(LEGEND) as OccupantKind[]).filter((kind) => present.has(kind));
  const entries = kinds.map((kind) =>
    tag('li', {}, tag('i', { style: `background:var(--${kind})` }), LEGEND[kind]),
  );
  return tag('ul', { class: 'legend' }, ...entries);
}
