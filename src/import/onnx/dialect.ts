import type { OnnxModel } from './model.js';

/** The domains that exporters and tools put the quantizers of QONNX in. */
export const QONNX_DOMAINS = ['onnx.brevitas', 'qonnx.custom_op.general', 'finn.custom_op.general'] as const;

export const QONNX_QUANTIZERS = ['Quant', 'IntQuant', 'BipolarQuant', 'Trunc', 'MultiThreshold'] as const;

/** Whether a model has such quantizers, so that its float operators wait for them. */
export function isQonnx({ nodes }: OnnxModel): boolean {
  return nodes.some(
    ({ domain, op }) =>
      QONNX_DOMAINS.some((known) => known === domain) && QONNX_QUANTIZERS.some((known) => known === op),
  );
}

/** Operators that make, take or give codes. */
const QUANTIZED =
  /^(QuantizeLinear|DequantizeLinear|DynamicQuantizeLinear|ConvInteger|MatMulInteger|QLinear\w+|QGemm)$/;

/** Whether a model computes with real numbers throughout: its inputs are float, and nothing in it is quantized. */
export function isFloat(model: OnnxModel): boolean {
  return (
    !isQonnx(model) &&
    model.inputs.every(({ type }) => type === 'float') &&
    !model.nodes.some(({ op }) => QUANTIZED.test(op))
  );
}

/** What a model quantizes by, for messages. */
export interface Dialect {
  /** Whether it is not quantized at all. */
  readonly isFloat: boolean;
  readonly quantizer: string;
  readonly wayOut: string;
}

export function dialectOf(model: OnnxModel): Dialect {
  if (isQonnx(model)) {
    return {
      isFloat: false,
      quantizer: 'Quant',
      wayOut: 'Put a Quant of at most 8 bits before it and one behind it (docs/qonnx.md)',
    };
  }
  return {
    isFloat: isFloat(model),
    quantizer: 'QuantizeLinear',
    wayOut: 'Quantize the model statically: a QuantizeLinear and a DequantizeLinear around every operator',
  };
}
