import { numberOf } from '../attributes.js';
import type { Site } from '../site.js';
import { codeOf } from '../targets.js';
import {
  type Activation,
  followsData,
  type Pending,
  type RealConstant,
  shapeOf,
  type Value,
} from '../values.js';
import { isConstant, permuted } from './movement.js';
import { rescaled } from './outputs.js';

/** Concat of QDQ form. Inputs of other formats than the output's are brought to it. */
export function concat(site: Site): Value {
  const parts = site.node.inputs.map((_, i) => site.value(i));
  if (parts.every((part) => part.kind === 'constant')) {
    return site.fail('BL104', 'joins constants', 'Fold constants before export');
  }
  const operands = parts.map((part, i) => {
    if (part.kind === 'activation') return part;
    if (followsData(part)) return site.unquantized(i, part);
    return isConstant(part) ? site.reals(i, 'input') : part;
  });
  return joined(site, operands, numberOf(site.node, 'axis'));
}

/** The operands one after another along `axis`. */
export function joined(
  site: Site,
  parts: readonly (Activation | Pending | RealConstant)[],
  along: number,
): Value {
  const shapes = parts.map(shapeOf);
  const [first = []] = shapes;
  const axis = site.axis(along, first.length);
  const fits = shapes.every(
    (shape) => shape.length === first.length && shape.every((size, d) => d === axis || size === first[d]),
  );
  if (!fits) site.fail('BL102', `joins [${shapes.slice(0, 8).join('], [')}]`);
  const shape = first.map((size, d) =>
    d === axis ? shapes.reduce((sum, other) => sum + other[d]!, 0) : size,
  );
  const activations = parts.filter((part) => part.kind === 'activation');
  const [main] = activations;
  const join = (operands: readonly Activation[]): Activation => {
    const { activation, perm } = site.lowering.whole(
      site.node,
      operands.find((x) => x.layout.dimOrder()) ?? operands[0]!,
    );
    const ids = operands.map((x) => site.lowering.view(site.node, x, perm));
    const { format } = site.lowering.tensor(activation.id);
    const attributes = { axis: perm.indexOf(axis) };
    const id = site.emit('CONCATENATION', attributes, ids, { shape: permuted(shape, perm), format });
    return { ...site.made(id, shape, perm), coded: operands[0]!.coded };
  };
  if (main && activations.length === parts.length && activations.every((x) => site.lowering.alike(x, main))) {
    return join(activations);
  }
  return site.pending({
    shape,
    emit: (target, bounds) =>
      join(
        parts.map((part, i) => {
          if (part.kind === 'pending') return part.emit(target, narrower(part.bounds, bounds));
          if (part.kind === 'activation') {
            if (part.coded !== null || site.lowering.tensor(part.id).format.scales.length !== 1)
              return site.unquantized(i, part);
            return rescaled(site, part, target, bounds);
          }
          const codes = Array.from(part.codes, (code, k) => codeOf(target, code * part.scales[k]!));
          const data = target.format.type === 'int16' ? Int16Array.from(codes) : Int8Array.from(codes);
          const id = site.lowering.add({ name: part.name, shape: part.shape, format: target.format, data });
          return site.made(id, part.shape);
        }),
      ),
  });
}

function narrower(a: { low: number; high: number }, b: { low: number; high: number }) {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
}
