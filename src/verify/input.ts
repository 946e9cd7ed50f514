import { extensionOf, readInput } from '../data/file.js';
import { mismatch, sameButOnes } from '../data/mismatch.js';
import { readNpy } from '../data/npy.js';
import { readPng } from '../data/png.js';
import { readWav } from '../data/wav.js';
import { BitloomError } from '../graph/diagnostics.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import { fromMemory } from '../graph/packed.js';
import { byteLength, fromBytes, type Tensor, type TypedArray } from '../graph/tensor.js';
import type { InputVector } from './cases.js';
import { codesOfImage, codesOfReals } from './input/codes.js';
import { pixelsOf } from './input/pixels.js';
import { codesOfSamples } from './input/samples.js';

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
  switch (extensionOf(path)) {
    case '.npy': {
      const array = readNpy(bytes, path);
      if (!sameButOnes(array.shape, tensor.shape))
        throw mismatch(tensor, path, `it has shape [${array.shape.join(', ')}]`);
      if (array.data.constructor === elementsOf(tensor)) return array.data;
      if (array.data instanceof Float32Array) return codesOfReals(tensor, array.data);
      if (array.data instanceof Uint8Array) return codesOfImage(tensor, array.data, path);
      throw mismatch(tensor, path, `it holds ${array.type}`);
    }
    case '.bin':
      if (bytes.length !== byteLength(tensor)) throw mismatch(tensor, path, `it has ${bytes.length} bytes`);
      return fromMemory(tensor, bytes);
    case '.png':
      return codesOfImage(tensor, pixelsOf(readPng(bytes, path), tensor, path), path);
    case '.wav':
      return codesOfSamples(tensor, readWav(bytes, path), path);
    default:
      throw new BitloomError('BL603', `'${path}' has no known extension`, 'Give .npy, .bin, .png or .wav');
  }
}

function elementsOf(tensor: Tensor): unknown {
  return fromBytes(tensor.format.type, new Uint8Array()).constructor;
}
