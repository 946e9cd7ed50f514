/** Calibration data from what the user names. */
import { readCsv } from '../../data/csv.js';
import { extensionOf, isFolderAt, readInput } from '../../data/file.js';
import { readNpy } from '../../data/npy.js';
import { BitloomError } from '../../graph/diagnostics.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import type { Tensor } from '../../graph/tensor.js';
import { evenlySpaced } from '../../numerics/evenly-spaced.js';
import { arraySource } from './arrays.js';
import { realsOfFile } from './file.js';
import { folderSource } from './folder.js';
import { generated } from './generator.js';
import type { Preprocess } from './preprocess.js';
import { type Calibration, checkFloat, checkReals, type Source, unusable } from './source.js';
import { tableSource } from './table.js';

export interface LoadOptions {
  /** How many inferences to take: evenly spaced ones of a collection, the first ones of a module. */
  readonly most?: number;
  /** Called after each inference; `of` is null where a module does not tell how many come. */
  readonly progress?: (done: number, of: number | null) => void;
}

/** Milliseconds after which others have a turn, e.g. what draws the progress. */
const TURN = 50;

/**
 * Reads inferences of a float network, always in the same order:
 *
 * - a folder: one a file (`realsOfFile`); folders in it, or a `labels.csv`, say classes (`folderSource`)
 * - a `.npy`: one for each index of the first dimension
 * - a `.csv`: one a line
 * - a `.mjs` or `.js`: what the module yields (`generated`), the only way for several inputs
 * - any other file: one
 *
 * @throws BitloomError BL601 unreadable, BL603 not understood, BL503 does not match the network, BL610 preprocessing not declared,
 * BL611 or declared for something else, BL612 no use for calibration
 */
export async function loadCalibration(
  graph: Graph,
  path: string,
  preprocess: Preprocess,
  options: LoadOptions = {},
): Promise<Calibration> {
  checkFloat(graph);
  const isModule = ['.mjs', '.js'].includes(extensionOf(path)) && !isFolderAt(path);
  const calibration = isModule
    ? await fromModule(graph, path, preprocess, options)
    : await fromSource(graph, path, preprocess, options);
  if (calibration.inferences.length === 0)
    throw unusable(`there is no inference in '${path}'`, 'Give at least one; 100 to 500 are usual');
  return calibration;
}

async function fromModule(
  graph: Graph,
  path: string,
  preprocess: Preprocess,
  { most = Number.POSITIVE_INFINITY, progress }: LoadOptions,
): Promise<Calibration> {
  const inferences: (readonly Float32Array[])[] = [];
  const labels: number[] = [];
  const pause = pauses();
  for await (const { inputs, label } of generated(graph, path, preprocess)) {
    const name = `${path}[${inferences.length}]`;
    for (const [i, reals] of inputs.entries()) checkReals(tensorAt(graph, graph.inputs[i]), reals, name);
    inferences.push(inputs);
    if (label !== null) labels.push(label);
    if (labels.length > 0 && labels.length < inferences.length)
      throw unusable(`'${name}' and those before it are not all labelled`, 'Give all a label, or none');
    progress?.(inferences.length, Number.isFinite(most) ? most : null);
    if (inferences.length >= most) break;
    await pause();
  }
  const names = inferences.map((_, i) => `${path}[${i}]`);
  return { inferences, names, ...(labels.length > 0 ? { labels } : {}) };
}

async function fromSource(
  graph: Graph,
  path: string,
  preprocess: Preprocess,
  { most = Number.POSITIVE_INFINITY, progress }: LoadOptions,
): Promise<Calibration> {
  if (graph.inputs.length !== 1)
    throw new BitloomError(
      'BL503',
      `'${path}' holds one array an inference, but the network has ${graph.inputs.length} inputs`,
      'Give a module (.mjs) that yields an array of arrays; docs/quantize.md#calibration-data',
    );
  const tensor = tensorAt(graph, graph.inputs[0]);
  const { names, read, classes } = sourceOf(tensor, path, preprocess);
  // A few of each class where files are sorted by class.
  const indices = evenlySpaced(names.length, most);
  const inferences: (readonly Float32Array[])[] = [];
  const pause = pauses();
  for (const index of indices) {
    inferences.push([checkReals(tensor, read(index), names[index]!)]);
    progress?.(inferences.length, indices.length);
    await pause();
  }
  return {
    inferences,
    names: indices.map((index) => names[index]!),
    ...(classes ? { ...classes, labels: indices.map((index) => classes.labels[index]!) } : {}),
  };
}

function sourceOf(tensor: Tensor, path: string, preprocess: Preprocess): Source {
  if (isFolderAt(path)) return folderSource(tensor, path, preprocess);
  switch (extensionOf(path)) {
    case '.npy':
      return arraySource(tensor, readNpy(readInput(path), path), preprocess, path);
    case '.csv':
      return tableSource(readCsv(readInput(path), path), preprocess, path);
    default:
      return { names: [path], read: () => realsOfFile(tensor, path, preprocess) };
  }
}

/** What gives others a turn where the last is long ago. */
function pauses(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TURN) return;
    await new Promise((resolve) => setImmediate(resolve));
    last = performance.now();
  };
}
