/** The library: the same four steps as the command line, as typed functions without side effects on the disk. */
import { createHash } from 'node:crypto';
import type { Board } from '../boards/board.js';
import { loadBoard } from '../boards/index.js';
import { emitC } from '../codegen/c/index.js';
import { emitFirmware } from '../codegen/c/kits/firmware.js';
import { emitWasm } from '../codegen/wasm/index.js';
import type { Graph } from './graph/graph.js';
import { importModel } from './import/index.js';
import { evaluate } from './oracle/index.js';
import { optimize } from './passes/index.js';
import type { Artifact } from './plan/artifact.js';
import { planModel } from './plan/index.js';
import type { Plan } from './plan/plan.js';
import {
  verify as runVerification,
  selfTestOf,
  testVector,
  type Verdict,
  type VerifyOptions,
} from './verify/index.js';

export type { Board } from '../boards/board.js';
export { boardIds, loadBoard } from '../boards/index.js';
export { BitloomError } from './graph/diagnostics.js';
export type { Graph } from './graph/graph.js';
export type { Artifact } from './plan/artifact.js';
export type { Plan } from './plan/plan.js';
export type { Verdict, VerifyOptions } from './verify/index.js';

/** A model as loaded: what the file says (`source`) and the same network after passes (`graph`). */
export interface Model {
  readonly name: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly hash: string;
  /** The imported graph: what the outputs must equal. */
  readonly source: Graph;
  /** The optimized graph, equal in every output byte: what is planned. */
  readonly graph: Graph;
}

/**
 * Reads a model file.
 * @param bytes contents of a .tflite file
 * @param fileName names the model and, without folder and extension, prefixes every generated symbol
 * @throws BitloomError BL1xx for files that cannot be read, BL2xx for networks that break the contract
 */
export function load(bytes: Uint8Array, fileName: string): Model {
  const name = modelName(fileName);
  const source = importModel(bytes, name);
  return {
    name,
    hash: createHash('sha256').update(bytes).digest('hex'),
    source,
    graph: optimize(source, evaluate),
  };
}

/**
 * Decides everything about a model on a board: kernels, constants, arena, predicted cost.
 * @param board a board or its id (see `boardIds`)
 * @throws BitloomError BL2xx, BL3xx
 */
export function plan(model: Model, board: Board | string): Plan {
  return planModel(model.graph, typeof board === 'string' ? loadBoard(board) : board, {
    prefix: model.name,
    modelHash: model.hash,
  });
}

/**
 * Generates the files for a plan: C and a firmware project with self-test, or a WASM module.
 * @throws BitloomError BL4xx
 */
export async function build(model: Model, planned: Plan): Promise<Artifact> {
  if (planned.board.target.backend === 'wasm') return emitWasm(planned);
  const selfTest = selfTestOf(model.source, planned, [testVector(model.source, 0)]);
  return emitFirmware(planned, emitC(planned), selfTest);
}

/**
 * Builds for a board, runs it there (emulator, Node or the machine itself) and compares with the oracle.
 * @throws BitloomError BL5xx when a tool is missing or fails
 */
export async function verify(
  model: Model,
  board: Board | string,
  options: VerifyOptions = {},
): Promise<Verdict> {
  return runVerification(model.source, plan(model, board), options);
}

/** The name a file gives its model: `path/to/My Model-1.tflite` -> `my_model_1`: a C identifier. */
export function modelName(fileName: string): string {
  const stem = fileName.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');
  const identifier = stem.replace(/[^A-Za-z0-9]+/g, '_').toLowerCase();
  return /^[a-z]/.test(identifier) ? identifier : `model_${identifier}`;
}
