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

interface Cell {
  readonly id: string;
  readonly instructions: number;
  readonly cycles: number;
  readonly macs: number;
  /** Of constants: weights, biases, scales. */
  readonly bytes: number;
  readonly scratch: number;
}

/** The row's kernel on a core, outputs compared with the oracle; null where the kernel table has none. */
async function measure(row: Row, core: CoreName): Promise<Cell | null> {
  const board = measuringBoard(core);
  const graph = layerOf(row);
  const layers = layersOf(graph, board);
  const candidate = layers[0]!.candidates.find(({ kernel }) => row.ids.test(kernel.id));
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
  return {
    id: candidate.kernel.id,
    instructions: instructionsOf(blocks),
    cycles: cyclesOf(core, blocks),
    macs: plan.totals.macs,
    bytes: candidate.constantBytes,
    scratch: Math.max(...candidate.calls.map(({ scratchBytes }) => scratchBytes)),
  };
}

const wanted = process.argv.slice(2);
const rows = ROWS.filter(({ kernel }) => wanted.length === 0 || wanted.includes(kernel));
const lines: string[][] = [];
for (const row of rows) {
  const cells: (Cell | null)[] = [];
  for (const core of CORES) cells.push(await measure(row, core));
  const known = cells.filter((cell) => cell !== null);
  const range = (of: (cell: Cell) => number, digits: number) =>
    [...new Set(known.map((cell) => of(cell).toFixed(digits)))].join(' / ');
  lines.push([
    row.layer,
    `${row.weights} x ${row.activations}`,
    row.kernel,
    ...cells.map((cell) =>
      cell ? `${(cell.instructions / cell.macs).toFixed(2)} (${(cell.cycles / cell.macs).toFixed(2)})` : '-',
    ),
    range(({ bytes }) => (8 * bytes) / weightsOf(row), 2),
    range(({ scratch }) => scratch, 0),
  ]);
  console.log(lines.at(-1)!.join(' | '), known.map(({ id }) => id).join(', '));
}

const head = ['layer', 'weights x activations', 'kernel', ...CORES, 'flash bits a weight', 'scratch bytes'];
const table = markdownTable(head, lines);
if (wanted.length > 0) console.log(table);
else
  writeResults('low-bit', [
    '# Layers with weights below 8 bits',
    'Made by `npm run bench:low-bit`; every run was compared with the oracle. By core: instructions for a multiply-accumulate of the ' +
      'whole layer (and estimated cycles), everything counted: tables, packing, requantization. Flash holds weights, biases of ' +
      'all channels and one scale; where cores differ, so do the columns.',
    table,
  ]);
