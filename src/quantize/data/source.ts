import { mismatch } from '../../data/mismatch.js';
import { BitloomError } from '../../graph/diagnostics.js';
import { type Graph, shortName, tensorAt } from '../../graph/graph.js';
import { elementCount, type Tensor } from '../../graph/tensor.js';

/** Inferences by which ranges are chosen and quantized networks compared with float ones. */
export interface Calibration {
  /** Real values as the network takes them: an array for each of its inputs. */
  readonly inferences: readonly (readonly Float32Array[])[];
  /** The class of each inference, where the data tells. */
  readonly labels?: readonly number[];
  /** Names of the classes, where they have some. */
  readonly classes?: readonly string[];
  /** What messages call each inference. */
  readonly names: readonly string[];
}

/** Inferences of a network of one input, read one by one as they are asked for. */
export interface Source {
  /** In an order that is the same on every machine. */
  readonly names: readonly string[];
  read(index: number): Float32Array;
  readonly classes?: Classes;
}

/** Classes of inferences. */
export interface Classes {
  /** As many as inferences. */
  readonly labels: readonly number[];
  readonly classes?: readonly string[];
}

/** What the data says of classes: numbers as they are, other words as places in their sorted list. */
export function classesOf(words: readonly string[]): Classes {
  if (words.every((word) => /^\d+$/.test(word))) return { labels: words.map(Number) };
  const classes = [...new Set(words)].toSorted();
  return { labels: words.map((word) => classes.indexOf(word)), classes };
}

/** @throws BitloomError BL503 where an input of the network is not float32 */
export function checkFloat(graph: Graph): void {
  for (const { name, format } of graph.inputs.map((id) => tensorAt(graph, id))) {
    if (format.type === 'float32') continue;
    throw new BitloomError(
      'BL503',
      `input '${shortName(name)}' is ${format.type}, but calibration is for networks of float32`,
      'Give the float network from which the quantized one was made',
    );
  }
}

/** @throws BitloomError BL503 where there are not as many values as the input takes, BL612 where some are not finite */
export function checkReals(tensor: Tensor, reals: Float32Array, name: string): Float32Array {
  const count = elementCount(tensor.shape);
  if (reals.length !== count) throw mismatch(tensor, name, `it has ${reals.length} values, not ${count}`);
  const bad = reals.findIndex((real) => !Number.isFinite(real));
  if (bad >= 0)
    throw unusable(`'${name}' has ${reals[bad]} at place ${bad}`, 'Leave out inferences that are not finite');
  return reals;
}

/** BL612. */
export function unusable(problem: string, wayOut: string): BitloomError {
  return new BitloomError('BL612', problem, wayOut);
}
