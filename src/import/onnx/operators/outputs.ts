import { INTEGER_RANGE } from '../../../graph/tensor.js';
import type { Site } from '../site.js';
import { clampOf, codeOf, realOf, type Target } from '../targets.js';
import type { Activation, Bounds } from '../values.js';

/** The activation with its codes kept between bounds, for operators that have no clamp of their own. */
export function bounded(site: Site, x: Activation, target: Target, bounds: Bounds): Activation {
  const { min, max } = clampOf(target, bounds);
  const tensor = site.lowering.tensor(x.id);
  const range = INTEGER_RANGE[target.format.type as 'int8' | 'int16'];
  if (min <= range.min && max >= range.max) return x;
  const output = { shape: tensor.shape, format: tensor.format, name: `${tensor.name} bounded` };
  if (target.format.type === 'int8') {
    const table = Int8Array.from({ length: 256 }, (_, i) => Math.min(Math.max(i - 128, min), max));
    return { ...x, id: site.emit('TABLE', { table }, [x.id], output) };
  }
  const limit = (code: number) =>
    site.lowering.add({
      name: `${tensor.name} bound`,
      shape: [1],
      format: tensor.format,
      data: Int16Array.of(code),
    });
  const above = site.emit('MAXIMUM', {}, [x.id, limit(min)], output);
  return { ...x, id: site.emit('MINIMUM', {}, [above, limit(max)], output) };
}

/** `f` of each element in the format of `target`: a table of all 256 codes, each computed as ONNX does. */
export function mapped(
  site: Site,
  x: Activation,
  f: (real: number) => number,
  target: Target,
  bounds: Bounds,
): Activation {
  const { shape, format } = site.lowering.tensor(x.id);
  if (format.type === 'int8' && target.format.type === 'int8') {
    const limit = (real: number) => Math.min(Math.max(real, bounds.low), bounds.high);
    const table = Int8Array.from({ length: 256 }, (_, i) =>
      codeOf(target, limit(Math.fround(f(realOf(format, i - 128))))),
    );
    return { ...x, id: site.emit('TABLE', { table }, [x.id], { shape, format: target.format }) };
  }
  return site.fail('BL104', 'is a function of 16-bit codes', 'Quantize its input and its output to 8 bits');
}

/** The codes of `x` in another format. */
export function rescaled(site: Site, x: Activation, target: Target, bounds: Bounds): Activation {
  const { shape, format } = site.lowering.tensor(x.id);
  const same =
    format.type === target.format.type &&
    format.scales[0] === target.format.scales[0] &&
    format.zeroPoints[0] === target.format.zeroPoints[0];
  if (same) return bounded(site, x, target, bounds);
  if (format.type === 'int8' && target.format.type === 'int8')
    return mapped(site, x, (real) => real, target, bounds);
  const id = site.emit('QUANTIZE', {}, [x.id], { shape, format: target.format });
  return bounded(site, { ...x, id }, target, bounds);
}
