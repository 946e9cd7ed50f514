/** The library: the same four steps as the command line, as typed functions without side effects on the disk. */
import { createHash } from 'node:crypto';
import type { Board } from '../boards/board.js';
import { boardIds, loadBoard } from '../boards/index.js';
import { emitC } from '../codegen/c/index.js';
import { emitKit, kitFor } from '../codegen/c/kits/index.js';
import { streamOf } from '../codegen/feed.js';
import { emitPackage } from '../codegen/wasm/package.js';
import { checkGraph } from './graph/check.js';
import type { Graph } from './graph/graph.js';
import type { TypedArray } from './graph/tensor.js';
import { importModel } from './import/index.js';
import { evaluate } from './oracle/index.js';
import { optimize } from './passes/index.js';
import { type IoType, withInputType, withOutputType } from './passes/integer-io.js';
import type { Artifact } from './plan/artifact.js';
import { explainLayer, explainMemory, planModel } from './plan/index.js';
import { modelName } from './plan/model-name.js';
import type { PlanOptions } from './plan/options.js';
import type { Plan } from './plan/plan.js';
import { fedGraph } from './plan/stages/feed.js';
import { type Change, nearestChanges } from './plan/what-if/changes.js';
import type { Explanation } from './plan/why.js';
import type { MemoryExplanation } from './plan/why-memory.js';
import {
  type Formats,
  narrow,
  type QuantMcuOptions,
  type QuantMcuReport,
  quantizeMaps,
} from './quantmcu/index.js';
import {
  verify as runVerification,
  selfTestOf,
  testVector,
  type Verdict,
  type VerifyOptions,
} from './verify/index.js';

export type { Board } from '../boards/board.js';
export { boardIds, loadBoard } from '../boards/index.js';
export { KITS } from '../codegen/c/kits/index.js';
export type { Kit } from '../codegen/c/kits/kit.js';
export { toTflite } from './export/tflite/graph.js';
export type { TfliteModel } from './export/tflite/model.js';
export { writeTflite } from './export/tflite/writer.js';
export { BitloomError } from './graph/diagnostics.js';
export type { Graph } from './graph/graph.js';
export { IO_TYPES, type IoType } from './passes/integer-io.js';
export type { Artifact } from './plan/artifact.js';
export { modelName } from './plan/model-name.js';
export { OBJECTIVES, type Objective } from './plan/objective.js';
export type { PlanOptions } from './plan/options.js';
export type { Plan } from './plan/plan.js';
export { FEEDS, type Feed } from './plan/stages/feed.js';
export type { Change } from './plan/what-if/changes.js';
export type { Explanation, Overrides } from './plan/why.js';
export type { Alternative, MemoryExplanation } from './plan/why-memory.js';
export {
  GRID_NAMES,
  type GridName,
  type Quantized,
  type QuantizeOptions,
  type QuantizeReport,
  quantize,
  SOLVERS,
  type Solver,
} from './quantize/index.js';
export type { Formats, QuantMcuOptions, QuantMcuReport } from './quantmcu/index.js';
export type { Compiler, Verdict, VerifyOptions } from './verify/index.js';

/** A model as loaded: what the file says (`source`) and the same network after passes (`graph`). */
export interface Model {
  /** A C identifier. */
  readonly name: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly hash: string;
  /** The imported graph, its ends of the types asked for: what the outputs must equal. */
  readonly source: Graph;
  /** The optimized graph, equal in every output byte: what is planned. */
  readonly graph: Graph;
  /** What made `source` another network than the file's, as words of the command line. */
  readonly told?: readonly string[];
}

/** Types of a model's ends, where others are wanted than the file has: codes in place of reals that are at once quantized. */
export interface LoadOptions {
  readonly inputType?: IoType;
  readonly outputType?: IoType;
}

/**
 * Reads a model file.
 * @param bytes contents of a .tflite or .onnx file
 * @param fileName for messages; it names the model too (see `modelName`)
 * @throws BitloomError BL1xx for files that cannot be read
 */
export function load(
  bytes: Uint8Array,
  fileName: string,
  { inputType, outputType }: LoadOptions = {},
): Model {
  const imported = importModel(bytes, fileName);
  const taking = inputType ? withInputType(imported, inputType) : imported;
  const source = outputType ? withOutputType(taking, outputType) : taking;
  return {
    name: modelName(fileName),
    hash: createHash('sha256').update(bytes).digest('hex'),
    source,
    graph: optimize(source, evaluate),
    told: [
      ...(inputType ? [`--input-type ${inputType}`] : []),
      ...(outputType ? [`--output-type ${outputType}`] : []),
    ],
  };
}

/**
 * The model with feature maps of fewer bits: another network, whose outputs are what its own graph says.
 * @throws BitloomError BL604 where the formats are for another model
 */
export function withFormats(model: Model, formats: Formats): Model {
  const source = narrow(model.graph, formats);
  const told = [...(model.told ?? []), `--formats (${Object.keys(formats.maps).length} maps)`];
  return { ...model, source, graph: optimize(source, evaluate), told };
}

/**
 * Chooses formats for the feature maps of a model by calibration data.
 * @param vectors inferences: codes of each input
 * @throws BitloomError as `plan`
 */
export function quantmcu(
  model: Model,
  vectors: readonly (readonly TypedArray[])[],
  options: QuantMcuOptions,
): Promise<{ readonly formats: Formats; readonly report: QuantMcuReport }> {
  return quantizeMaps(model.graph, namesOf(model), vectors, options);
}

/**
 * Decides everything about a model on a board: kernels, constants, arena, predicted cost.
 * @param board a board or its id (see `boardIds`)
 * @throws BitloomError BL201 for graphs that break their contract, which none does that `load` returns; BL202, BL301, BL303, BL304, BL305, BL306, BL309
 */
export function plan(model: Model, board: Board | string, options: PlanOptions = {}): Plan {
  checkGraph(model.graph);
  return planModel(model.graph, boardOf(board), { ...namesOf(model), ...options });
}

/**
 * Why `plan` computes a layer by the kernel that it takes: all kernels that could, and their predicted costs.
 * @param layer its name in `Plan.steps`
 * @throws BitloomError as `plan`
 */
export function why(
  model: Model,
  board: Board | string,
  layer: string,
  options: PlanOptions = {},
): Explanation {
  checkGraph(model.graph);
  return explainLayer(model.graph, boardOf(board), layer, { ...namesOf(model), ...options });
}

/**
 * Why the arena of `plan` is as large as it is: what is live at its peak, and what schedules between the plain one and the smallest
 * would cost.
 * @throws BitloomError as `plan`
 */
export function whyMemory(model: Model, board: Board | string, options: PlanOptions = {}): MemoryExplanation {
  checkGraph(model.graph);
  return explainMemory(model.graph, boardOf(board), { ...namesOf(model), ...options });
}

/**
 * The nearest changes by which a plan that does not fit its board would: other boards, its input by rows, a smaller
 * input, narrower weights. Each is planned.
 * @param options those of `planned`
 * @returns none where it fits
 */
export function changesToFit(model: Model, planned: Plan, options: PlanOptions = {}): readonly Change[] {
  const { kernels: _, ...free } = options;
  const replan = (graph: Graph, board: Board, feed = options.feed) =>
    planModel(graph, board, { ...namesOf(model), ...free, ...(feed ? { feed } : {}) });
  return nearestChanges(model.graph, planned, boardIds().map(loadBoard), replan);
}

const boardOf = (board: Board | string) => (typeof board === 'string' ? loadBoard(board) : board);

const namesOf = ({ name, hash, told = [] }: Model) => ({ prefix: name, modelHash: hash, told });

export interface BuildOptions {
  /** In which form C is handed over (see `KITS`); `bare` unless given. */
  readonly kit?: string;
}

/**
 * Generates the files for a plan: C in a project with self-test and example, or an npm package around a WASM module.
 * @throws BitloomError BL308 for a kit that there is not for the board; BL4xx
 */
export async function build(model: Model, planned: Plan, { kit: id }: BuildOptions = {}): Promise<Artifact> {
  const { backend } = planned.board.target;
  const kit = backend === 'c' || id !== undefined ? kitFor(planned.board, id) : null;
  if (!kit) return emitPackage(planned);
  const source = meaningOf(model, planned);
  const selfTest = selfTestOf(source, planned, [testVector(source, 0)]);
  return emitKit(kit, planned, emitC(planned), selfTest);
}

/**
 * Builds for a board, runs it there (emulator, Node or the machine itself) and compares with the oracle.
 * @throws BitloomError BL5xx when a tool is missing or fails
 */
export async function verify(
  model: Model,
  board: Board | string,
  options: VerifyOptions & PlanOptions = {},
): Promise<Verdict> {
  const planned = plan(model, board, options);
  return runVerification(meaningOf(model, planned), planned, options);
}

/** What outputs of a plan must equal: the model as loaded, or on a stream without its padding in time, where it has any. */
function meaningOf({ source, graph }: Model, planned: Plan): Graph {
  return streamOf(planned) && !fedGraph(graph, 'frames').isSame ? planned.graph : source;
}
