/** Inferences that a JavaScript module of the user makes. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readInput } from '../../data/file.js';
import { BitloomError } from '../../graph/diagnostics.js';
import { type Graph, tensorAt } from '../../graph/graph.js';
import { realsOfPixels } from './pixels.js';
import type { Preprocess } from './preprocess.js';
import { unusable } from './source.js';

export interface Generated {
  readonly inputs: readonly Float32Array[];
  /** Its class, where the module tells. */
  readonly label: number | null;
}

/**
 * What a module yields. Its default export is an iterable, an async one, or a function that returns (a promise of) one, of
 * inferences: an array of numbers, an array of such for several inputs, or `{ input }` or `{ inputs }` with a `label`. Numbers are
 * real values as the network takes them, but those of a Uint8Array pixels, to which `preprocess` applies.
 * @throws BitloomError BL601; BL612 where the module cannot be run or yields something else, BL610 and BL611 for pixels
 */
export async function* generated(
  graph: Graph,
  path: string,
  preprocess: Preprocess,
): AsyncGenerator<Generated> {
  // A missing file has a message of its own.
  readInput(path);
  try {
    const { default: main } = await import(pathToFileURL(resolve(path)).href);
    const iterable: unknown = typeof main === 'function' ? await main() : main;
    if (!isIterable(iterable))
      throw unusable(
        `'${path}' has no default export that can be iterated`,
        'Export a generator: export default function* () { yield [0.5, 0.25]; }',
      );
    let index = 0;
    for await (const item of iterable) yield inferenceOf(graph, item, `${path}[${index++}]`, preprocess);
  } catch (error) {
    if (error instanceof BitloomError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw unusable(`'${path}' ended with '${reason}'`, 'Run it with node to see where');
  }
}

function inferenceOf(graph: Graph, item: unknown, name: string, preprocess: Preprocess): Generated {
  const { input, inputs, label = null } = partsOf(item);
  const arrays = inputs ?? [input];
  const wrong = (problem: string) =>
    unusable(`'${name}' ${problem}`, 'Yield numbers, or { input, label }; docs/quantize.md#calibration-data');
  if (!Array.isArray(arrays) || !arrays.every(isNumbers)) throw wrong('is no array of numbers');
  if (arrays.length !== graph.inputs.length)
    throw wrong(`has ${arrays.length} arrays for the ${graph.inputs.length} inputs of the network`);
  if (label !== null && !isClass(label)) throw wrong(`has the label ${JSON.stringify(label)}`);
  return {
    inputs: arrays.map((numbers, i) =>
      numbers instanceof Uint8Array
        ? realsOfPixels(tensorAt(graph, graph.inputs[i]), numbers, preprocess, name)
        : Float32Array.from(numbers),
    ),
    label,
  };
}

function partsOf(item: unknown): { input?: unknown; inputs?: unknown; label?: unknown } {
  if (isNumbers(item)) return { input: item };
  if (Array.isArray(item)) return { inputs: item };
  return typeof item === 'object' && item !== null ? item : {};
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  return isList && typeof (value as ArrayLike<unknown>)[0] === 'number';
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

function isClass(label: unknown): label is number {
  return Number.isInteger(label) && (label as number) >= 0;
}
