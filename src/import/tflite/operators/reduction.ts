import type { Site } from '../site.js';

/** MEAN and SUM: x, axes. */
export function reduce(kind: 'MEAN' | 'SUM'): (site: Site) => void {
  return (site) => {
    const rank = site.inputTensor(0).shape.length;
    const axes = site.constant(1, 'axes').map((axis) => site.axis(axis, rank));
    const sorted = [...new Set(axes)].sort((a, b) => a - b);
    site.emit(kind, { axes: sorted }, [site.input(0)]);
  };
}

/** ARG_MAX: x, axis. */
export function argMax(site: Site): void {
  const [axis = 0] = site.constant(1, 'axis');
  site.emit('ARG_MAX', { axis: site.axis(axis, site.inputTensor(0).shape.length) }, [site.input(0)]);
}
