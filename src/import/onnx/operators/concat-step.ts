import { numberOf } from '../attributes.js';
import type { Chain } from '../chain.js';
import type { Importer, Site } from '../site.js';
import { type Bounds, isUnbounded } from '../values.js';
import { chainCodes } from './chain-endings.js';
import { type Link, linkOf } from './chained.js';
import { joined } from './joining.js';

/** Concat of values that wait for one quantizer, or of codes of several: each is quantized as it comes, and the codes are joined. */
export function concatStep(own: Importer): Importer {
  return (site) => {
    const values = site.node.inputs.map((_, i) => site.value(i));
    const links = values.map((_, i) => linkOf(site, i));
    const codes = values.flatMap((value) => (value.kind === 'activation' ? [value] : []));
    const alike = codes.every((x) => site.lowering.alike(x, codes[0]!));
    if (links.some((link) => !link) || (codes.length === links.length && alike)) return own(site);
    const parts = (links as readonly Link[]).map(({ chain, shape }) =>
      site.pending({
        shape,
        exact: true,
        emit: (target, bounds) => chainCodes(site, within(site, chain, bounds), target),
      }),
    );
    const value = joined(site, parts, numberOf(site.node, 'axis'));
    return value.kind === 'pending' ? { ...value, exact: true } : value;
  };
}

/** The chain and a Relu or Clip that follows the Concat. */
function within({ node }: Site, chain: Chain, bounds: Bounds): Chain {
  if (isUnbounded(bounds)) return chain;
  const at = (x: number) => Math.min(Math.max(x, bounds.low), bounds.high);
  return { ...chain, steps: [...chain.steps, { node, channels: 1, at, slope: () => 1 }] };
}
