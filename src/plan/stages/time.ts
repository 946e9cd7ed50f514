/** What a stage takes: its layers' kernels, and the loop that calls them. */
import type { Board } from '../../../boards/board.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { CoreCosts } from '../core-costs.js';
import { type Cost, costsOf } from '../cost-model.js';
import { isBanded, type LoweredStage, timeOf } from './lower.js';
import { rowBytesOf } from './row-window.js';

/** Instructions of a layer a round: how many rows it can make, and its call. Measured on Cortex-M0+ and M4: 14 to 25. */
const ROUND = 17;

/** Of a call where no core is known, as kernels are priced on images, of which rows are small ones; rough. */
export const CALL_TIME = 100;

/** Of a fed stage: to take a row, and to copy a byte of it into its ring. Measured of VWW on Cortex-M0+ and M4. */
const FED_ROW = 35;
const FED_BYTE = 1.4;

/** Of a window in a round: whether its rows move, and two calls; and to move a byte, four words by six instructions or, on Cortex-M0+, ten. */
const MOVED = 100;
const MOVED_BYTE = 0.5;

/** Predicted, of the loop by layer: of all rounds, or where the input never ends of those for one output. */
export function loopCosts(graph: Graph, board: Board, stage: LoweredStage): Cost[] {
  const core = costsOf(board);
  const loop = loopOf(graph, core, stage);
  return stage.layers.map((_, at) => {
    const instructions = loop(at);
    const cycles = core && cyclesOf(core, instructions);
    return { instructions, cycles, time: cycles ?? instructions };
  });
}

/** Predicted: of all rounds, or where the input never ends of those for one output. Searches ask thousands of times. */
export function stageTime(graph: Graph, board: Board, stage: LoweredStage): number {
  const core = costsOf(board);
  const loop = loopOf(graph, core, stage);
  return stage.layers.reduce(
    (sum, layer, at) => sum + timeOf(layer) + (core ? cyclesOf(core, loop(at)) : loop(at)),
    0,
  );
}

/** Instructions of the loop by layer. */
function loopOf(graph: Graph, core: CoreCosts | null, stage: LoweredStage): (at: number) => number {
  const { input, rows, rounds, layers, moves, fed, endless } = stage.schedule;
  const image = tensorAt(graph, input);
  const inputRows = endless ? endless.stride : image.shape[1]!;
  const around = ROUND * Math.ceil(inputRows / rows);
  const brought = fed ? Math.round(inputRows * (FED_ROW + FED_BYTE * rowBytesOf(image))) : 0;
  // Rounds of a stream are those of which the rings were derived.
  const share = endless ? endless.stride / rounds : 1;
  const moved = new Map(
    moves.map(({ maker, bytes, rounds: own }) => {
      return [maker, Math.round(share * own * (MOVED + 2 * MOVED_BYTE * bytes))];
    }),
  );
  return (at) => {
    const own = (at === 0 ? around + brought : around) + (moved.get(at) ?? 0);
    if (core) return own;
    const { height, most } = endless ? { height: 1, most: 1 } : layers[at]!;
    const { calls } = stage.layers[at]!;
    return own + CALL_TIME * (calls.every(isBanded) ? Math.ceil(height / most) : height * calls.length);
  };
}

function cyclesOf({ cyclesPerInstruction }: CoreCosts, instructions: number): number {
  return Math.round(instructions * cyclesPerInstruction);
}
