import type { TypedArray } from '../../../src/graph/tensor.js';
import {
  type ActivationType,
  CODES,
  count,
  type ModelBuilder,
  span,
  type Value,
  type ValueFormat,
} from './builder.js';
import type { Random } from './random.js';

export interface FilterOptions {
  readonly shape: readonly number[];
  /** Dimension of the output channels. */
  readonly axis: number;
  /** Whether one scale a channel is allowed. */
  readonly perChannel: boolean;
  readonly int4: boolean | 'per-tensor';
  /** Bias types that the operator takes beside "none" with 16-bit activations. */
  readonly wideBias: readonly ('INT32' | 'INT64')[];
}

export interface Filter {
  readonly filter: number;
  /** -1: no bias. */
  readonly bias: number;
  readonly output: ValueFormat;
}

/**
 * Constant filter and bias for `x`, and an output format, such that no accumulator and no left shift of the
 * requantization leaves int32 (NUMERICS: accumulator proof), at the extremes that this allows.
 */
export function makeFilter(b: ModelBuilder, x: Value, options: FilterOptions): Filter {
  const { random } = b;
  const { shape, axis } = options;
  const type = x.type as ActivationType;
  const channels = shape[axis]!;
  const int4 = options.int4 !== false && type === 'INT8' && random.chance(0.25);
  const codes = filterCodes(random, count(shape), int4 ? 7 : 127);
  const hasBias = random.chance(0.8);

  const inner = count(shape.slice(axis + 1));
  const weightSums = new Array<number>(channels).fill(0);
  codes.forEach((code, i) => {
    weightSums[Math.floor(i / inner) % channels]! += Math.abs(code);
  });
  const biases = weightSums.map((sum) => {
    const reach = Math.min(sum * span(x) + 100, 2 ** 29);
    return hasBias ? random.pick([0, random.integer(-reach, reach), Math.round(reach / 8), -reach]) : 0;
  });
  const peaks = weightSums.map((sum, c) => Math.max(1, sum * span(x) + Math.abs(biases[c]!)));

  // 16-bit activations with an int32 bias accumulate in int32.
  const widest = Math.max(...peaks);
  const biasTypes = type === 'INT8' ? (['INT32'] as const) : options.wideBias;
  const biasType = random.pick(biasTypes.filter((t) => t === 'INT64' || widest < 2 ** 30));

  // A 64-bit accumulator is requantized with shifts of at most 7, a 32-bit one must not leave 31 bits.
  const maxMultiplier = type === 'INT16' ? 2 ** 6 : 2 ** 29;
  const output = b.format(type);
  const perChannel =
    options.perChannel && channels > 1 && !(int4 && options.int4 === 'per-tensor') && random.chance(0.7);
  const scales = Array.from({ length: perChannel ? channels : 1 }, (_, c) => {
    const peak = perChannel ? peaks[c]! : widest;
    const wanted = random.chance(0.9) ? random.powerOfTwo(-1, 4) : random.powerOfTwo(-40, 20);
    const multiplier = Math.min((wanted * CODES[type].max) / peak, maxMultiplier, 2 ** 29 / peak);
    return Math.fround((multiplier * output.scale) / x.scale);
  });

  const filter = b.tensor({
    type: int4 ? 'INT4' : 'INT8',
    shape,
    data: Int8Array.from(codes),
    quantization: { scales, zeroPoints: scales.map(() => 0), axis },
  });
  const bias = hasBias
    ? b.tensor({
        type: biasType,
        shape: [channels],
        data:
          biasType === 'INT32'
            ? Int32Array.from(biases)
            : (BigInt64Array.from(biases.map(BigInt)) as TypedArray),
        quantization: {
          scales: scales.map((s) => Math.fround(s * x.scale)),
          zeroPoints: scales.map(() => 0),
        },
      })
    : -1;
  return { filter, bias, output };
}

/** Filter codes: all random, all at one extreme, extremes only, or a single non-zero one. */
function filterCodes(random: Random, length: number, max: number): number[] {
  const min = -max - 1;
  const fill = random.pick<() => number>([
    () => random.integer(-max, max),
    () => random.integer(-max, max),
    () => random.pick([-max, max]),
    () => min,
    () => max,
    () => 0,
  ]);
  const codes = Array.from({ length }, fill);
  if (!codes.some(Boolean)) codes[random.integer(0, length - 1)] = random.pick([-max, max]);
  return codes;
}
