import type { OpKind } from '../../../graph/ops.js';
import type { NodeSite } from '../node-site.js';

/** Operators that TFLite has just so: inputs in the graph's order, no options. */
export function bare(operator: OpKind): (site: NodeSite<OpKind>) => void {
  return (site) =>
    site.emit({
      operator,
      inputs: () => site.inputs(),
    });
}

/** ADD and SUB: a, b. Scales of int16 are any, not powers of two. */
export function sum(operator: 'ADD' | 'SUB'): (site: NodeSite<'ADD' | 'SUB'>) => void {
  return (site) => {
    if (site.optionalTensor(3)) {
      site.fail('ends by thresholds, for which TFLite has no operator', 'Give its output 8 or 16 bits');
    }
    const inputs = (a: number) => [a, site.input(1)];
    const options = { pot_scale_int16: false };
    site.emit(...site.clamped(site.attributes.clamp, { operator, inputs, options }));
  };
}

/** MUL: a, b. */
export function mul(site: NodeSite<'MUL'>): void {
  const inputs = (a: number) => [a, site.input(1)];
  site.emit(...site.clamped(site.attributes.clamp, { operator: 'MUL', inputs }));
}

/** SOFTMAX: x. */
export function softmax(site: NodeSite<'SOFTMAX'>): void {
  site.emit({ operator: 'SOFTMAX', inputs: (x) => [x], options: { beta: site.attributes.beta } });
}

/** LEAKY_RELU: x. */
export function leakyRelu(site: NodeSite<'LEAKY_RELU'>): void {
  const { alpha } = site.attributes;
  site.emit({ operator: 'LEAKY_RELU', inputs: (x) => [x], options: { alpha } });
}

/** GELU: x. */
export function gelu(site: NodeSite<'GELU'>): void {
  const { approximate } = site.attributes;
  site.emit({ operator: 'GELU', inputs: (x) => [x], options: { approximate } });
}

/** QUANTIZE: x. */
export function quantize(site: NodeSite<'QUANTIZE'>): void {
  if (site.optionalTensor(1)) {
    site.fail('quantizes by thresholds, which TFLite does not', 'Give its output one step');
  }
  bare('QUANTIZE')(site);
}

/** DEQUANTIZE: x. */
export function dequantize(site: NodeSite<'DEQUANTIZE'>): void {
  if (site.optionalTensor(1)) {
    site.fail('has a scale for each channel, TFLite one for all', 'Give its input one scale');
  }
  bare('DEQUANTIZE')(site);
}
