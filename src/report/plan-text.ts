import type { BitloomError } from '../graph/diagnostics.js';
import { outputOf, tensorAt } from '../graph/graph.js';
import type { Fit } from '../plan/fit.js';
import type { Plan } from '../plan/plan.js';
import { millisecondsOf } from './memory-text.js';
import { runLines } from './runs-text.js';
import { bar, grouped, milliseconds, table, visible } from './text.js';

/** The plan as plain data for `plan --json`; the names match those of `verify --json`. */
export function planData(plan: Plan, fit: Fit): object {
  return {
    model: plan.prefix,
    board: plan.board.id,
    optimize: plan.optimize,
    fits: fit.fits,
    verdict: fit.sentence,
    instructions: plan.totals.instructions,
    cycles: plan.totals.cycles,
    macs: plan.totals.macs,
    arenaBytes: plan.totals.arenaBytes,
    arenaLowerBound: plan.arena.lowerBound,
    stackBytes: plan.totals.stackBytes,
    codeBytes: plan.totals.codeBytes,
    constantBytes: plan.totals.constantBytes,
    placement: placementData(plan),
    stages: plan.stages.map(({ first, last, rows, input, fed, stream }) => ({
      first: plan.steps[first]!.name,
      last: plan.steps[last]!.name,
      input: tensorAt(plan.graph, input).name,
      rows,
      fed,
      ...(stream ? { windowFrames: stream.window, framesPerOutput: stream.stride } : {}),
    })),
    tiles: plan.tiles.map(({ grid, layers }) => ({ ...layers, ...grid })),
    layers: plan.steps.map((step) => ({
      name: step.name,
      operator: step.node.source.operator,
      kernel: step.call.kernel,
      outputShape: outputOf(plan.graph, step.node).shape,
      ...step.cost,
    })),
  };
}

function placementData({ placement, steps }: Plan): object | null {
  if (!placement) return null;
  const { arena, stack, constants, hot } = placement;
  return {
    arena: arena.name,
    stack: stack.name,
    constants: constants.name,
    hotCode: hot && {
      region: hot.region.name,
      bytes: hot.bytes,
      timeShare: hot.share,
      layers: steps
        .filter(({ functionIndex }) => hot.functions.includes(functionIndex))
        .map(({ name }) => name),
    },
  };
}

/** The plan as a page of text: one line a step, the totals, and whether it fits. */
export function planText(plan: Plan, fit: Fit): string {
  const { totals } = plan;
  const slowest = Math.max(...plan.steps.map((step) => step.cost.instructions));
  const cycles = (count: number | null) => (count === null ? [] : [grouped(count)]);
  const rows = plan.steps.map((step) => [
    step.name,
    outputOf(plan.graph, step.node).shape.join('x'),
    grouped(step.cost.macs),
    grouped(step.cost.instructions),
    ...cycles(step.cost.cycles),
    bar(step.cost.instructions, slowest, 12),
    grouped(step.cost.constantBytes),
    step.cost.codeBytes === 0 ? '-' : grouped(step.cost.codeBytes),
    grouped(step.cost.liveBytes),
    bar(step.cost.liveBytes, totals.arenaBytes, 12),
  ]);
  rows.push([
    'total',
    '',
    grouped(totals.macs),
    grouped(totals.instructions),
    ...cycles(totals.cycles),
    '',
    grouped(totals.constantBytes),
    grouped(totals.codeBytes),
    grouped(totals.arenaBytes),
    '',
  ]);
  const proof =
    plan.arena.lowerBound === totals.arenaBytes
      ? 'no placement of these buffers can be smaller'
      : `at least ${grouped(plan.arena.lowerBound)} bytes are needed`;
  return [
    `${plan.prefix} on ${plan.board.title} (${plan.board.id})${plan.optimize === 'speed' ? '' : `, optimized for ${plan.optimize}`}`,
    '',
    table(
      [
        { title: 'step', align: 'left' },
        { title: 'output', align: 'left' },
        { title: 'MAC', align: 'right' },
        { title: 'instructions', align: 'right' },
        ...(totals.cycles === null ? [] : [{ title: 'cycles', align: 'right' } as const]),
        { title: '', align: 'left' },
        { title: 'constants', align: 'right' },
        { title: 'code', align: 'right' },
        { title: 'live RAM', align: 'right' },
        { title: '', align: 'left' },
      ],
      rows,
    ),
    '',
    `arena ${grouped(totals.arenaBytes)} bytes, input and output included (${proof})`,
    `constants ${grouped(totals.constantBytes)}, code about ${grouped(totals.codeBytes)}, stack about ${grouped(totals.stackBytes)} bytes`,
    ...runLines(plan),
    ...placementLine(plan),
    ...cyclesLine(plan),
    fit.sentence,
  ].join('\n');
}

/** Nothing for boards where all is in the only place that it can be in. */
function placementLine({ placement, board }: Plan): readonly string[] {
  const choice = board.regions.filter(({ kind }) => kind !== 'test').length > 2 || placement?.hot;
  if (!placement || !choice) return [];
  const { arena, constants, hot } = placement;
  const code = hot
    ? `; copied to ${hot.region.name}: about ${grouped(hot.bytes)} bytes of code, ${Math.round(100 * hot.share)} % of the time`
    : '';
  return [`arena in ${arena.name}, constants in ${constants.name}${code}`];
}

/** Nothing for boards whose core has no cost table. */
function cyclesLine({ totals, board, stages }: Plan): readonly string[] {
  const ms = millisecondsOf({ totals, board });
  if (ms === null) return [];
  const what = stages.some(({ stream }) => stream) ? ' an output' : '';
  const multiply = board.multiplyCycles ?? 1;
  const slow = multiply > 1 ? `; a multiplication takes ${multiply}` : '';
  return [
    `about ${grouped(totals.cycles!)} cycles${what}, ${milliseconds(ms)} ms at ${board.clockHertz! / 1e6} MHz, if flash has no wait states${slow}`,
  ];
}

/** A model on one of several boards, some of which may lack a kernel for it. */
export type BoardPlan =
  | { readonly board: string; readonly plan: Plan; readonly fit: Fit }
  | { readonly board: string; readonly error: BitloomError };

/** An entry of `plan --json` without `--board`. */
export function boardData(entry: BoardPlan, model: string): object {
  return 'plan' in entry
    ? planData(entry.plan, entry.fit)
    : { model, board: entry.board, fits: false, verdict: entry.error.message };
}

/** One line a board. */
export function boardsText(entries: readonly BoardPlan[]): string {
  return table(
    [
      { title: 'board', align: 'left' },
      { title: 'fits', align: 'left' },
      { title: 'arena', align: 'right' },
      { title: 'constants', align: 'right' },
      { title: 'code', align: 'right' },
      { title: 'instructions', align: 'right' },
      { title: '', align: 'left' },
    ],
    entries.map((entry) => {
      if ('error' in entry) return [entry.board, 'no', '-', '-', '-', '-', visible(entry.error.message)];
      const { board, fit } = entry;
      const { totals } = entry.plan;
      return [
        board,
        fit.fits ? 'yes' : 'no',
        grouped(totals.arenaBytes),
        grouped(totals.constantBytes),
        grouped(totals.codeBytes),
        grouped(totals.instructions),
        fit.fits ? '' : fit.sentence,
      ];
    }),
  );
}
