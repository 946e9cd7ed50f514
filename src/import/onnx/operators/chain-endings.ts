/** How chains end in codes: by thresholds, a multiplier, a table. */
import type { Clamp } from '../../../graph/ops.js';
import { elementCount, INTEGER_RANGE } from '../../../graph/tensor.js';
import { describe, fail } from '../attributes.js';
import { type Chain, channelsOf, composed, slopeIn, slopeOf } from '../chain.js';
import { Layout } from '../layout.js';
import { type ChannelCodes, multiplierEnding } from '../multiplier-fit.js';
import type { Site } from '../site.js';
import { codeOf, realOf, type Target } from '../targets.js';
import { floatThresholds } from '../thresholds.js';
import type { Activation } from '../values.js';
import { levelsOf, stepsOf, THRESHOLD_LEVELS } from './code-levels.js';
import { exactSum, filterBy } from './exact-sums.js';
import { pairCodes, pairsIn } from './pair-codes.js';
import { constant, filterTensor, type Sum } from './sums.js';

/** The codes of a chain, as float32 arithmetic in the file's order gives them. Errors: BL107 where no thresholds can. */
export function chainCodes(site: Site, chain: Chain, target: Target): Activation {
  const made = unmovedCodes(site, chain, target);
  return moved(chain, { ...made, coded: null });
}

/** A result with what moves its elements behind it. */
export function moved({ moves }: Chain, made: Activation): Activation {
  let x = made;
  for (const move of moves) x = move(x);
  return x;
}

function unmovedCodes(site: Site, chain: Chain, target: Target): Activation {
  const { source } = chain;
  checkMaxima(chain);
  switch (source.kind) {
    case 'sum':
      return sumCodes(site, chain, source.sum, target);
    case 'pair':
      return pairCodes(site, chain, source.pair, target);
    case 'float':
      return floatCodes(site, chain, source.x, target);
    case 'codes':
      return codesOfCodes(site, chain, source.x, target);
  }
}

/** Behind a maximum of windows nothing may fall: it would have to be a minimum. */
function checkMaxima(chain: Chain): void {
  for (const first of chain.maxima) {
    for (let c = 0; c < channelsOf(chain); c++) {
      if (slopeOf(chain, c, first) === 1) continue;
      const step = chain.steps.slice(first).find(({ slope }) => slope(c) !== 1)!;
      fail(
        step.node,
        'BL107',
        `falls in channel ${c}, behind a maximum of windows that is computed on codes`,
        'Put a Quant before the maximum',
      );
    }
  }
}

/** Least and greatest value that a chain has, its steps being followed by `f`, which never falls. Null of floats. */
export function extremes(site: Site, chain: Chain, f: (real: number) => number): Clamp | null {
  const { source } = chain;
  if (source.kind === 'float') return null;
  const ends: number[] = [];
  const reach = (c: number, reals: readonly number[]) => {
    slopeIn(chain, c);
    const at = composed(chain, c);
    for (const real of reals) ends.push(f(at(real)));
  };
  if (source.kind === 'sum') {
    const exact = exactSum(site, source.sum);
    for (const [c, { low, high }] of exact.ranges.entries())
      reach(c, [exact.realOf(low, c), exact.realOf(high, c)]);
  } else if (source.kind === 'pair') {
    const { reals } = pairsIn(site, source.pair);
    for (let c = 0; c < channelsOf(chain); c++) reach(c, [reals[0]!, reals.at(-1)!]);
  } else {
    const { format } = site.lowering.tensor(source.x.id);
    const { min, max } = INTEGER_RANGE[format.type as 'int8'];
    for (let c = 0; c < channelsOf(chain); c++) reach(c, [realOf(format, min), realOf(format, max)]);
  }
  return { min: Math.min(...ends), max: Math.max(...ends) };
}

function sumCodes(site: Site, chain: Chain, sum: Sum, target: Target): Activation {
  const exact = exactSum(site, sum);
  const level = levelsOf(target);
  const { scales, zeroPoints } = target.format;
  const falls: boolean[] = [];
  const channels = exact.ranges.map(({ low, high }, c): ChannelCodes => {
    const slope = slopeIn(chain, c);
    const real = composed(chain, c);
    falls.push(slope < 0);
    return {
      low: slope < 0 ? -high : low,
      high: slope < 0 ? -low : high,
      codeOf: (sum) => level.of(codeOf(target, real(exact.realOf(slope * sum, c)))),
      placeOf: (sum) => real(exact.realOf(slope * sum, c)) / scales[0]! + zeroPoints[0]!,
    };
  });
  const { least, most, thresholds } = stepsOf(target, channels);
  const { format } = target;
  if (level.reach >= THRESHOLD_LEVELS) {
    const ending = multiplierEnding(
      {
        channels,
        least,
        most,
        inputScale: site.lowering.tensor(sum.x.id).format.scales[0]!,
        output: { scale: scales[0]!, zeroPoint: zeroPoints[0]! },
        greatest: exact.greatest,
      },
      thresholds,
    );
    if (ending) {
      noteDeviation(site, ending.off);
      const filter = { ...filterBy(exact, falls, ending.step), scales: ending.scales };
      const bias = constant(site, 'bias', [channels.length], ending.bias);
      return sum.emit({ filter, bias, format, clamp: { min: least, max: most } });
    }
  }
  const rows = Int32Array.from(thresholds.flatMap((row) => [...row]));
  return sum.emit({
    filter: filterBy(exact, falls, 1),
    bias: null,
    thresholds: constant(site, 'thresholds', [channels.length, most - least], rows),
    format,
    clamp: level.clamp({ min: least, max: most }),
  });
}

function noteDeviation(site: Site, off: number): void {
  if (off === 0) return;
  site.lowering.note(
    `${describe(site.node)}: a multiplier makes its codes; of all sums that its weights allow, ${(100 * off).toPrecision(2)} % give a code that is one more or less`,
  );
}

/** A float input, by thresholds of real numbers; they are the same for all channels. */
function floatCodes(site: Site, chain: Chain, x: Activation, target: Target): Activation {
  slopeIn(chain, 0);
  const own = chain.steps.find((step) => step.channels > 1 || step.slope(0) === -1);
  if (own) {
    return fail(
      own.node,
      'BL107',
      `computes in float: ${own.channels > 1 ? 'it differs by channel' : 'it falls as its input rises'}, before the first Quant`,
      'Fold it into the first layer, or compute it outside of the model',
    );
  }
  const level = levelsOf(target);
  const real = composed(chain, 0);
  const codes = (value: number) => level.of(codeOf(target, real(value)));
  const { min, max } = INTEGER_RANGE[target.format.type as 'int8'];
  const thresholds = floatThresholds(codes, { least: level.of(min), most: level.of(max) });
  const { activation, perm } = site.lowering.whole(site.node, x);
  const view = site.lowering.view(site.node, activation, perm);
  const steps = thresholds.length > 0 ? thresholds : Float32Array.of(Number.POSITIVE_INFINITY);
  const inputs = [view, constant(site, 'thresholds', [steps.length], steps)];
  const { shape } = activation.layout;
  const output = { shape: perm.map((d) => shape[d]!), format: target.format };
  return site.made(site.emit('QUANTIZE', {}, inputs, output), shape, perm);
}

/** Codes of codes: a table, or thresholds behind a depthwise convolution of one tap where a table cannot tell them apart. */
export function codesOfCodes(site: Site, chain: Chain, x: Activation, target: Target): Activation {
  const from = site.lowering.tensor(x.id);
  if (from.format.type === 'int8' && channelsOf(chain) === 1) {
    const real = composed(chain, 0);
    const table = Int8Array.from({ length: 256 }, (_, i) =>
      codeOf(target, real(realOf(from.format, i - 128))),
    );
    const same = from.format.scales[0] === target.format.scales[0];
    const identity = target.format.type === 'int8' && table.every((code, i) => code === i - 128);
    if (identity && same && from.format.zeroPoints[0] === target.format.zeroPoints[0]) return x;
    const output = { shape: from.shape, format: target.format };
    return { ...x, id: site.emit('TABLE', { table }, [x.id], output), coded: null };
  }
  return sumCodes(site, chain, ones(site, chain, x), target);
}

/** Each element times one, as a weighted sum whose channels are those that the chain tells apart. */
function ones(site: Site, chain: Chain, x: Activation): Sum {
  const { activation, perm } = site.lowering.whole(site.node, x);
  const { shape } = activation.layout;
  const last = typeof chain.dim === 'number' && channelsOf(chain) > 1 ? chain.dim : perm.at(-1)!;
  const order = [...perm.filter((d) => d !== last), last];
  const channels = shape[last]!;
  const pixels = elementCount(shape) / channels;
  site.lowering.spend(channels);
  return {
    x,
    rows: {
      channels,
      depth: 1,
      codes: new Int32Array(channels).fill(1),
      scales: new Float32Array(channels).fill(1),
    },
    bias: null,
    shape,
    channelDim: last,
    emit: ({ filter, bias, thresholds, format, clamp }) => {
      const one = { height: 1, width: 1 };
      const padding = { top: 0, bottom: 0, left: 0, right: 0 };
      const view = [1, 1, pixels, channels];
      const weights = filterTensor(site, filter, [1, 1, 1, channels], 3);
      const inputs = [site.lowering.view(site.node, activation, order, view), weights, bias];
      const attributes = { stride: one, dilation: one, padding, clamp, depthMultiplier: 1 };
      const id = site.emit(
        'DEPTHWISE_CONV_2D',
        attributes,
        thresholds === undefined ? inputs : [...inputs, thresholds],
        { shape: view, format },
      );
      return { kind: 'activation', id, layout: Layout.permuted(shape, order), coded: null };
    },
  };
}
