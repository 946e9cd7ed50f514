/** Pools, reductions and movements of real numbers, whose forms for codes wait for a format. */
import { plain } from '../../../../graph/tensor.js';
import { numberOf } from '../../attributes.js';
import type { Importer, Site } from '../../site.js';
import { type Activation, shapeOf } from '../../values.js';
import { type Image, imageMade, imageShape, imageView } from '../images.js';
import { joined } from '../joining.js';
import { averageOf, imageAxes, keepsDims, poolOf, reduced, reducedAxes } from '../pools.js';
import { padded } from '../slicing.js';
import { greatestOf, softmaxRows } from '../softmax.js';
import type { Windows } from '../windows.js';
import { real } from './operands.js';

const FLOAT = plain('float32');

/** AveragePool. Where its padding counts, zeros are put around the image first. */
export const averagePool: Importer = (site) => {
  const x = real(site, 0);
  const { image, windows, shape, counted, reachesOut } = averageOf(site, shapeOf(x));
  if (!counted || !reachesOut) return poolOf(site, 'AVERAGE_POOL_2D', x, windows, shape, null);
  const padding = { top: 0, bottom: 0, left: 0, right: 0 };
  const around = surrounded(site, x, image, windows);
  return poolOf(site, 'AVERAGE_POOL_2D', around, { ...windows, padding }, shape, null);
};

/** The image with the zeros around it that windows reach into. */
function surrounded(site: Site, x: Activation, image: Image, { padding }: Windows): Activation {
  const { top, bottom, left, right } = padding;
  const height = image.height + top + bottom;
  const width = image.width + left + right;
  const attributes = { before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 };
  const output = { shape: [image.batch, height, width, image.channels], format: FLOAT };
  const id = site.emit('PAD', attributes, [imageView(site, x)], output);
  return imageMade(id, imageShape(image, image.channels, { height, width }));
}

/** GlobalAveragePool. */
export const globalAveragePool: Importer = (site) =>
  reduced(site, real(site, 0), imageAxes(site, site.shape(0)), true, 'MEAN', FLOAT);

/** ReduceMean and ReduceSum. */
export function reduce(kind: 'MEAN' | 'SUM'): Importer {
  return (site) => {
    const x = real(site, 0);
    const axes = reducedAxes(site, shapeOf(x));
    return axes ? reduced(site, x, axes, keepsDims(site), kind, FLOAT) : x;
  };
}

export const softmax: Importer = (site) => softmaxRows(site, real(site, 0), site.lowering.opset, FLOAT);

export const argMax: Importer = (site) => greatestOf(site, real(site, 0));

/** Concat, of constants too. */
export const concat: Importer = (site) => {
  const parts = site.node.inputs.map((_, i) => real(site, i));
  return joined(site, parts, numberOf(site.node, 'axis'));
};

/** Pad with any number. */
export const pad: Importer = (site) => padded(site, (_site, _x, value) => Math.fround(value));
