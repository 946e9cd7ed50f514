import { numberOf } from './attributes.js';
import type { OnnxTensor, OnnxType } from './model.js';
import type { Site } from './site.js';

/**
 * Nodes that compute with constants or shapes alone, as exporters leave them around Reshape: Shape, Concat, Cast and arithmetic of
 * short lists. What else works on constants (Transpose, Gather, ...) is in the importers of those operators.
 */
export const FOLDS: Readonly<Record<string, (site: Site) => OnnxTensor | null>> = {
  Shape(site) {
    const shape = site.shape(0);
    const from = numberOf(site.node, 'start', 0);
    const to = numberOf(site.node, 'end', shape.length);
    return list(shape.slice(from, to));
  },
  Size: (site) => ({ ...list([site.shape(0).reduce((product, size) => product * size, 1)]), shape: [] }),
  Cast(site) {
    const [x] = constants(site) ?? [];
    const type = CAST[numberOf(site.node, 'to')];
    if (!x || !type) return null;
    return { ...x, type, data: Float64Array.from(x.data, type === 'float' ? Math.fround : Math.trunc) };
  },
  Concat(site) {
    const parts = constants(site);
    if (!parts?.every(({ shape }) => shape.length === 1)) return null;
    const data = parts.flatMap((part) => Array.from(part.data));
    site.lowering.spend(data.length);
    return { ...parts[0]!, shape: [data.length], data: Float64Array.from(data) };
  },
  Add: pairwise((a, b) => a + b),
  Sub: pairwise((a, b) => a - b),
  Mul: pairwise((a, b) => a * b),
  Div: pairwise((a, b) => a / b),
  Pow: pairwise((a, b) => a ** b),
};

const CAST: Readonly<Record<number, OnnxType>> = { 1: 'float', 6: 'int32', 7: 'int64', 11: 'double' };

function list(values: readonly number[]): OnnxTensor {
  return { name: '', type: 'int64', shape: [values.length], data: Float64Array.from(values) };
}

/** The node's inputs where all are constants. */
function constants(site: Site): readonly OnnxTensor[] | null {
  const values = site.node.inputs.map((_, i) => site.value(i));
  const tensors = values.flatMap((value) => (value.kind === 'constant' ? [value.tensor] : []));
  return tensors.length === values.length ? tensors : null;
}

/** Of two constants of one shape, or of which one is a single number. */
function pairwise(compute: (a: number, b: number) => number): (site: Site) => OnnxTensor | null {
  return (site) => {
    const operands = constants(site);
    if (operands?.length !== 2) return null;
    const [a, b] = operands as [OnnxTensor, OnnxTensor];
    const [main, other] = a.data.length >= b.data.length ? [a, b] : [b, a];
    const alike = main.shape.length === other.shape.length && main.data.length === other.data.length;
    if (!alike && other.data.length !== 1) return null;
    site.lowering.spend(main.data.length);
    const at = (tensor: OnnxTensor, i: number) => tensor.data[tensor.data.length === 1 ? 0 : i]!;
    const whole = /int/.test(main.type);
    const data = Float64Array.from({ length: main.data.length }, (_, i) => {
      const value = compute(at(a, i), at(b, i));
      return whole ? Math.trunc(value) : Math.fround(value);
    });
    return { ...main, data };
  };
}
