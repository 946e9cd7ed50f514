import type { OpAttributes } from '../../../graph/ops.js';
import { textOf } from '../attributes.js';
import type { Site } from '../site.js';
import type { Activation, Value } from '../values.js';
import { imageMade, imageOf, imageView } from './images.js';
import { moved } from './movement.js';
import { gathered } from './slicing.js';

/** Bound of a side. */
const MAX_SIDE = 32768;

/** From an output coordinate to that in the input. */
const COORDINATES: Readonly<Record<string, (at: number, scale: number, from: number, to: number) => number>> =
  {
    half_pixel: (at, scale) => (at + 0.5) / scale - 0.5,
    pytorch_half_pixel: (at, scale, _, to) => (to > 1 ? (at + 0.5) / scale - 0.5 : 0),
    asymmetric: (at, scale) => at / scale,
    align_corners: (at, _, from, to) => (to > 1 ? (at * (from - 1)) / (to - 1) : 0),
  };

const NEAREST: Readonly<Record<string, (at: number) => number>> = {
  round_prefer_floor: (at) => Math.ceil(at - 0.5),
  round_prefer_ceil: (at) => Math.floor(at + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/**
 * Resize (x, roi?, scales?, sizes?) and Upsample (x, scales) of images. Nearest neighbours are copies by lists of rows and columns;
 * linear is RESIZE_BILINEAR.
 */
export function resize(site: Site): Value {
  const shape = site.shape(0);
  const { rank } = imageOf(site, shape);
  const old = site.node.op === 'Upsample' || site.lowering.opset < 11;
  const scales = site.numbers(old ? 1 : 2, 'scales');
  const sizes = old || !site.has(3) ? null : site.numbers(3, 'sizes');
  const to = sizes?.length ? sizes : shape.map((size, d) => Math.floor(size * (scales?.[d] ?? Number.NaN)));
  const fits =
    to.length === shape.length &&
    to.every((size) => Number.isSafeInteger(size) && size >= 1 && size <= MAX_SIDE) &&
    to[0] === shape[0] &&
    to[1] === shape[1];
  if (!fits)
    site.fail(
      'BL104',
      `makes [${to.slice(0, 8)}] of [${shape}]`,
      'Resize images by constant sizes or scales, batch and channels kept',
    );
  const steps = shape.map((size, d) => (sizes?.length ? to[d]! / size : scales![d]!));
  const coordinates = old ? 'asymmetric' : textOf(site.node, 'coordinate_transformation_mode', 'half_pixel');
  const mode = textOf(site.node, 'mode', 'nearest');
  if (mode === 'nearest') {
    const transform = COORDINATES[coordinates];
    const round = NEAREST[old ? 'floor' : textOf(site.node, 'nearest_mode', 'round_prefer_floor')];
    if (!transform || !round)
      return site.fail(
        'BL104',
        `has the coordinates ${coordinates}`,
        'Use half_pixel, asymmetric or align_corners',
      );
    return moved(site, 0, to, (x) =>
      shape.reduce((value, size, d) => {
        const source = (at: number) =>
          Math.min(Math.max(round(transform(at, steps[d]!, size, to[d]!)), 0), size - 1);
        const list = Array.from({ length: to[d]! }, (_, at) => source(at));
        return list.length === size && list.every((from, at) => from === at)
          ? value
          : gathered(site, value, d, list);
      }, x),
    );
  }
  // With one pixel to make, PyTorch takes the first where half_pixel takes the middle.
  const single = coordinates === 'pytorch_half_pixel' && to.slice(2).includes(1);
  const flags = single ? undefined : LINEAR[coordinates];
  const even = shape.every((size, d) => Math.abs(to[d]! - size * steps[d]!) < 1e-6);
  if (mode !== 'linear' || !flags || rank !== 2 || (!even && !flags.alignCorners)) {
    return site.fail(
      'BL104',
      `has the mode ${mode} with the coordinates ${coordinates}`,
      'Use nearest, or linear with half_pixel, asymmetric or align_corners',
    );
  }
  return moved(site, 0, to, (x) => bilinear(site, x, to, flags));
}

type Flags = OpAttributes['RESIZE_BILINEAR'];

const LINEAR: Readonly<Record<string, Flags>> = {
  half_pixel: { alignCorners: false, halfPixelCenters: true },
  pytorch_half_pixel: { alignCorners: false, halfPixelCenters: true },
  asymmetric: { alignCorners: false, halfPixelCenters: false },
  align_corners: { alignCorners: true, halfPixelCenters: false },
};

function bilinear(site: Site, x: Activation, shape: readonly number[], flags: Flags): Activation {
  const [n = 1, c = 1, h = 1, w = 1] = shape;
  const { format } = site.lowering.tensor(x.id);
  const id = site.emit('RESIZE_BILINEAR', flags, [imageView(site, x)], { shape: [n, h, w, c], format });
  return { ...imageMade(id, shape), coded: x.coded };
}
