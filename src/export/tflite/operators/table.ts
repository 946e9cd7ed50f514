/** TABLE, which TFLite does not have: the operator that makes the same codes of all codes, where there is one. */
import { INTEGER_RANGE, sameFormat, scaleOf, type Tensor, zeroPointOf } from '../../../graph/tensor.js';
import { clamp } from '../../../numerics/fixed-point.js';
import {
  type CodeFunction,
  type Codes,
  gelu,
  hardSwish,
  logistic,
  relu6,
  rescale,
  rescaledRelu,
  tanh,
} from '../../../numerics/unary.js';
import type { NodeSite, Step } from '../node-site.js';

/** An operator, and what it makes of codes; null where it cannot have these formats. */
type Candidate = readonly [
  operator: string,
  meaning: (x: Codes, y: Codes) => CodeFunction | null,
  options?: Step['options'],
];

const hasFormat = ({ scale, zeroPoint }: Codes, s: number, zero: number) => scale === s && zeroPoint === zero;

const CANDIDATES: readonly Candidate[] = [
  ['RELU', (x, y) => rescaledRelu(x, y, 0, null)],
  ['RELU6', (x, y) => (hasFormat(x, y.scale, y.zeroPoint) ? relu6(x) : null)],
  ['RELU_N1_TO_1', (x, y) => rescaledRelu(x, y, -1, 1)],
  ['QUANTIZE', rescale],
  ['LOGISTIC', (x, y) => (hasFormat(y, 1 / 256, -128) ? logistic(x) : null)],
  ['TANH', (x, y) => (hasFormat(y, 1 / 128, 0) ? tanh(x) : null)],
  ['HARD_SWISH', hardSwish],
  ['GELU', (x, y) => gelu(x, y, false), { approximate: false }],
  ['GELU', (x, y) => gelu(x, y, true), { approximate: true }],
];

/** TABLE: x. */
export function table(site: NodeSite<'TABLE'>): void {
  const steps = stepsOf(site);
  if (steps.length === 0) {
    site.fail(
      'looks its codes up in a table that no operator of TFLite has',
      'Write the graph as it was before passes',
    );
  }
  site.emit(...steps);
}

/** Operators that make the table's codes; none if no such are known. */
function stepsOf(site: NodeSite<'TABLE'>): readonly Step[] {
  const { table: entries } = site.attributes;
  const [x, y] = [site.inputTensor(0), site.outputTensor];
  if (y.format.type !== 'int8') return [];
  const isTable = (f: CodeFunction) => entries.every((code, i) => code === f(i - 128));
  for (const [operator, meaning, options = {}] of CANDIDATES) {
    const f = meaning(codesOf(x), codesOf(y));
    if (f && isTable(f)) return [{ operator, inputs: (id) => [id], options }];
  }
  const bounds = { min: entries[0]!, max: entries[255]! };
  const isClamp = sameFormat(x.format, y.format) && isTable((code) => clamp(code, bounds.min, bounds.max));
  return isClamp ? site.limits(INTEGER_RANGE.int8, bounds) : [];
}

function codesOf(tensor: Tensor): Codes {
  return { scale: scaleOf(tensor), zeroPoint: zeroPointOf(tensor), ...INTEGER_RANGE.int8 };
}
