/** How chains end that no quantizer follows: as accumulators, or as codes by another scale. */
import { type Format, INTEGER_RANGE, perTensor } from '../../../graph/tensor.js';
import { describe, fail } from '../attributes.js';
import { affineOf, type Chain, channelsOf, composed, type Source } from '../chain.js';
import type { Filter } from '../filters.js';
import { roundHalfEven } from '../rounding.js';
import type { Site } from '../site.js';
import { realOf, type Target } from '../targets.js';
import type { Activation } from '../values.js';
import { codesOfCodes, moved } from './chain-endings.js';
import { type ExactSum, exactSum, filterBy } from './exact-sums.js';
import { freePair } from './pair-codes.js';
import { constant, dequantizedBy, type Sum } from './sums.js';

/** A chain that no quantizer ends. Errors: BL107 where it is more than the source times one factor and plus an offset. */
export function freeChain(site: Site, chain: Chain): Activation {
  const { source } = chain;
  return moved(chain, unmoved(site, chain, source));
}

function unmoved(site: Site, chain: Chain, source: Source): Activation {
  switch (source.kind) {
    case 'sum':
      return accumulators(site, chain, exactSum(site, source.sum), source.sum);
    case 'pair':
      return freePair(site, chain, source.pair);
    case 'codes':
      return rescaledCodes(site, chain, source.x);
    case 'float':
      return floatEnd(chain);
  }
}

function floatEnd({ steps }: Chain): never {
  return fail(steps[0]!.node, 'BL107', 'computes in float: no Quant stands before it', 'Quantize its input');
}

/** Codes by another scale and zero point, or, such as behind Relu, codes of the same. */
function rescaledCodes(site: Site, chain: Chain, x: Activation): Activation {
  const { format } = site.lowering.tensor(x.id);
  const range = INTEGER_RANGE[format.type as 'int8'];
  const alike = channelsOf(chain) === 1;
  const line = alike ? affineOf(chain, 0) : null;
  const scale = Math.fround(format.scales[0]! * (line?.factor ?? 0));
  const zeroPoint = format.zeroPoints[0]! - (line ? line.offset / scale : 0);
  const holds = scale > 0 && Number.isInteger(zeroPoint) && zeroPoint >= range.min && zeroPoint <= range.max;
  const to: Format = holds ? { ...format, scales: [scale], zeroPoints: [zeroPoint] } : format;
  const code = (real: number) => {
    const nearest = roundHalfEven(Math.fround(real / to.scales[0]!)) + to.zeroPoints[0]!;
    if (format.type === 'binary') return real >= 0 ? 1 : -1;
    return Math.min(Math.max(nearest, range.min), range.max);
  };
  const target: Target = { coded: 'int8', format: to, range, quantizer: { key: 'nearest', codeOf: code } };
  const real = composed(chain, 0);
  const step = format.type === 'binary' ? 2 : 1;
  for (let q: number = range.min; q <= range.max; q += step) {
    const wanted = real(realOf(format, q));
    const off = Math.abs(realOf(to, code(wanted)) - wanted);
    if (alike && off <= WHOLE * Math.abs(to.scales[0]!)) continue;
    return fail(
      chain.steps.at(-1)?.node ?? site.node,
      'BL107',
      'computes in float: no Quant follows',
      'Put a Quant behind it',
    );
  }
  return codesOfCodes(site, chain, x, target);
}

/** Tells offsets that are whole numbers of steps, up to the rounding of their operators. */
const WHOLE = 1e-5;

/** As many digits as a float32 has. */
const digits = (real: number) => Number(real.toPrecision(9));

/**
 * The int32 accumulators: with one scale for all channels these are the output, with a scale a channel their real values. An offset
 * goes into the bias.
 */
function accumulators(site: Site, chain: Chain, exact: ExactSum, sum: Sum): Activation {
  const units = exact.ranges.map((_, c) => {
    const line = affineOf(chain, c);
    return { factor: exact.scaleOf(c) * (line?.factor ?? 0), offset: line?.offset ?? 0 };
  });
  const [{ factor: unit, offset: drop } = { factor: 0, offset: 0 }] = units;
  if (!units.every(({ factor }) => factor !== 0)) {
    return fail(
      chain.steps.at(-1)?.node ?? site.node,
      'BL107',
      'computes in float: no Quant follows, and it is more than a factor and an offset',
      'Put a Quant behind it, or leave it out: the greatest output stays the same behind a function that rises',
    );
  }
  const alike = unit > 0 && units.every(({ factor }) => Math.abs(factor - unit) <= unit * WHOLE);
  const offsets = units.map(({ factor, offset }) => offset / Math.abs(alike ? unit : factor));
  const shared = alike && offsets.every((offset) => Math.abs(offset - offsets[0]!) <= WHOLE);
  const whole = offsets.every(
    (offset) => Math.abs(offset - Math.round(offset)) <= WHOLE * Math.max(1, Math.abs(offset)),
  );
  const finer = shared || whole ? 1 : 2 ** Math.floor(Math.log2(127 / exact.greatest));
  const step = Math.max(1, finer);
  const dropped = shared && !whole;
  const bias = Int32Array.from(offsets, (offset) => (dropped ? 0 : Math.round(offset * step)));
  const scales = Float32Array.from(
    alike ? units.slice(0, 1) : units,
    ({ factor }) => Math.abs(factor) / step,
  );
  const off =
    shared || whole ? '' : `; its offsets are off by at most ${(Math.max(...scales) / 2).toPrecision(3)}`;
  const real = `${digits(scales[0]!)} * code${dropped ? ` ${drop < 0 ? '-' : '+'} ${digits(Math.abs(drop))}` : ''}`;
  site.lowering.note(
    `${describe(chain.steps.at(-1)?.node ?? site.node)}: no Quant follows, so that it is ${
      alike
        ? `int32 here and stands for ${real}`
        : 'computed in int32 and its scale a channel multiplied in float32'
    }${off}`,
  );
  const inputScale = site.lowering.tensor(sum.x.id).format.scales[0]!;
  const falls = units.map(({ factor }) => factor < 0);
  const scale = alike ? scales[0]! : 1;
  const filter: Filter = { ...filterBy(exact, falls, step), scales: [Math.fround(scale / inputScale)] };
  const made = sum.emit({
    filter,
    bias: bias.every((value) => value === 0) ? null : constant(site, 'bias', [bias.length], bias),
    format: perTensor('int32', scale, 0),
    clamp: INTEGER_RANGE.int32,
  });
  return alike ? { ...made, coded: 'int32' } : dequantizedBy(site, made, scales);
}
