import { numberOf } from '../attributes.js';
import { dequantized, realsOf, scaleIndex } from '../constants.js';
import type { OnnxTensor, OnnxType } from '../model.js';
import { roundHalfEven } from '../rounding.js';
import type { Site } from '../site.js';
import { targetOf } from '../targets.js';
import { followsData, type RealConstant, UNBOUNDED, type Value } from '../values.js';
import { bounded, rescaled } from './outputs.js';

/** TensorProto.DataType of the attribute output_dtype. */
const OUTPUT_TYPES: Readonly<Record<number, OnnxType>> = {
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  21: 'uint4',
  22: 'int4',
  25: 'uint2',
  26: 'int2',
};

/** QuantizeLinear: x, scale, zero point?. What was held back is computed here. */
export function quantizeLinear(site: Site): Value {
  const value = site.value(0);
  if (value.kind === 'constant' || value.kind === 'real constant') {
    return { kind: 'constant', tensor: quantizedConstant(site, site.reals(0, 'input')) };
  }
  const target = site.target(1, 2, OUTPUT_TYPES[numberOf(site.node, 'output_dtype', 2)] ?? 'uint8');
  if (value.kind === 'pending') return { ...value.emit(target, value.bounds), coded: target.coded };
  if (followsData(value)) return site.unquantized(0, value);
  const { shape, format } = site.lowering.tensor(value.id);
  if (format.type === 'float32') {
    const id = site.emit('QUANTIZE', {}, [value.id], { shape, format: target.format });
    return { ...bounded(site, { ...value, id }, target, UNBOUNDED), coded: target.coded };
  }
  return { ...rescaled(site, site.activation(0), target, UNBOUNDED), coded: target.coded };
}

/** The codes of a constant, which may have a scale an index of an axis or a block. */
function quantizedConstant(site: Site, constant: RealConstant): OnnxTensor {
  const { shape, name } = constant;
  const scales = site.parameter(1, 'scale');
  const zero = site.has(2) ? site.parameter(2, 'zero point') : null;
  const type = zero?.type ?? OUTPUT_TYPES[numberOf(site.node, 'output_dtype', 2)] ?? 'uint8';
  const index = scaleIndex(shape, scales, axisOf(site, shape.length), numberOf(site.node, 'block_size', 0));
  const range = RANGES[type];
  if (!index || !range || (zero && zero.data.length !== scales.data.length)) {
    return site.fail(
      'BL107',
      `has ${scales.data.length} scales for the shape [${shape}]`,
      'Quantize the model again',
    );
  }
  const [low, high] = range;
  const data = Int32Array.from(realsOf(constant), (real, i) => {
    const code = roundHalfEven(Math.fround(real / scales.data[index(i)]!)) + (zero?.data[index(i)] ?? 0);
    return Math.min(Math.max(code, low), high);
  });
  return { name, type, shape, data };
}

const RANGES: Partial<Record<OnnxType, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int4: [-8, 7],
  uint4: [0, 15],
  int2: [-2, 1],
  uint2: [0, 3],
};

function axisOf(site: Site, rank: number): number {
  return rank === 0 ? 0 : site.axis(numberOf(site.node, 'axis', Math.min(1, rank - 1)), rank);
}

/** DequantizeLinear: codes, scale, zero point?. Only says what codes mean. */
export function dequantizeLinear(site: Site): Value {
  const value = site.value(0);
  if (value.kind === 'constant') {
    const { shape } = value.tensor;
    const scales = site.parameter(1, 'scale');
    const zero = site.has(2) ? site.parameter(2, 'zero point') : null;
    const axis = scales.data.length === 1 ? 0 : axisOf(site, shape.length);
    const positive = Array.from(scales.data).every((scale) => scale >= 0 && Number.isFinite(scale));
    const constant =
      positive && dequantized(value.tensor, scales, zero, axis, numberOf(site.node, 'block_size', 0));
    if (!constant) {
      return site.fail(
        'BL107',
        `has ${scales.data.length} scales for the shape [${shape}]`,
        'Quantize the model again',
      );
    }
    return constant;
  }
  if (value.kind !== 'activation' || value.coded === null) return site.unquantized(0, value);
  if (!targetOf(value.coded, 1, 0))
    return site.fail('BL105', `dequantizes ${value.coded}`, 'Quantize to 8 bits or fewer, or to int16');
  return site.decoded(0, site.target(1, 2, value.coded));
}
