/** How sums of two activations end in codes. */
import { perTensor } from '../../../graph/tensor.js';
import { clamp } from '../../../numerics/fixed-point.js';
import { addParameters, scaledSum, subParameters } from '../../../numerics/scales.js';
import { describe, fail } from '../attributes.js';
import { type Chain, channelsOf, composed, type Pair, slopeIn } from '../chain.js';
import { MAX_OFF } from '../multiplier-fit.js';
import { fractions, type Pairs, pairEnding, pairsOf } from '../pairs.js';
import { gridTarget } from '../quantizers.js';
import type { Site } from '../site.js';
import { codeOf, type Target } from '../targets.js';
import type { Activation } from '../values.js';
import { levelsOf, type Rising, stepsOf, THRESHOLD_LEVELS } from './code-levels.js';
import { constant } from './sums.js';

function formatsOf({ lowering }: Site, { a, b }: Pair) {
  return [lowering.tensor(a.id).format, lowering.tensor(b.id).format] as const;
}

/** The pairs of codes that a sum is of. */
export function pairsIn(site: Site, pair: Pair): Pairs {
  return pairsOf(...formatsOf(site, pair), pair.sign);
}

/** The codes of a sum: those of float32 arithmetic for every pair of codes, or as a note says for nearly every one. */
export function pairCodes(site: Site, chain: Chain, pair: Pair, target: Target): Activation {
  const pairs = pairsIn(site, pair);
  const level = levelsOf(target);
  const last = pairs.reals.length - 1;
  const slopes = Array.from({ length: channelsOf(chain) }, (_, c) => slopeIn(chain, c));
  const channels = slopes.map((slope, c): Rising => {
    const real = composed(chain, c);
    const codeAt = (i: number) => level.of(codeOf(target, real(pairs.reals[slope < 0 ? last - i : i]!)));
    return { low: 0, high: last, codeOf: codeAt };
  });
  if (level.reach >= THRESHOLD_LEVELS && slopes.join() === '1') {
    const plain = plainSum(site, chain, pair, pairs, target);
    if (plain) return plain;
  }
  const { least, most, thresholds: cuts } = stepsOf(target, channels);
  const ending = pairEnding(
    pairs,
    cuts.map((row, c) => ({ falls: slopes[c]! < 0, cuts: row })),
  );
  noteDeviation(site, ending.off);
  const [wa, wb] = ending.weights;
  const filter = Int16Array.from(slopes.flatMap((slope) => [slope * wa, slope * pair.sign * wb]));
  const weights = site.lowering.add({
    name: `${site.node.outputs[0] ?? ''} filter`,
    shape: [slopes.length, 2],
    format: perTensor('int16', 1, 0),
    data: filter,
  });
  const rows = Int32Array.from(ending.thresholds.flatMap((row) => [...row]));
  const thresholds = constant(site, 'thresholds', [slopes.length, most - least], rows);
  const attributes = { clamp: level.clamp({ min: least, max: most }) };
  return added(site, chain, pair, target, (a, b, output) =>
    site.emit('ADD', attributes, [a, b, weights, thresholds], output),
  );
}

/** TensorFlow Lite's ADD and SUB, where it gives the codes of all pairs but few, and these by one more or less. */
function plainSum(site: Site, chain: Chain, pair: Pair, pairs: Pairs, target: Target): Activation | null {
  const [a, b] = formatsOf(site, pair);
  const { format, range } = target;
  if (a.type !== 'int8' || b.type !== 'int8' || format.type !== 'int8') return null;
  const { sign } = pair;
  const of = sign > 0 ? addParameters : subParameters;
  const parameters = of(a.scales[0]!, b.scales[0]!, format.scales[0]!, 'int8');
  if (parameters.output.shift > 0) return null;
  const real = composed(chain, 0);
  let off = 0;
  for (const [i, sum] of pairs.reals.entries()) {
    const scaled = scaledSum(pairs.a[i]!, sign * pairs.b[i]!, sign, parameters);
    const distance = Math.abs(
      clamp(scaled + format.zeroPoints[0]!, range.min, range.max) - codeOf(target, real(sum)),
    );
    if (distance > 1) return null;
    off += distance;
  }
  off /= pairs.reals.length;
  if (off > MAX_OFF) return null;
  noteDeviation(site, off);
  return added(site, chain, pair, target, (x, y, output) =>
    site.emit(sign > 0 ? 'ADD' : 'SUB', { clamp: range }, [x, y], output),
  );
}

function noteDeviation(site: Site, off: number): void {
  if (off === 0) return;
  site.lowering.note(
    `${describe(site.node)}: of all pairs of codes that are added, ${(100 * off).toPrecision(2)} % give another code than float32 does`,
  );
}

/** Both operands in one order, the chain's channels innermost. */
function added(
  site: Site,
  chain: Chain,
  { a, b }: Pair,
  { format }: Target,
  emit: (a: number, b: number, output: Parameters<Site['emit']>[3]) => number,
): Activation {
  const { activation, perm } = site.lowering.whole(site.node, a);
  const { shape } = activation.layout;
  const last = typeof chain.dim === 'number' && channelsOf(chain) > 1 ? chain.dim : perm.at(-1)!;
  const order = [...perm.filter((d) => d !== last), last];
  const [x, y] = [activation, b].map((operand) => site.lowering.view(site.node, operand, order));
  return site.made(emit(x!, y!, { shape: order.map((d) => shape[d]!), format }), shape, order);
}

/** How far a real sum may be from a code's, in steps: what float32 rounds. */
const NEAR = 1e-4;

/** The sum as codes of its own, of which each pair has one, where no quantizer follows. Errors: BL107. */
export function freePair(site: Site, chain: Chain, pair: Pair): Activation {
  const pairs = pairsIn(site, pair);
  const real = composed(chain, 0);
  const sums = channelsOf(chain) === 1 ? pairs.reals.map(real) : new Float32Array();
  const [a] = formatsOf(site, pair);
  for (const [divisor] of fractions(pairs.ratio).filter(([n]) => n > 0)) {
    const scale = Math.fround(a.scales[0]! / divisor);
    const codes = sums.map((sum) => Math.round(sum / scale));
    if (sums.length === 0 || sums.some((sum, i) => !(Math.abs(sum / scale - codes[i]!) < NEAR))) continue;
    const [least, most] = [codes.reduce((x, y) => Math.min(x, y)), codes.reduce((x, y) => Math.max(x, y))];
    const round = (sum: number) => Math.min(Math.max(Math.round(sum / scale), least), most);
    const target = gridTarget({ scale, zeroPoint: 0, least, most, round, rounding: 'nearest' });
    if (target) return pairCodes(site, chain, pair, target);
  }
  return fail(
    chain.steps.at(-1)?.node ?? site.node,
    'BL107',
    'computes in float: no Quant follows, and 8 bits do not hold the sums of its operands',
    'Put a Quant behind it',
  );
}
