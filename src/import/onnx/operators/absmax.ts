/**
 * Quantizers whose scale follows each row of their input, as the layers of BitNet b1.58 have them: Quant by ReduceMax(Abs(x)) / 127 or 128,
 * perhaps no less than an epsilon, then MatMul or Gemm (docs/formats.md, docs/qonnx.md).
 */
import { shortName } from '../../../graph/graph.js';
import { elementCount, INTEGER_RANGE, perTensor } from '../../../graph/tensor.js';
import { numberOf, numbersOf } from '../attributes.js';
import { uniform } from '../constants.js';
import type { Filter } from '../filters.js';
import { Layout } from '../layout.js';
import { type Importer, Site } from '../site.js';
import { clampOf, type Target, targetOf } from '../targets.js';
import {
  type Activation,
  type Bounds,
  type Pending,
  type RowCodes,
  type RowScale,
  shapeOf,
  type Value,
} from '../values.js';
import { clipBounds } from './elementwise.js';
import { biasInSteps, constant, type Ends, pendingSum, type Sum } from './sums.js';

/** Into how many steps a row's absmax may be divided: codes are -127 to 127, or -128 to 127. */
const STEPS = [127, 128] as const;

/** Tells factors that float32 operators have rounded. */
const NEAR = 1e-6;

/** ReduceMax of Abs over the last dimension. */
export function rowReduceMax(site: Site): Value {
  const { lowering, node } = site;
  const name = node.inputs[0] ?? '';
  const before = lowering.model.nodes.find(({ outputs }) => outputs.includes(name));
  if (before?.op !== 'Abs' || before.domain !== '')
    return site.fail(
      'BL104',
      'takes the greatest of something else than Abs',
      'It may scale a Quant by the absmax of its input',
    );
  const x = new Site(lowering, before).activation(0);
  const shape = shapeOf(x);
  const given = site.numbers(1, 'axes') ?? numbersOf(node, 'axes') ?? [];
  const axes = given.map((axis) => site.axis(axis, shape.length));
  if (axes.join() !== `${shape.length - 1}` || numberOf(node, 'keepdims', 1) !== 1)
    return site.fail(
      'BL104',
      `has the axes [${given}] of ${shape.length} dimensions`,
      'Take the last one, and keep it',
    );
  return { kind: 'row scale', x, shape: [...shape.slice(0, -1), 1], factor: 1, least: 0 };
}

/** Division, multiplication and a lower bound of such a scale; all else is `other`. */
export function rowScaleStep(other: Importer): Importer {
  return (site) => {
    const scale = [0, 1].flatMap((i) => {
      const value = site.has(i) ? site.value(i) : null;
      return value?.kind === 'row scale' ? [{ value, i }] : [];
    })[0];
    if (!scale) return other(site);
    const { value, i } = scale;
    const { op } = site.node;
    if (op === 'Clip') {
      const { low, high } = clipBounds(site);
      if (high === Number.POSITIVE_INFINITY) return { ...value, least: Math.max(value.least, low) };
    }
    const by = op === 'Clip' ? null : uniform(site.reals(1 - i, 'operand'));
    if (op === 'Max' && by !== null) return { ...value, least: Math.max(value.least, by) };
    if (by !== null && by > 0 && (op === 'Mul' || (op === 'Div' && i === 0))) {
      const factor = op === 'Mul' ? by : 1 / by;
      return { ...value, factor: value.factor * factor, least: value.least * factor };
    }
    return site.unquantized(i, value);
  };
}

/** Quant by the absmax of its input. Errors: BL104, BL105, BL107 where codes are others than these. */
export function rowQuant(
  site: Site,
  { x, factor, least }: RowScale,
  { bits, signed, mode }: { readonly bits: number; readonly signed: boolean; readonly mode: string },
): RowCodes {
  const { lowering, node } = site;
  const [zero = 0, ...zeros] = site.has(2) ? site.parameter(2, 'zero point').data : [];
  if (bits !== 8 || !signed || zero !== 0 || zeros.length > 0)
    site.fail(
      'BL107',
      `quantizes rows by their absmax to ${signed ? '' : 'unsigned '}${bits} bits with the zero point ${zero}`,
      'Quantize them to 8 bits with a sign and the zero point 0',
    );
  if (!/^(ROUND|HALF_)/.test(mode)) site.fail('BL104', `rounds rows ${mode}`, 'Use ROUND');
  const steps =
    STEPS.find((count) => Math.abs(factor * count - 1) <= NEAR) ??
    site.fail(
      'BL107',
      `quantizes rows by their absmax / ${Number((1 / factor).toPrecision(6))}`,
      `Divide it by ${STEPS.join(' or ')}`,
    );
  if (site.activation(0).id !== x.id)
    site.fail('BL107', 'is scaled by the absmax of another value', 'Use that of its input');
  const step = lowering.tensor(x.id).format.scales[0]!;
  if (least > step * factor * (1 + NEAR))
    site.fail(
      'BL107',
      `bounds its scale by ${least}, which rows reach that are not zero`,
      `Bound it by ${step * factor} or less`,
    );
  lowering.note(
    `${node.op} #${node.index} divides rows by their absmax in integers: halves go away from zero`,
  );
  return divided(site, x, steps);
}

/** The absmax of each row, and rows divided by it. */
function divided(site: Site, x: Activation, steps: RowCodes['steps']): RowCodes {
  const { lowering, node } = site;
  const { type, scales, zeroPoints } = lowering.tensor(x.id).format;
  const shape = shapeOf(x);
  const depth = shape.at(-1)!;
  const { inRows, inDepth } = x.layout.rowsFirst();
  const order = [...inRows, ...inDepth];
  const count = elementCount(shape.slice(0, -1));
  const rows = lowering.ordered(node, x, order, [count, depth]);
  const name = shortName(node.outputs[0] ?? '');
  const factors = site.emit('ABSMAX', {}, [rows], {
    shape: [count, 1],
    format: perTensor('int16', scales[0]!, 0),
    name: `${name} absmax`,
  });
  const id = site.emit('ABSMAX_NORMALIZATION', {}, [rows], {
    shape: [count, depth],
    format: perTensor('int8', 1 / steps, 0),
  });
  const shares: Activation = {
    kind: 'activation',
    id,
    layout: new Layout(x.layout.dims, order),
    coded: null,
  };
  const { min, max } = INTEGER_RANGE[type as 'int8'];
  const greatest = Math.min(Math.max(max - zeroPoints[0]!, zeroPoints[0]! - min), INTEGER_RANGE.int16.max);
  return { kind: 'row codes', shares, shape, factors, greatest, steps };
}

export function isRowCodes(value: Value): value is RowCodes {
  return value.kind === 'row codes';
}

/** Sums of shares, which the rows' factors bring to codes. */
export const rowSum = (rows: RowCodes) => {
  const ends: Ends = {
    emit: (site, sum, filter, target, bounds) => rescaled(site, sum, filter, rows, target, bounds),
    free: (site, sum, filter, bounds) =>
      rescaled(site, sum, filter, rows, holding(site, sum, filter, rows), bounds),
  };
  return (site: Site, sum: Sum): Pending => pendingSum(site, sum, ends);
};

function rescaled(
  site: Site,
  sum: Sum,
  filter: Filter,
  rows: RowCodes,
  target: Target,
  bounds: Bounds,
): Activation {
  const { lowering } = site;
  const format = perTensor('int32', 1 / rows.steps, 0);
  const sums = sum.emit({
    filter: { ...filter, scales: [1] },
    bias: null,
    format,
    clamp: INTEGER_RANGE.int32,
  });
  const { shape } = lowering.tensor(sums.id);
  const scales = constant(site, 'scales', [filter.scales.length], Float32Array.from(filter.scales));
  const bias = biasInSteps(site, sum, filter, unitOf(site, rows), true);
  const inputs = [sums.id, rows.factors, scales, ...(bias === null ? [] : [bias])];
  const id = site.emit('RESCALE', { clamp: clampOf(target, bounds) }, inputs, {
    shape,
    format: target.format,
  });
  return { ...sums, id };
}

/** What a sum of 1 by a factor of 1 stands for, but for the filter's scale. */
function unitOf({ lowering }: Site, { factors, steps }: RowCodes): number {
  return Math.fround(1 / steps) * lowering.tensor(factors).format.scales[0]!;
}

/** The int16 format that just holds what the sums can be. */
function holding(site: Site, sum: Sum, filter: Filter, rows: RowCodes): Target {
  const { node, lowering } = site;
  const unit = unitOf(site, rows) * rows.steps * rows.greatest;
  const { channels, depth } = sum.rows;
  let most = 0;
  for (let c = 0; c < channels; c++) {
    let reach = 0;
    for (let k = 0; k < depth; k++) reach += Math.abs(filter.values[c * depth + k]! - filter.zeroPoint);
    const scale = filter.scales[filter.scales.length === 1 ? 0 : c]!;
    most = Math.max(most, reach * unit * scale + Math.abs(sum.bias?.[c] ?? 0));
  }
  const step = Math.fround((most || 1) / INTEGER_RANGE.int16.max);
  lowering.note(
    `${node.op} #${node.index}: no Quant follows, so that it is int16 of scale ${Number(step.toPrecision(9))}`,
  );
  return targetOf('int16', step, 0)!;
}
