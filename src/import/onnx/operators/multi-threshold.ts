import { numberOf, textOf } from '../attributes.js';
import type { Step } from '../chain.js';
import { type Grid, gridTarget, signTarget } from '../quantizers.js';
import type { Site } from '../site.js';
import type { Target } from '../targets.js';
import type { Value } from '../values.js';
import { chainCodes } from './chain-endings.js';
import { linkOf } from './chained.js';
import { checkDim } from './steps.js';

/**
 * MultiThreshold of FINN: x, thresholds [channels or 1, n]. It is `out_scale * count + out_bias`, where `count` is how many of its channel's
 * thresholds x reaches.
 */
export function multiThreshold(site: Site): Value {
  const link = linkOf(site, 0);
  if (!link) return site.unquantized(0, site.value(0));
  const { shape, data } = site.constant(1, 'thresholds');
  const [channels = 0, count = 0] = shape;
  const dim = textOf(site.node, 'data_layout', 'NCHW') === 'NHWC' ? link.shape.length - 1 : 1;
  const fits = shape.length === 2 && (channels === 1 || channels === link.shape[dim]);
  if (!fits) site.fail('BL102', `has thresholds of [${shape}] for [${link.shape}]`);
  if (channels > 1) checkDim(site, link, dim);
  const scale = Math.fround(numberOf(site.node, 'out_scale', 1));
  const bias = Math.fround(numberOf(site.node, 'out_bias', 0));
  const rows = Float32Array.from(data);
  const step: Step = {
    node: site.node,
    channels,
    at: (x, c) => {
      let reached = 0;
      for (let i = c * count; i < (c + 1) * count; i++) if (x >= rows[i]!) reached++;
      return Math.fround(scale * reached + bias);
    },
    slope: () => 1,
  };
  const chain = {
    ...link.chain,
    steps: [...link.chain.steps, step],
    dim: channels > 1 ? dim : link.chain.dim,
  };
  return chainCodes(site, chain, targetOf(site, scale, bias, count));
}

function targetOf(site: Site, scale: number, bias: number, count: number): Target {
  const zeroPoint = -bias / scale;
  if (count === 1 && scale > 0 && zeroPoint === 0.5) return signTarget(Math.fround(scale / 2));
  if (!(scale > 0 && Number.isFinite(scale)) || !Number.isInteger(zeroPoint)) {
    return site.fail(
      'BL107',
      `has the scale ${scale} and the bias ${bias}`,
      'Make out_bias a multiple of out_scale, which is above 0',
    );
  }
  const grid: Grid = {
    scale,
    zeroPoint,
    least: 0,
    most: count,
    round: (real) => Math.round(real / scale) + zeroPoint,
    rounding: 'count of thresholds',
  };
  return (
    gridTarget(grid, true) ??
    site.fail('BL105', `has ${count + 1} levels`, 'Quantize activations to 8 bits or fewer')
  );
}
