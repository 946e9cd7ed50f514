/**
 * The loop that runs a stage, in C or AssemblyScript: they differ in a few words. Of a stage whose input the caller brings it is as
 * much as the rows that are there allow; what it has done lies in the arena until it goes on.
 */
import type { TensorId } from '../src/graph/tensor.js';
import type { Feed, Plan, Ring, Stage, Step } from '../src/plan/plan.js';
import { ENDLESS_ROWS } from '../src/plan/stages/endless.js';
import { isBanded } from '../src/plan/stages/lower.js';
import type { Move } from '../src/plan/stages/rings.js';
import { isSameRow, type RowWindow, reachOf, rowWindows, SAME_ROW } from '../src/plan/stages/row-window.js';
import { type Argument, callArguments } from './calls.js';
import { stepOutputs } from './ports.js';
import { breakCall, describeStep, describeTensor, LINE_WIDTH } from './text.js';

/** What languages say differently. */
export interface Dialect {
  /** Declares an integer: `int32_t x = 0`, `let x: i32 = 0`. */
  readonly declare: (name: string, value: string) => string;
  readonly comment: (text: string) => string;
  readonly min: string;
  /** Function of rows, their height, stride, reach and height (`rowsReady` in src/plan/stages/row-window.ts). */
  readonly rowsReady: string;
  /** Function of row, rows of its ring, and height. */
  readonly ringRow: string;
  /** Count `index` of those that a fed stage keeps (`Feed`): its value, and the statement that changes it. */
  readonly count: (feed: Feed, index: number) => string;
  readonly keep: (feed: Feed, index: number, value: string) => string;
  /** The statement that moves bytes from one offset of the arena to another; both may overlap. */
  readonly move: (to: string, from: string, bytes: number) => string;
  /** Indent of a level. */
  readonly indent: string;
  readonly functionName: (step: Step) => string;
  /** An argument, moved by `offset` bytes where that is given. */
  readonly argument: (argument: Argument, offset: string | null) => string;
}

/** The stage that step `index` is in. */
export function stageAt({ stages }: Plan, index: number): Stage | undefined {
  return stages.find(({ first, last }) => first <= index && index <= last);
}

/** Of the function that runs a stage: by its number. */
export function stageName(plan: Plan, stage: Stage): string {
  return `stage_${plan.stages.indexOf(stage)}`;
}

/** What the function does, for the comment above it. */
export function describeStage(plan: Plan, { first, last, input, rows, fed }: Stage): string {
  const paced = `${rows} ${rows === 1 ? 'row' : 'rows'} of ${describeTensor(plan.graph.tensors[input]!)}`;
  const round = fed ? 'as they come' : 'a round';
  return `${plan.steps[first]!.name} to ${plan.steps[last]!.name}, ${paced} ${round}, through rings of rows`;
}

/** The function's body. */
export function stageBody(plan: Plan, stage: Stage, dialect: Dialect): string {
  const { layers, inputHeight, rows, fed, stream } = stage;
  const { feed } = plan;
  const names = layers.map(({ first }) => plan.steps[first]!.name);
  const { declare, indent, min, count, keep } = dialect;
  const round = layers.flatMap((_, layer) => layerText(plan, stage, layer, names, dialect));
  const isIncomplete = `${names.at(-1)}_rows < ${layers.at(-1)!.height}`;
  const [head, tail] =
    fed && feed
      ? [
          [
            declare('input_rows', count(feed, 0)),
            ...names.map((name, i) => declare(`${name}_rows`, count(feed, i + 1))),
            stream ? '{' : 'do {',
          ],
          [
            stream ? '}' : `} while (input_rows == ${inputHeight} && ${isIncomplete})`,
            ...names.map((name, i) => keep(feed, i + 1, `${name}_rows`)),
          ],
        ]
      : [
          [
            ...names.map((name) => declare(`${name}_rows`, '0')),
            declare('input_rows', '0'),
            `while (${isIncomplete}) {`,
            `${indent}input_rows = ${min}(input_rows + ${rows}, ${inputHeight})`,
          ],
          ['}'],
        ];
  const statement = (text: string) => `${indent}${text}${/^}$|{$/.test(text) ? '' : ';'}`;
  return [...head.map(statement), ...round, ...tail.map(statement), ''].join('\n');
}

/** How many rows of a layer there can be in this round. */
function readyText(stage: Stage, layer: number, names: readonly string[], dialect: Dialect): string {
  const { height, most, sources } = stage.layers[layer]!;
  const ready = sources.map(({ layer: source, window, height: from }) => {
    const rows = source === null ? 'input_rows' : `${names[source]}_rows`;
    return rowsReadyText(rows, window, from, height, dialect);
  });
  return [`${names[layer]}_rows + ${most}`, ...new Set(ready)].reduce((a, b) => `${dialect.min}(${a}, ${b})`);
}

/** How many of `height` rows there can be of `rows` of `from`. */
function rowsReadyText(
  rows: string,
  window: RowWindow,
  from: number,
  height: number,
  { rowsReady }: Dialect,
): string {
  const { stride, per = 1 } = window;
  // Rows of the input are counted in as many parts as its rows have of the output.
  const made = per === 1 ? rows : `${rows} * ${per}`;
  return isSameRow(window) && from === height
    ? rows
    : `${rowsReady}(${made}, ${from * per}, ${stride}, ${reachOf(window)}, ${height})`;
}

function layerText(
  plan: Plan,
  stage: Stage,
  layer: number,
  names: readonly string[],
  dialect: Dialect,
): string[] {
  const { first, last } = stage.layers[layer]!;
  const name = names[layer]!;
  const { indent, comment, declare } = dialect;
  const steps = plan.steps.slice(first, last + 1);
  const inner = indent.repeat(3);
  const byRows = !isBanded(steps[0]!.call);
  const head = byRows
    ? `for (${declare('y', `${name}_rows`)}; y < ${name}_end; y++) {`
    : `if (${name}_rows < ${name}_end) {`;
  return [
    assigned(indent.repeat(2), declare(`${name}_end`, readyText(stage, layer, names, dialect)), indent),
    ...windowText(plan, stage, layer, names, dialect).map((text) => assigned(indent.repeat(2), text, indent)),
    `${indent}${indent}${comment(describeStep(steps[0]!.node, stepOutputs(plan, steps[0]!)))}`,
    `${indent}${indent}${head}`,
    ...steps.map((step) => callText(plan, stage, step, names, layer, inner, dialect)),
    `${indent}${indent}}`,
    `${indent}${indent}${name}_rows = ${name}_end;`,
    ...stage.moves
      .filter(({ last }) => last === layer)
      .map((move) => `${indent}${indent}${moveOut(plan, stage, move, names, dialect)};`),
  ];
}

/** Where the first row of the image would lie of whose rows a layer makes a window, and how its rows of earlier rounds come there. */
function windowText(
  plan: Plan,
  stage: Stage,
  layer: number,
  names: readonly string[],
  dialect: Dialect,
): string[] {
  const name = names[layer]!;
  const output = outputOf(plan, stage, layer);
  const { kept, rowBytes } = stage.rings.get(output) ?? { kept: null, rowBytes: 0 };
  if (kept === null) return [];
  const rows = kept === 0 ? `-${name}_rows` : `(${kept} - ${name}_rows)`;
  const origin = dialect.declare(originOf(name), `${rows} * ${rowBytes}`);
  const moved = stage.moves.find(({ maker }) => maker === layer);
  if (!moved) return [origin];
  const { bytes, readers } = moved;
  const isUsed = [
    `${name}_rows < ${name}_end`,
    ...readers.map(({ reader, window, height }) => {
      const from = stage.layers[layer]!.height;
      return `${names[reader]}_rows < ${rowsReadyText(`${name}_end`, window, from, height, dialect)}`;
    }),
  ];
  const [to, from] = [plan.arena.offsets.get(output), plan.arena.keptRows.get(output)];
  return [
    dialect.declare(movesOf(name), isUsed.join(' || ')),
    `if (${movesOf(name)}) ${dialect.move(String(to), String(from), bytes)}`,
    origin,
  ];
}

/** The last rows of a window that was read to its end are kept until the next round. */
function moveOut(
  { arena }: Plan,
  { rings }: Stage,
  { image, bytes, maker }: Move,
  names: readonly string[],
  { move }: Dialect,
): string {
  const name = names[maker]!;
  const { rowBytes, kept } = rings.get(image)!;
  const from = `${arena.offsets.get(image)} + ${originOf(name)} + (${name}_rows - ${kept}) * ${rowBytes}`;
  return `if (${movesOf(name)}) ${move(String(arena.keptRows.get(image)), from, bytes)}`;
}

/** Of the variable that says whether a window is made or read in a round. */
function movesOf(name: string): string {
  return `${name}_moves`;
}

/** The image that a layer makes. */
function outputOf({ steps }: Plan, { layers }: Stage, layer: number): TensorId {
  return steps[layers[layer]!.first]!.node.outputs[0]!;
}

function originOf(name: string): string {
  return `${name}_origin`;
}

/** A declaration, broken behind its sign of equality where it is long. */
function assigned(indent: string, declaration: string, step: string): string {
  const line = `${indent}${declaration};`;
  return line.length <= LINE_WIDTH ? line : line.replace(' = ', ` =\n${indent}${step}`);
}

function callText(
  plan: Plan,
  stage: Stage,
  step: Step,
  names: readonly string[],
  layer: number,
  indent: string,
  dialect: Dialect,
): string {
  const { call } = step;
  const name = names[layer]!;
  const tensors = [...call.outputs, ...call.inputs].map(({ tensor }) => tensor);
  const scalars = Object.keys(call.scalars);
  const all = callArguments(plan, step);
  const windows = rowWindows(plan.graph, step.node)!;
  const args = all.map((argument, i) => {
    const scalar = scalars[i - (all.length - scalars.length)];
    if (scalar === 'row_begin') return `${name}_rows`;
    if (scalar === 'row_end') return `${name}_end`;
    const ring = i < tensors.length ? stage.rings.get(tensors[i]!) : undefined;
    const maker = stage.layers.findIndex((_, at) => outputOf(plan, stage, at) === tensors[i]);
    const origin = ring && ring.kept !== null ? originOf(names[maker]!) : null;
    if (!ring || isBanded(call)) return dialect.argument(argument, origin);
    const height = stage.stream ? ENDLESS_ROWS : heightOf(plan, tensors[i]!);
    const isInput = i >= call.outputs.length;
    const window = (isInput && windows[step.node.inputs.indexOf(tensors[i]!)]) || SAME_ROW;
    const offset = rowOffset(rowText(window), ring, height, dialect);
    return dialect.argument(argument, origin ? `${origin} + ${offset}` : offset);
  });
  return breakCall(indent, dialect.functionName(step), args, ';');
}

/** The only row that a window of row y reads. */
function rowText({ stride, before }: RowWindow): string {
  const first = stride === 1 ? 'y' : `y * ${stride}`;
  return before === 0 ? first : `${first} + ${-before}`;
}

/** Bytes from an image's place to one of its rows; null for 0. */
function rowOffset(
  row: string,
  { rows, rowBytes, kept }: Ring,
  height: number,
  { ringRow }: Dialect,
): string | null {
  if (rows === 1 && kept === null) return null;
  if (rows < height && kept === null) return `${ringRow}(${row}, ${rows}, ${height}) * ${rowBytes}`;
  return `${/ /.test(row) ? `(${row})` : row} * ${rowBytes}`;
}

function heightOf({ graph }: Plan, tensor: number): number {
  return graph.tensors[tensor]!.shape[1]!;
}
