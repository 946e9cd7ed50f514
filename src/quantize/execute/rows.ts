import { evenlySpaced } from '../../numerics/evenly-spaced.js';
import type { LinearForm } from './linear-form.js';

/**
 * Rows of inputs that a group of a linear layer multiplies: all, or `most` of them, evenly taken from all inferences.
 * @param contents the layer's input in each inference
 * @returns [rows, columns]
 */
function rowsOf(
  form: LinearForm,
  group: number,
  contents: readonly Float32Array[],
  most: number,
): Float32Array {
  const { columns, positions } = form;
  const places = evenlySpaced(contents.length * positions, most);
  const rows = new Float32Array(places.length * columns);
  for (const [i, place] of places.entries()) {
    const position = place % positions;
    form.fill(contents[(place - position) / positions]!, group, position, rows, i * columns);
  }
  return rows;
}

/** Of all groups, at the same positions. */
export function layerRows(
  form: LinearForm,
  contents: readonly Float32Array[],
  most: number,
): readonly Float32Array[] {
  return Array.from({ length: form.groups }, (_, group) => rowsOf(form, group, contents, most));
}

/** By how many times the median energy that of a position may exceed it; few that do would be all that a layer is solved for. */
const ORDINARY = 64;

/** Indices of the rows whose energy, that of all groups together, is ordinary. */
export function ordinaryRows(groups: readonly Float32Array[], columns: number): readonly number[] {
  const energies = new Float64Array(groups[0]!.length / columns);
  for (const rows of groups)
    for (let i = 0; i < rows.length; i++) energies[Math.floor(i / columns)]! += rows[i]! ** 2;
  const most = ORDINARY * medianOf(energies.filter((energy) => energy > 0));
  return Array.from(energies.keys()).filter((row) => energies[row]! <= most);
}

/** Some of the rows. */
export function pickRows(rows: Float32Array, columns: number, indices: readonly number[]): Float32Array {
  const picked = new Float32Array(indices.length * columns);
  for (const [i, row] of indices.entries())
    picked.set(rows.subarray(row * columns, (row + 1) * columns), i * columns);
  return picked;
}

/** 0 of no values. */
function medianOf(values: Float64Array): number {
  return values.toSorted()[values.length >> 1] ?? 0;
}
