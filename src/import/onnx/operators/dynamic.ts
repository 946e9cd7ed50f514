import { plain } from '../../../graph/tensor.js';
import type { Site } from '../site.js';
import type { Value } from '../values.js';

/** DynamicQuantizeLinear of a float input: codes, scale and zero point, which nothing computes with. */
export function dynamicQuantizeLinear(site: Site): Value {
  const { lowering, node } = site;
  const value = site.value(0);
  if (value.kind !== 'activation' || lowering.tensor(value.id).format.type !== 'float32') {
    return site.fail(
      'BL107',
      'computes its scale from data that is no float input',
      'Quantize the model statically: scales and zero points must be constants',
    );
  }
  const x = value.id;
  const name = (i: number) => node.outputs[i] ?? '';
  const scale = site.emit('DYNAMIC_SCALE', {}, [x], { shape: [], format: plain('float32'), name: name(1) });
  const zero = site.emit('DYNAMIC_ZERO_POINT', {}, [x, scale], {
    shape: [],
    format: plain('uint8'),
    name: name(2),
  });
  const id = site.emit('DYNAMIC_QUANTIZE', {}, [x, scale, zero], {
    shape: lowering.tensor(x).shape,
    format: plain('uint8'),
  });
  site.result(site.made(scale, []), 1);
  site.result(site.made(zero, []), 2);
  return { ...value, id };
}
