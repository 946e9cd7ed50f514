import { BitloomError } from '../graph/diagnostics.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import { fromMemory } from '../graph/packed.js';
import { byteLength, fromBytes, type Tensor, type TypedArray } from '../graph/tensor.js';
import type { InputVector } from './cases.js';
import { codesOfImage, codesOfReals } from './input/codes.js';
import { readInput } from './input/file.js';
import { readNpy } from './input/npy.js';
import { readPng } from './input/png.js';
import { readWav } from './input/wav.js';

/**
 * Reads one inference from files, one a graph input, by their extension:
 *
 * - `.npy`: elements of the input's type are codes; float32 are real values, quantized as the model says; uint8 for an
 *   input of another type is an image
 * - `.bin`: the input's bytes as they are
 * - `.png`: an image of exactly the input's size; see `codesOfImage`
 * - `.wav`: 16-bit mono samples, for models that take samples
 *
 * @throws BitloomError BL601 unreadable, BL603 not understood, BL503 does not match the input
 */
export function loadInputs(graph: Graph, paths: readonly string[]): InputVector {
  if (paths.length !== graph.inputs.length) {
    const names = graph.inputs.map((id) => `'${tensorAt(graph, id).name}'`).join(', ');
    throw new BitloomError(
      'BL503',
      `${paths.length} files for ${graph.inputs.length} inputs`,
      `Give one file an input, in the order ${names}`,
    );
  }
  return graph.inputs.map((id, i) => loadInput(tensorAt(graph, id), paths[i]!));
}

function loadInput(tensor: Tensor, path: string): TypedArray {
  const bytes = readInput(path);
  const extension = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase();
  switch (extension) {
    case '.npy': {
      const array = readNpy(bytes, path);
      checkShape(tensor, array.shape, path);
      if (array.data.constructor === elementsOf(tensor)) return array.data;
      if (array.data instanceof Float32Array) return codesOfReals(tensor, array.data);
      if (array.data instanceof Uint8Array) return codesOfImage(tensor, array.data, path);
      return mismatch(tensor, path, `it holds ${array.type}`);
    }
    case '.bin':
      if (bytes.length !== byteLength(tensor)) return mismatch(tensor, path, `it has ${bytes.length} bytes`);
      return fromMemory(tensor, bytes);
    case '.png':
      return codesOfImage(tensor, readPng(bytes, tensor, path), path);
    case '.wav':
      return readWav(bytes, tensor, path);
    default:
      throw new BitloomError('BL603', `'${path}' has no known extension`, 'Give .npy, .bin, .png or .wav');
  }
}

function elementsOf(tensor: Tensor): unknown {
  return fromBytes(tensor.format.type, new Uint8Array()).constructor;
}

/** Equal sizes in order, where sizes of 1 do not matter: a batch of one may be left out. */
function checkShape(tensor: Tensor, shape: readonly number[], path: string): void {
  const essential = (sizes: readonly number[]) => sizes.filter((size) => size !== 1).join(', ');
  if (essential(shape) !== essential(tensor.shape))
    mismatch(tensor, path, `it has shape [${shape.join(', ')}]`);
}

function mismatch(tensor: Tensor, path: string, problem: string): never {
  const { name, format, shape } = tensor;
  throw new BitloomError(
    'BL503',
    `'${path}' for input '${name}': ${problem}`,
    `The input is ${format.type}[${shape.join(', ')}]`,
  );
}
