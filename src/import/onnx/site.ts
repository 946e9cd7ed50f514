import type { DiagnosticCode } from '../../graph/diagnostics.js';
import { shortName } from '../../graph/graph.js';
import type { OpAttributes, OpKind } from '../../graph/ops.js';
import { type Format, isPacked, sameFormat, type TensorId } from '../../graph/tensor.js';
import { describe, fail } from './attributes.js';
import { realConstant } from './constants.js';
import { Layout } from './layout.js';
import type { Lowering } from './lowering.js';
import type { OnnxNode, OnnxTensor, OnnxType } from './model.js';
import { type Target, targetOf } from './targets.js';
import {
  type Activation,
  type Bounds,
  followsData,
  type Pending,
  type RealConstant,
  shapeOf,
  UNBOUNDED,
  type Value,
} from './values.js';

/** How many operators may follow each other without a QuantizeLinear between them. */
const MAX_HELD_BACK = 100;

/** What output 0 of a node is; further outputs are said by `Site.result`. */
export type Importer = (site: Site) => Value;

/** One node of the file in the hands of its importer. */
export class Site {
  readonly lowering: Lowering;
  readonly node: OnnxNode;

  constructor(lowering: Lowering, node: OnnxNode) {
    this.lowering = lowering;
    this.node = node;
  }

  /** Throws, naming this node. */
  fail(code: DiagnosticCode, problem: string, wayOut?: string): never {
    return fail(this.node, code, problem, wayOut);
  }

  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== '';
  }

  /** What input `i` has become. */
  value(i: number): Value {
    const name = this.node.inputs[i] ?? '';
    return this.lowering.values.get(name) ?? this.fail('BL102', `lacks its input ${i}`);
  }

  /** What the node computes. */
  result(value: Value, i = 0): void {
    const name = this.node.outputs[i] ?? '';
    if (name !== '') this.lowering.values.set(name, value);
  }

  /** Whether something reads output `i`. */
  wants(i: number): boolean {
    const name = this.node.outputs[i] ?? '';
    return (
      name !== '' &&
      (this.lowering.readers(name).length > 0 ||
        this.lowering.model.outputs.some((output) => output.name === name))
    );
  }

  /** The constant of input `i`. Errors: BL104 where it is computed. */
  constant(i: number, what: string): OnnxTensor {
    const value = this.value(i);
    if (value.kind === 'constant') return value.tensor;
    return this.fail(
      'BL104',
      `takes its ${what} from another operator`,
      `Make ${what} a constant of the model`,
    );
  }

  /** The numbers in constant input `i`, or null where it is absent. */
  numbers(i: number, what: string): number[] | null {
    return this.has(i) ? Array.from(this.constant(i, what).data) : null;
  }

  /** Constant input `i` as real numbers: behind DequantizeLinear or floats. */
  reals(i: number, what: string): RealConstant {
    const value = this.value(i);
    if (value.kind === 'real constant') return value;
    if (value.kind === 'constant') return realConstant(value.tensor);
    return this.fail(
      'BL104',
      `takes its ${what} from another operator`,
      `Make ${what} a constant of the model`,
    );
  }

  /** Input `i` as quantized real numbers of the graph. Errors: BL107 where it is not quantized. */
  activation(i: number): Activation {
    const value = this.value(i);
    if (value.kind === 'activation' && this.#isQuantized(value)) return value;
    const free = value.kind === 'pending' ? value.emitFree?.(value.bounds) : undefined;
    if (free && this.#isQuantized(free)) return free;
    return this.unquantized(i, value);
  }

  #isQuantized({ id, coded }: Activation): boolean {
    const { type, scales } = this.lowering.tensor(id).format;
    return coded === null && (type === 'int8' || type === 'int16') && scales.length === 1;
  }

  /** Says why input `i` cannot be computed with. */
  unquantized(i: number, value: Value): never {
    const name = shortName(this.node.inputs[i] ?? '');
    const { quantizer, wayOut } = this.lowering.dialect;
    if (value.kind === 'pending') {
      return this.fail(
        'BL107',
        `reads '${name}' in float: no ${quantizer} follows ${describe(value.node)}`,
        wayOut,
      );
    }
    if (value.kind === 'row scale' || value.kind === 'row codes') {
      return this.fail(
        'BL107',
        `reads '${name}', whose scale follows its rows`,
        'MatMul and Gemm with constant weights compute with such codes; put a Quant with a constant scale before all else',
      );
    }
    if (followsData(value)) {
      return this.fail(
        'BL107',
        `reads '${name}', whose scale follows data`,
        'MatMulInteger and ConvInteger with constant weights compute with such codes, and Cast, Mul and Add behind them (docs/onnx.md)',
      );
    }
    const type = value.kind === 'activation' ? this.lowering.tensor(value.id).format.type : 'float32';
    if (isPacked(type)) {
      return this.fail(
        'BL105',
        `reads '${name}', whose codes have fewer than 8 bits`,
        'Quantize that to more than 4 bits: what Bitloom computes on fewer is in docs/qonnx.md',
      );
    }
    return this.fail('BL107', `reads '${name}', which is not quantized`, wayOut);
  }

  /**
   * Scale and zero point in inputs `scale` and `zero`, the latter of the codes' type. Errors: BL107.
   * @param fallback type of the codes where there is no zero point
   */
  target(scale: number, zero: number, fallback: OnnxType = 'uint8'): Target {
    const [step, ...more] = this.parameter(scale, 'scale').data;
    const point = this.has(zero) ? this.parameter(zero, 'zero point') : null;
    if (step === undefined || more.length > 0 || (point && point.data.length !== 1)) {
      return this.fail(
        'BL107',
        'quantizes an activation by more than one scale',
        'Quantize activations with one scale a tensor; filters may have one an output channel',
      );
    }
    return this.targetFor(point?.type ?? fallback, step, point?.data[0] ?? 0);
  }

  targetFor(type: OnnxType, step: number, point: number): Target {
    if (!(Math.fround(step) > 0 && Number.isFinite(Math.fround(step)))) {
      return this.fail('BL107', `has the scale ${step}`, 'Quantize the model again');
    }
    const target =
      targetOf(type, step, point) ??
      this.fail('BL105', `quantizes to ${type}`, 'Quantize to 8 bits or fewer, or to int16');
    if (target.format.type === 'int16' && target.format.zeroPoints[0] !== 0) {
      return this.fail(
        'BL107',
        `has the 16-bit zero point ${point}`,
        'Quantize 16-bit activations symmetrically',
      );
    }
    return target;
  }

  /** A scale or zero point, which must be constant. */
  parameter(i: number, what: string): OnnxTensor {
    const value = this.value(i);
    if (value.kind === 'constant') return value.tensor;
    return this.fail(
      'BL107',
      `computes its ${what} from data`,
      'Quantize the model statically: scales and zero points must be constants',
    );
  }

  /** The codes of input `i` as real numbers by `target`. Errors: BL107 where they were written by another scale. */
  decoded(i: number, target: Target): Activation {
    const value = this.value(i);
    if (value.kind !== 'activation' || value.coded === null) return this.unquantized(i, value);
    const { format } = this.lowering.tensor(value.id);
    if (!sameFormat(format, target.format)) {
      this.fail(
        'BL107',
        `reads '${shortName(this.node.inputs[i]!)}' by the scale ${target.format.scales[0]} and the zero point ${target.format.zeroPoints[0]}, but it is written by ${format.scales[0]} and ${format.zeroPoints[0]}`,
        'Quantize the model again',
      );
    }
    return { ...value, coded: null };
  }

  /** Adds an operator that computes output 0 of the node. */
  emit<K extends OpKind>(
    kind: K,
    attributes: OpAttributes[K],
    inputs: readonly (TensorId | null)[],
    output: { readonly shape: readonly number[]; readonly format: Format; readonly name?: string },
  ): TensorId {
    return this.lowering.emit(this.node, kind, attributes, inputs, output);
  }

  /** A value that is computed once its format is known. Equal formats share the result. */
  pending(fields: {
    readonly shape: readonly number[];
    readonly depth?: number;
    readonly bounds?: Bounds;
    readonly emit: Pending['emit'];
    readonly emitFree?: NonNullable<Pending['emitFree']>;
    readonly affine?: NonNullable<Pending['affine']>;
    readonly channels?: NonNullable<Pending['channels']>;
    readonly unary?: NonNullable<Pending['unary']>;
    readonly movedBy?: NonNullable<Pending['movedBy']>;
    readonly exact?: NonNullable<Pending['exact']>;
    readonly scaledBy?: NonNullable<Pending['scaledBy']>;
  }): Pending {
    const { bounds = UNBOUNDED, depth = 1 } = fields;
    if (depth > MAX_HELD_BACK) {
      this.fail(
        'BL107',
        `follows ${MAX_HELD_BACK} operators without a QuantizeLinear`,
        'Quantize the model statically',
      );
    }
    const made = new Map<string, Activation>();
    const once = (key: string, make: () => Activation) => {
      const known = made.get(key) ?? make();
      made.set(key, known);
      return known;
    };
    const { emitFree } = fields;
    return {
      kind: 'pending',
      node: this.node,
      ...fields,
      bounds,
      depth,
      emit: (target, limits) => {
        const { format, range, quantizer } = target;
        const key = [
          quantizer?.key ?? '',
          format.type,
          format.scales,
          format.zeroPoints,
          range.min,
          range.max,
          limits.low,
          limits.high,
        ].join();
        return once(key, () => fields.emit(target, limits));
      },
      ...(emitFree && {
        emitFree: (limits: Bounds) => once(`${limits.low} ${limits.high}`, () => emitFree(limits)),
      }),
    };
  }

  /** An operator with an output format of its own (QLinearConv and its like): `pending` in it. */
  quantized(pending: Pending, target: Target): Activation {
    return { ...pending.emit(target, pending.bounds), coded: target.coded };
  }

  /** A new activation of the graph in row-major order or in the order of `perm`. */
  made(id: TensorId, shape: readonly number[], perm?: readonly number[]): Activation {
    const layout = perm ? Layout.permuted(shape, perm) : Layout.rowMajor(shape);
    return { kind: 'activation', id, layout, coded: null };
  }

  /** `axis` counted from the front. */
  axis(axis: number, rank: number): number {
    const positive = axis < 0 ? axis + rank : axis;
    const inside = Number.isInteger(positive) && positive >= 0 && positive < rank;
    return inside ? positive : this.fail('BL102', `has axis ${axis} of ${rank}`);
  }

  shape(i: number): readonly number[] {
    return shapeOf(this.value(i));
  }
}
