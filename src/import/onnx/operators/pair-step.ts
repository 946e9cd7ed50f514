import { isPacked } from '../../../graph/tensor.js';
import { describe } from '../attributes.js';
import { isChained } from '../chain.js';
import type { Importer, Site } from '../site.js';
import { type Activation, shapeOf } from '../values.js';
import { chained } from './chained.js';
import { isConstant } from './movement.js';

const WAY_OUT = 'Put a Quant behind each of its operands; Bitloom adds codes alone';

/** Add and Sub of two activations: a sum that waits for its quantizer. */
export function pairStep(own: Importer, sign: 1 | -1): Importer {
  return (site) => {
    if ([0, 1].some((i) => isConstant(site.value(i)))) return own(site);
    const [a, b] = [operandOf(site, 0), operandOf(site, 1)];
    if (!a || !b) return own(site);
    const shape = shapeOf(a);
    if (shape.join() !== shapeOf(b).join()) {
      const bytes = [a, b].every(({ id }) => site.lowering.tensor(id).format.type === 'int8');
      if (bytes) return own(site);
      site.fail(
        'BL104',
        `adds [${shapeOf(b)}] to [${shape}] below 8 bits`,
        'Give both operands the same shape, or quantize them to 8 bits',
      );
    }
    const source = { kind: 'pair', pair: { a, b, sign } } as const;
    return chained(site, { chain: { source, steps: [], moves: [], maxima: [], dim: null }, shape, depth: 1 });
  };
}

/** An operand as codes of at most 8 bits; null where it is no value of QONNX. */
function operandOf(site: Site, i: number): Activation | null {
  const value = site.value(i);
  if (isChained(value)) {
    const { kind } = value.chain.source;
    if (kind === 'codes' || kind === 'pair') return value.emitFree!(value.bounds);
    return site.fail('BL107', `adds what ${describe(value.node)} computes in float`, WAY_OUT);
  }
  if (value.kind !== 'activation' || value.coded !== null) return null;
  const { type, scales } = site.lowering.tensor(value.id).format;
  if (type === 'float32')
    return site.fail('BL107', `adds '${site.node.inputs[i]!}', before which no Quant stands`, WAY_OUT);
  return scales.length === 1 && (type === 'int8' || isPacked(type)) ? value : null;
}
