import type { OpKind } from '../../../graph/ops.js';
import type { Site } from '../site.js';

/** Kinds without attributes. */
type Bare =
  | 'MAXIMUM'
  | 'MINIMUM'
  | 'LOGISTIC'
  | 'TANH'
  | 'HARD_SWISH'
  | 'PRELU'
  | 'RELU'
  | 'RELU6'
  | 'RELU_N1_TO_1'
  | 'QUANTIZE';

/** Operators that the graph has just so: inputs in the file's order, no attributes. */
export function bare(kind: Bare & OpKind): (site: Site) => void {
  return (site) =>
    site.emit(
      kind,
      {},
      Array.from({ length: site.inputCount }, (_, i) => site.input(i)),
    );
}

/** ADD, SUB, MUL: a, b. */
export function arithmetic(kind: 'ADD' | 'SUB' | 'MUL'): (site: Site) => void {
  return (site) => site.emit(kind, { clamp: site.clamp() }, [site.input(0), site.input(1)]);
}

/** SOFTMAX: x. */
export function softmax(site: Site): void {
  site.emit('SOFTMAX', { beta: finite(site, 'beta') }, [site.input(0)]);
}

/** LEAKY_RELU: x. */
export function leakyRelu(site: Site): void {
  site.emit('LEAKY_RELU', { alpha: finite(site, 'alpha') }, [site.input(0)]);
}

/** GELU: x. */
export function gelu(site: Site): void {
  site.emit('GELU', { approximate: site.bool('approximate') }, [site.input(0)]);
}

/** L2_NORMALIZATION: x. */
export function l2Normalization(site: Site): void {
  site.requireNoActivation();
  site.emit('L2_NORMALIZATION', {}, [site.input(0)]);
}

/** SVDF: x, weightsFeature, weightsTime, bias?, state. TFLite's integer kernels ignore its fused activation. */
export function svdf(site: Site): void {
  const clamp = site.clamp();
  const range = site.codeRange();
  if (clamp.min !== range.min || clamp.max !== range.max) {
    site.fail(
      'BL104',
      'has a fused activation, which TFLite ignores here',
      'Make the activation an operator of its own',
    );
  }
  const weights = [site.input(0), site.input(1), site.input(2), site.optionalInput(3)];
  site.emit('SVDF', { rank: site.int('rank'), clamp }, [...weights, site.input(4)]);
}

function finite(site: Site, option: string): number {
  const value = site.int(option);
  return Number.isFinite(value) ? value : site.fail('BL102', `has ${option} ${value}`);
}
