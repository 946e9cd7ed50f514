/**
 * Instructions, estimated cycles and flash of layers with weights below 8 bits. Run: `npm run bench:low-bit [-- <kernel>...]`
 * (needs the tools of `bitloom doctor` and gcc). Writes bench/results/low-bit.md, with names of kernels only prints it.
 */
import { BitloomError } from '../src/graph/diagnostics.js';
import { layersOf } from '../src/plan/candidates.js';
import { planChoice } from '../src/plan/index.js';
import { stepsOf } from '../src/plan/lower.js';
import { type CoreName, measuringBoard } from './cores.js';
import { layerOf, ROWS, type Row, weightsOf } from './low-bit-layers.js';
import { markdownTable, writeResults } from './markdown.js';
import { profile } from './profile.js';
import { cyclesOf, instructionsOf } from './timing.js';

const CORES: readonly CoreName[] = ['M0+', 'M3', 'M4', 'M55'];
const NARROW_CORES = ['M0+', 'M4', 'M55'] as const;

interface Cell {
  readonly id: string;
  readonly instructions: number;
  readonly cycles: number;
  readonly macs: number;
  /** Of all constants, and of those that are no biases or thresholds: weights and scales. */
  readonly bytes: number;
  readonly weightBytes: number;
  /** Of all, biases and thresholds in few bits, as `--optimize size` has them. */
  readonly narrowBytes: number;
  readonly scratch: number;
}

/** The row's kernel on a core, outputs compared with the oracle; null where the kernel table has none. */
async function measure(row: Row, core: CoreName, isNarrow = false): Promise<Cell | null> {
  const board = measuringBoard(core);
  const graph = layerOf(row);
  const layers = layersOf(graph, board);
  const { candidates } = layers[0]!;
  const wide = candidates.find(({ kernel }) => row.ids.test(kernel.id));
  const narrow = candidates.find(({ kernel }) => kernel.id === `${wide?.kernel.id}_narrow`);
  const candidate = isNarrow ? narrow : wide;
  if (!candidate) return null;
  const options = { prefix: 'layer', modelHash: '', optimize: 'speed' } as const;
  const plan = planChoice(graph, board, stepsOf(layers, [candidate]), options);
  const { steps } = await profile(graph, plan).catch((error: unknown) => {
    // Too large for the machine that is emulated.
    if (error instanceof BitloomError && error.code === 'BL302') return { steps: null };
    throw error;
  });
  if (!steps) return null;
  const blocks = steps.flatMap((step) => step.blocks);
  const weights = wide!.calls.flatMap(({ constants }) => constants.filter((c) => !c.isNarrowable));
  return {
    id: candidate.kernel.id,
    instructions: instructionsOf(blocks),
    cycles: cyclesOf(core, blocks),
    macs: plan.totals.macs,
    bytes: candidate.constantBytes,
    weightBytes: weights.reduce((sum, { data }) => sum + data.byteLength, 0),
    narrowBytes: (narrow ?? candidate).constantBytes,
    scratch: Math.max(...candidate.calls.map(({ scratchBytes }) => scratchBytes)),
  };
}

/** What the cells say, once where they agree. */
function range(cells: readonly (Cell | null)[], of: (cell: Cell) => number, digits: number): string {
  const known = cells.filter((cell) => cell !== null);
  return [...new Set(known.map((cell) => of(cell).toFixed(digits)))].join(' / ');
}

const perMac = (cell: Cell, count: number, digits = 2) => (count / cell.macs).toFixed(digits);

const wanted = process.argv.slice(2);
const rows = ROWS.filter(({ kernel }) => wanted.length === 0 || wanted.includes(kernel));
const lines: string[][] = [];
/** Layers of whose biases size makes little: instructions with them wide and narrow. */
const narrowLines: string[][] = [];
for (const row of rows) {
  const cells: (Cell | null)[] = [];
  for (const core of CORES) cells.push(await measure(row, core));
  const bits = (of: (cell: Cell) => number) => range(cells, (cell) => (8 * of(cell)) / weightsOf(row), 2);
  const name = [row.layer, `${row.weights} x ${row.activations}`, row.kernel];
  lines.push([
    ...name,
    ...cells.map((cell) =>
      cell ? `${perMac(cell, cell.instructions)} (${perMac(cell, cell.cycles)})` : '-',
    ),
    bits(({ weightBytes }) => weightBytes),
    bits(({ bytes }) => bytes),
    bits(({ narrowBytes }) => narrowBytes),
    range(cells, ({ scratch }) => scratch, 0),
  ]);
  const ids = cells.flatMap((cell) => cell?.id ?? []);
  console.log(lines.at(-1)!.join(' | '), [...new Set(ids)].join(', '));
  if (!/128->128|256->256/.test(row.layer)) continue;
  const narrow: (Cell | null)[] = [];
  for (const core of NARROW_CORES) narrow.push(await measure(row, core, true));
  if (narrow.every((cell) => cell === null)) continue;
  narrowLines.push([
    ...name,
    ...NARROW_CORES.map((core, i) => {
      const [wide, few] = [cells[CORES.indexOf(core)], narrow[i]];
      if (!wide || !few) return '-';
      return `${perMac(wide, wide.instructions, 3)} -> ${perMac(few, few.instructions, 3)}`;
    }),
    range(narrow, ({ bytes }) => (8 * bytes) / weightsOf(row), 2),
    range(narrow, ({ scratch }) => scratch, 0),
  ]);
}

const layer = ['layer', 'weights x activations', 'kernel'];
const flash = ['weights and scale', 'all', 'all, for size'].map((what) => `bits a weight: ${what}`);
const table = markdownTable([...layer, ...CORES, ...flash, 'scratch bytes'], lines);
const narrowTable = markdownTable([...layer, ...NARROW_CORES, 'bits a weight', 'scratch bytes'], narrowLines);
if (wanted.length > 0) console.log(`${table}\n\n${narrowTable}`);
else
  writeResults('low-bit', [
    '# Layers with weights below 8 bits',
    'Made by `npm run bench:low-bit`; every run was compared with the oracle. By core: instructions for a multiply-accumulate of the ' +
      'whole layer (and estimated cycles), everything counted: tables, packing, requantization.',
    'Flash, by weight: of the packed weights and the one scale that all channels share; of all constants, which are also a bias of ' +
      'every channel (-400 to 400 here) or its thresholds, as `--optimize speed` stores them; and as `--optimize size` does. Where cores ' +
      'differ, so do the columns.',
    table,
    '## Biases and thresholds in few bits',
    'What `--optimize size` adds to these layers of 128 and 256 inputs a channel: instructions for a multiply-accumulate ' +
      'with constants in whole words and in as many bits as they need, and flash and scratch memory of the latter.',
    narrowTable,
  ]);
