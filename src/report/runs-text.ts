/** Layers that do not run one after the other, in words: stages, also of several strips, and patches. */
import type { Plan, Stage, Stream, TiledSteps } from '../plan/plan.js';

/** `conv_2d_0 to conv_2d_4 by 2 rows`. */
function stageName({ steps }: Plan, { first, last, rows }: Stage): string {
  return `${steps[first]!.name} to ${steps[last]!.name} by ${rowsText(rows)}`;
}

/** Such names of all of them: `conv_2d_0 to conv_2d_4 by 2 rows in 3 strips`. */
export function runNames(plan: Plan): readonly string[] {
  return inOrder(
    plan,
    ({ layers, grid }, stage) =>
      `${layers.first} to ${layers.last}${stage ? ` by ${rowsText(stage.rows)}` : ''} in ${gridText(grid)}`,
    (stage) => stageName(plan, stage),
  );
}

/** A sentence for each. */
export function runLines(plan: Plan): readonly string[] {
  const paced = ({ rows, fed, stream }: Stage) =>
    stream
      ? `frame by frame, as the caller pushes them; ${framesText(stream)}`
      : `row by row, ${rowsText(rows)} of its input ${fed ? 'at a time, which the caller pushes' : 'a round'}`;
  return inOrder(
    plan,
    ({ layers, grid }, stage) =>
      `${layers.first} to ${layers.last} ` +
      (stage ? `are a stage of ${gridText(grid)}: ${paced(stage)}` : `run in ${gridText(grid)}, one by one`),
    (stage) =>
      `${plan.steps[stage.first]!.name} to ${plan.steps[stage.last]!.name} are a stage: ${paced(stage)}`,
  );
}

/** @param ofTiles of tiles and, where each is a stage, the first one's */
function inOrder(
  { stages, tiles }: Plan,
  ofTiles: (tiles: TiledSteps, stage: Stage | undefined) => string,
  ofStage: (stage: Stage) => string,
): readonly string[] {
  const within = (tile: TiledSteps, stage: Stage) => tile.first <= stage.first && stage.last <= tile.last;
  const tiled = tiles.map((tile) => ({
    first: tile.first,
    text: ofTiles(
      tile,
      stages.find((stage) => within(tile, stage)),
    ),
  }));
  const alone = stages
    .filter((stage) => !tiles.some((tile) => within(tile, stage)))
    .map((stage) => ({ first: stage.first, text: ofStage(stage) }));
  return [...tiled, ...alone].sort((a, b) => a.first - b.first).map(({ text }) => text);
}

/** `4 strips`, `4 x 4 patches`. */
export function gridText({ rows, columns }: TiledSteps['grid']): string {
  return rows === 1 ? `${columns} strips` : `${rows} x ${columns} patches`;
}

/** `an output every 2 frames, of the last 74`. */
function framesText({ window, stride }: Stream): string {
  return `an output ${stride === 1 ? 'with each frame' : `every ${stride} frames`}, of the last ${window}`;
}

function rowsText(rows: number): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'}`;
}
