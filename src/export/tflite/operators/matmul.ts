import { equal } from '../../../graph/shapes.js';
import { elementCount } from '../../../graph/tensor.js';
import type { NodeSite } from '../node-site.js';
import { reshapeStep } from './movement.js';
import { bias, filter } from './weights.js';

/** FULLY_CONNECTED: x, filter [N, K], bias?. TFLite makes rows of N, or keeps x's leading sizes; other shapes take a RESHAPE behind it. */
export function fullyConnected(site: NodeSite<'FULLY_CONNECTED'>): void {
  const x = site.inputTensor(0).shape;
  const y = site.outputTensor.shape;
  const [outputs = 1, depth = 1] = site.inputTensor(1).shape;
  const rows = [elementCount(x) / depth, outputs];
  const isRows = equal(y, rows);
  const keeps = !isRows && x.at(-1) === depth && equal(y, [...x.slice(0, -1), outputs]);
  const inputs = [site.input(0), filter(site), bias(site, 2)];
  const steps = site.clamped(site.attributes.clamp, {
    operator: 'FULLY_CONNECTED',
    inputs: () => inputs,
    options: { keep_num_dims: keeps },
    shape: keeps ? y : rows,
  });
  site.emit(...steps, ...(isRows || keeps ? [] : [reshapeStep(site)]));
}

/** BATCH_MATMUL: a, b. */
export function batchMatMul(site: NodeSite<'BATCH_MATMUL'>): void {
  const { adjX, adjY } = site.attributes;
  site.emit({
    operator: 'BATCH_MATMUL',
    inputs: (x) => [x, site.input(1)],
    options: { adj_x: adjX, adj_y: adjY },
  });
}
