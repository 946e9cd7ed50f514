import type { LinearForm } from './linear-form.js';

/**
 * Rows of inputs that a group of a linear layer multiplies: all, or `most` of them, evenly taken from all inferences.
 * @param contents the layer's input in each inference
 * @returns [rows, columns]
 */
export function rowsOf(
  form: LinearForm,
  group: number,
  contents: readonly Float32Array[],
  most: number,
): Float32Array {
  const { columns, positions } = form;
  const all = contents.length * positions;
  const count = Math.min(all, most);
  const rows = new Float32Array(count * columns);
  for (let i = 0; i < count; i++) {
    const place = Math.floor(((i + 0.5) * all) / count);
    const position = place % positions;
    form.fill(contents[(place - position) / positions]!, group, position, rows, i * columns);
  }
  return rows;
}
