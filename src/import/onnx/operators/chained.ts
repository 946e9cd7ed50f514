import { isPacked } from '../../../graph/tensor.js';
import { type Chain, type Chained, isChained, type Step } from '../chain.js';
import type { OnnxNode } from '../model.js';
import { Site } from '../site.js';
import { type Activation, type Pending, shapeOf } from '../values.js';
import { chainCodes } from './chain-endings.js';
import { freeChain } from './chain-free.js';
import { pendingSum, type Sum } from './sums.js';

/** A chain as a value, with its shape. */
export interface Link {
  readonly chain: Chain;
  readonly shape: readonly number[];
  readonly depth: number;
}

/** The chain that input `i` is, or begins; null where it is neither. */
export function linkOf(site: Site, i: number): Link | null {
  const value = site.value(i);
  if (isChained(value)) return { chain: value.chain, shape: value.shape, depth: value.depth };
  if (value.kind !== 'activation' || value.coded !== null) return null;
  const { type, scales } = site.lowering.tensor(value.id).format;
  const kind = type === 'float32' ? 'float' : 'codes';
  if (kind === 'codes' && !(scales.length === 1 && (type === 'int8' || isPacked(type)))) return null;
  const chain: Chain = { source: { kind, x: value }, steps: [], moves: [], maxima: [], dim: null };
  return { chain, shape: shapeOf(value), depth: 0 };
}

/** The value that waits for a quantizer. */
export function chained(site: Site, { chain, shape, depth }: Link): Chained {
  const { source } = chain;
  const pending = site.pending({
    shape,
    depth: Math.max(1, depth),
    emit: (target) => chainCodes(site, chain, target),
    ...(source.kind !== 'float' && { emitFree: () => freeChain(site, chain) }),
    movedBy: (node, to, move) => movedChain(site, node, { chain, shape: to, depth: depth + 1 }, move),
  });
  return { ...pending, chain };
}

/** The chain and one step more. @param dim that the step tells channels apart by; null: it does not */
export function extended(site: Site, link: Link, step: Step, dim: number | null): Chained {
  const { chain } = link;
  const next: Chain = { ...chain, steps: [...chain.steps, step], dim: dim ?? chain.dim };
  return chained(site, { chain: next, shape: link.shape, depth: link.depth + 1 });
}

/** Maxima leave channels where they are; what else moves elements loses track of them. */
function movedChain(
  { lowering }: Site,
  node: OnnxNode,
  link: Link,
  move: (x: Activation) => Activation,
): Pending {
  const site = new Site(lowering, node);
  const maximum = node.op === 'MaxPool' || node.op === 'GlobalMaxPool';
  if (node.op === 'Pad') {
    site.fail(
      'BL107',
      'pads what is computed in float',
      'Put a Quant before it, or pad by the layer behind it',
    );
  }
  const { chain } = link;
  const maxima = maximum ? [...chain.maxima, chain.steps.length] : chain.maxima;
  const dim = maximum ? chain.dim : ('moved' as const);
  return chained(site, { ...link, chain: { ...chain, moves: [...chain.moves, move], maxima, dim } });
}

/** A weighted sum as a chain; its bias is the first step. Sums of 16-bit codes end by multipliers alone. */
export function chainedSum(site: Site, sum: Sum): Pending {
  if (site.lowering.tensor(sum.x.id).format.type === 'int16') return pendingSum(site, sum);
  const { bias, channelDim, shape } = sum;
  const steps: Step[] = bias ? [biasStep(site, Float32Array.from(bias))] : [];
  const chain: Chain = {
    source: { kind: 'sum', sum: { ...sum, bias: null } },
    steps,
    moves: [],
    maxima: [],
    dim: channelDim,
  };
  return chained(site, { chain, shape, depth: 1 });
}

function biasStep({ node }: Site, bias: Float32Array): Step {
  return {
    node,
    channels: bias.length,
    at: (x, c) => Math.fround(x + bias[c]!),
    slope: () => 1,
    affine: (c) => ({ factor: 1, offset: bias[c]! }),
  };
}
