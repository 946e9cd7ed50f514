import { activationClamp } from '../../../import/tflite/activations.js';
import type { NodeSite } from '../node-site.js';

/** MEAN and SUM: x. */
export function reduce(operator: 'MEAN' | 'SUM'): (site: NodeSite<'MEAN' | 'SUM'>) => void {
  return (site) => {
    const { axes } = site.attributes;
    if (axes.length === 0) {
      site.fail('reduces no dimension, which TFLite cannot say', 'Make it a QUANTIZE');
    }
    site.emit({
      operator,
      inputs: (x) => [x, site.ints('axes', axes)],
      options: { keep_dims: site.outputTensor.shape.length === site.inputTensor(0).shape.length },
    });
  };
}

/** ARG_MAX: x. */
export function argMax(site: NodeSite<'ARG_MAX'>): void {
  site.emit({
    operator: 'ARG_MAX',
    inputs: (x) => [x, site.ints('axis', [site.attributes.axis], [])],
    options: { output_type: 'INT32' },
  });
}

/** SVDF: x, weightsFeature, weightsTime, bias?, state. TFLite's integer kernels ignore its fused activation. */
export function svdf(site: NodeSite<'SVDF'>): void {
  const { rank, clamp } = site.attributes;
  site.emit(
    {
      operator: 'SVDF',
      inputs: (x) => [x, ...[1, 2, 3, 4].map((i) => site.input(i))],
      options: { rank, fused_activation_function: 'NONE' },
    },
    ...site.limits(activationClamp('NONE', site.outputTensor.format), clamp),
  );
}
