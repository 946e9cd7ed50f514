/** Graphs of separate layers, of the shapes that small networks have, to measure kernels by. */
import type { Graph } from '../src/graph/graph.js';
import type { TensorId } from '../src/graph/tensor.js';
import { Random } from '../test/support/random/random.js';
import { Sketch } from '../test/support/sketch.js';
import { bitLayer } from './grid/bit-layers.js';
import { BYTE_FAMILIES } from './grid/bytes.js';
import { dynamicLayer } from './grid/dynamic.js';
import { ELEMENT_FAMILIES } from './grid/elements.js';
import { LOW_BIT_FAMILIES } from './grid/low-bit.js';
import type { Recipes } from './grid/recipe.js';
import { ROW_FAMILIES } from './grid/rows.js';

const LAYERS = 16;

export const FAMILIES: Recipes = {
  ...BYTE_FAMILIES,
  ...LOW_BIT_FAMILIES,
  ...ELEMENT_FAMILIES,
  'bit layers': bitLayer,
  'dynamic layers': dynamicLayer,
  ...ROW_FAMILIES,
};

/** Layers of a family, the same for the same seed. */
export function gridOf(family: string, seed: number): Graph {
  const random = new Random(seed);
  const sketch = new Sketch();
  const outputs: TensorId[] = [];
  while (outputs.length < LAYERS) {
    const output = FAMILIES[family]!(random, sketch, `y${outputs.length}`);
    if (output !== null) outputs.push(output);
  }
  return sketch.graph(...outputs);
}
