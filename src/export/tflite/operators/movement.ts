import type { OpKind } from '../../../graph/ops.js';
import { zeroPointOf } from '../../../graph/tensor.js';
import type { NodeSite, Step } from '../node-site.js';

/** The writer of an operator that does nothing to a scalar, in which no constant could say by how much each dimension moves. */
export function alongDimensions<K extends OpKind>(writer: (site: NodeSite<K>) => void): typeof writer {
  return (site) => (site.outputTensor.shape.length === 0 ? reshape(site) : writer(site));
}

/** RESHAPE: x. */
export function reshape(site: NodeSite<OpKind>): void {
  site.emit(reshapeStep(site));
}

/** To the shape of the output. That of a scalar, which no constant can say, is in the options alone. */
export function reshapeStep(site: NodeSite<OpKind>): Step {
  const { shape } = site.outputTensor;
  return {
    operator: 'RESHAPE',
    inputs: (x) => [x, ...(shape.length > 0 ? [site.ints('shape', shape)] : [])],
    options: { new_shape: shape },
  };
}

/** PAD: x. Without a value TFLite takes int8's zero point, and 0 of other types. */
export function pad(site: NodeSite<'PAD'>): void {
  const { before, after, value } = site.attributes;
  const { format } = site.outputTensor;
  const paddings = site.ints(
    'paddings',
    before.flatMap((size, d) => [size, after[d]!]),
    [before.length, 2],
  );
  const isDefault = value === (format.type === 'int8' ? zeroPointOf(site.outputTensor) : 0);
  site.emit(
    isDefault
      ? { operator: 'PAD', inputs: (x) => [x, paddings] }
      : { operator: 'PADV2', inputs: (x) => [x, paddings, site.scalar('padding', value, format)] },
  );
}

/** CONCATENATION: any number of inputs. */
export function concatenation(site: NodeSite<'CONCATENATION'>): void {
  site.emit({
    operator: 'CONCATENATION',
    inputs: () => site.inputs(),
    options: { axis: site.attributes.axis },
  });
}

/** TRANSPOSE: x. */
export function transpose(site: NodeSite<'TRANSPOSE'>): void {
  const { perm } = site.attributes;
  site.emit({ operator: 'TRANSPOSE', inputs: (x) => [x, site.ints('permutation', perm)] });
}

/** STRIDED_SLICE: x. Going backwards to the first element ends before it, which TFLite says by an index below all others. */
export function stridedSlice(site: NodeSite<'STRIDED_SLICE'>): void {
  const { begin, stride } = site.attributes;
  const { shape } = site.outputTensor;
  const whole = site.inputTensor(0).shape;
  const end = begin.map((first, d) => {
    const last = first + shape[d]! * stride[d]!;
    return last < 0 ? -whole[d]! - 1 : last;
  });
  site.emit({
    operator: 'STRIDED_SLICE',
    inputs: () => [
      site.input(0),
      site.ints('begin', begin),
      site.ints('end', end),
      site.ints('strides', stride),
    ],
  });
}

/** GATHER: x, indices. */
export function gather(site: NodeSite<'GATHER'>): void {
  const { axis, batchDims } = site.attributes;
  site.emit({
    operator: 'GATHER',
    inputs: (x) => [x, site.input(1)],
    options: { axis, batch_dims: batchDims },
  });
}

/** RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR: x. */
export function resize(
  operator: 'RESIZE_NEAREST_NEIGHBOR' | 'RESIZE_BILINEAR',
): (site: NodeSite<'RESIZE_NEAREST_NEIGHBOR' | 'RESIZE_BILINEAR'>) => void {
  return (site) => {
    const { alignCorners, halfPixelCenters, part } = site.attributes;
    if (part) site.fail('resizes a part of an image', 'Write the graph as it was before it was planned');
    const [, height = 1, width = 1] = site.outputTensor.shape;
    site.emit({
      operator,
      inputs: (x) => [x, site.ints('size', [height, width])],
      options: { align_corners: alignCorners, half_pixel_centers: halfPixelCenters },
    });
  };
}
