/** Averages of codes: a sum of ones as weights, and a division that goes into the quantizer behind it. */
import { numberOf, numbersOf } from '../attributes.js';
import type { Step } from '../chain.js';
import { isChained } from '../chain.js';
import { type Importer, Site } from '../site.js';
import { type Activation, type RealConstant, shapeOf } from '../values.js';
import { chainedSum, extended } from './chained.js';
import { convolution } from './convolution.js';
import { imageOf } from './images.js';
import { reshaped } from './movement.js';

/** Input 0 as codes, times a factor. */
type CodesOf = (site: Site) => { readonly x: Activation; readonly factor: number };

/**
 * AveragePool and GlobalAveragePool. Windows that reach out of the image must count its padding.
 * @param own for other values than codes of at most 8 bits
 */
export function averageStep(own: Importer, codesOf: CodesOf): Importer {
  return (site) => {
    const { x, factor } = codesOf(site);
    const { format } = site.lowering.tensor(x.id);
    if (format.type === 'int16') return own(site);
    const { node } = site;
    const image = imageOf(site, shapeOf(x));
    const global = node.op !== 'AveragePool';
    const whole = image.rank === 1 ? [image.width] : [image.height, image.width];
    const kernel = global ? whole : numbersOf(node, 'kernel_shape');
    if (kernel?.length !== image.rank || !kernel.every((size) => Number.isSafeInteger(size) && size >= 1))
      return site.fail('BL102', 'has no kernel_shape');
    const padded =
      (numbersOf(node, 'pads') ?? []).some((pad) => pad !== 0) || node.attributes.has('auto_pad');
    if (numberOf(node, 'ceil_mode', 0) !== 0 || (padded && numberOf(node, 'count_include_pad', 0) === 0)) {
      return site.fail('BL104', 'averages fewer elements at the border', 'Pool without padding or ceil_mode');
    }
    const area = kernel.reduce((product, size) => product * size, 1);
    const { channels } = image;
    site.lowering.spend(area * channels);
    const ones: RealConstant = {
      kind: 'real constant',
      name: '',
      shape: [channels, 1, ...kernel],
      codes: new Int32Array(area * channels).fill(Math.sign(factor)),
      scales: new Float32Array(area * channels).fill(Math.abs(factor)),
    };
    const attributes = new Map([...node.attributes, ['group', channels], ['kernel_shape', kernel]] as const);
    const summing = new Site(site.lowering, { ...node, attributes });
    const sum = convolution(summing, x, ones, null, chainedSum);
    if (!isChained(sum)) return own(site);
    const divide: Step = {
      node,
      channels: 1,
      at: (value) => Math.fround(value / area),
      slope: () => 1,
      affine: () => ({ factor: 1 / area, offset: 0 }),
    };
    return extended(site, { chain: sum.chain, shape: sum.shape, depth: sum.depth }, divide, null);
  };
}

/** ReduceMean over the rows and columns of images, which is GlobalAveragePool; other means are `own`. */
export function meanStep(own: Importer, codesOf: CodesOf): Importer {
  const pool = averageStep(own, codesOf);
  return (site) => {
    const shape = site.shape(0);
    const axes = (site.numbers(1, 'axes') ?? numbersOf(site.node, 'axes') ?? []).map((axis) =>
      site.axis(axis, shape.length),
    );
    const spatial = shape.slice(2).map((_, d) => d + 2);
    if (spatial.length === 0 || axes.toSorted((a, b) => a - b).join() !== spatial.join()) return own(site);
    const kept = pool(site);
    if (numberOf(site.node, 'keepdims', 1) === 1 || kept.kind !== 'pending' || !kept.movedBy) return kept;
    const flat = shape.slice(0, 2);
    return kept.movedBy(site.node, flat, (x) => reshaped(site, x, flat));
  };
}
