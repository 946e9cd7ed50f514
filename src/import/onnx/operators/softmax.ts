import { elementCount, type Format } from '../../../graph/tensor.js';
import { numberOf } from '../attributes.js';
import { Layout } from '../layout.js';
import type { Site } from '../site.js';
import type { Target } from '../targets.js';
import { type Activation, type Bounds, isUnbounded, type Pending, shapeOf, type Value } from '../values.js';
import { reshaped } from './movement.js';
import { bounded, rescaled } from './outputs.js';

/** Softmax of QDQ form. */
export function softmax(site: Site): Value {
  return softmaxOf(site, site.activation(0), site.lowering.opset);
}

/**
 * Softmax of rows. Its integer form has a fixed output scale; any other is made from 16 bits, so that little is lost. Before version 13
 * all dimensions from the axis on are one row.
 */
export function softmaxOf(site: Site, x: Activation, version: number): Pending {
  const shape = shapeOf(x);
  const compute = (scale: number, zero: number, type: 'int8' | 'int16') =>
    softmaxRows(site, x, version, { type, scales: [scale], zeroPoints: [zero], axis: null });
  const wide = () =>
    site.lowering.tensor(x.id).format.type === 'int16'
      ? compute(1 / 32768, 0, 'int16')
      : compute(1 / 65536, -32768, 'int16');
  return site.pending({
    shape,
    emit: (target, bounds) => {
      const narrow = site.lowering.tensor(x.id).format.type === 'int8';
      if (narrow && isOwn(target)) return bounded(site, compute(1 / 256, -128, 'int8'), target, bounds);
      return rescaled(site, wide(), target, bounds);
    },
    emitFree: (bounds: Bounds) => {
      if (!isUnbounded(bounds)) site.fail('BL107', 'is bounded in float', 'Quantize its output');
      site.lowering.note(
        `${site.node.op} #${site.node.index} is computed in 16 bits by the scale 1/${narrowStep(site, x)}: no ${site.lowering.dialect.quantizer} follows`,
      );
      return wide();
    },
  });
}

/** SOFTMAX in an output format of its own. */
export function softmaxRows(site: Site, x: Activation, version: number, format: Format): Activation {
  const shape = shapeOf(x);
  const joined = version < 13;
  const axis = site.axis(numberOf(site.node, 'axis', joined ? 1 : -1), shape.length);
  const rest = shape.map((_, d) => d).filter((d) => d !== axis);
  const perm = joined ? shape.map((_, d) => d) : [...rest, axis];
  const depth = joined ? elementCount(shape.slice(axis)) : shape[axis]!;
  const rows = [elementCount(shape) / depth, depth];
  const view = site.lowering.view(site.node, x, perm, rows);
  const id = site.emit('SOFTMAX', { beta: 1 }, [view], { shape: rows, format });
  return { kind: 'activation', id, layout: Layout.permuted(shape, perm), coded: null };
}

const narrowStep = (site: Site, x: Activation) =>
  site.lowering.tensor(x.id).format.type === 'int16' ? 32768 : 65536;

/** The format that the integer form writes itself. */
function isOwn({ format }: Target): boolean {
  return format.type === 'int8' && format.scales[0] === 1 / 256 && format.zeroPoints[0] === -128;
}

/** ArgMax of codes. */
export function argMax(site: Site): Value {
  const value = site.value(0);
  return greatestOf(site, value.kind === 'activation' && value.coded !== null ? value : site.activation(0));
}

/** The lowest index of the greatest element; int32 where ONNX has int64. */
export function greatestOf(site: Site, x: Activation): Activation {
  if (numberOf(site.node, 'select_last_index', 0) !== 0) {
    site.fail('BL104', 'selects the last index', 'Export it without select_last_index');
  }
  const shape = shapeOf(x);
  const axis = site.axis(numberOf(site.node, 'axis', 0), shape.length);
  const { activation, perm } = site.lowering.whole(site.node, x);
  const view = site.lowering.view(site.node, activation, perm);
  const left = perm.filter((d) => d !== axis);
  const id = site.emit('ARG_MAX', { axis: perm.indexOf(axis) }, [view], {
    shape: left.map((d) => shape[d]!),
    format: { type: 'int32', scales: [], zeroPoints: [], axis: null },
  });
  const kept = shape.map((size, d) => (d === axis ? 1 : size));
  const made = { ...site.made(id, kept, [axis, ...left]), coded: 'int64' as const };
  const keep = numberOf(site.node, 'keepdims', 1) === 1;
  return keep
    ? made
    : reshaped(
        site,
        made,
        shape.filter((_, d) => d !== axis),
      );
}
