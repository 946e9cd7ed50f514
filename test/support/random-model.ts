import fc from 'fast-check';
import type { TfliteModel, TfliteTensor } from '../../src/export/tflite/model.js';
import type { TypedArray } from '../../src/graph/tensor.js';
import { CODES, count, ModelBuilder, type Recipe, type Value } from './random/builder.js';
import { DENSE } from './random/dense.js';
import { ELEMENTWISE } from './random/elementwise.js';
import { IMAGES, reduceHeight } from './random/images.js';
import { MOVEMENT } from './random/movement.js';
import { Random } from './random/random.js';
import { REDUCTIONS } from './random/reductions.js';
import { SPATIAL } from './random/spatial.js';

const RECIPES = { ...SPATIAL, ...DENSE, ...ELEMENTWISE, ...REDUCTIONS, ...MOVEMENT } satisfies Record<
  string,
  Recipe
>;

export type RandomOperator = keyof typeof RECIPES;

/** The TFLite operators that random models are made of, by their schema names. */
export const RANDOM_OPERATORS = Object.keys(RECIPES) as readonly RandomOperator[];

/** Graphs hold the operators with weights more often than the others. */
const WEIGHTED_OPERATORS = [
  ...RANDOM_OPERATORS,
  ...Array.from({ length: 3 }, () => Object.keys({ ...SPATIAL, ...DENSE }) as RandomOperator[]).flat(),
];

const CONVOLUTIONS = ['CONV_2D', 'DEPTHWISE_CONV_2D'] as const;
const ACTIVATIONS = ['RELU', 'RELU6', 'RELU_N1_TO_1', 'HARD_SWISH', 'LEAKY_RELU', 'LOGISTIC'] as const;

/** What converters often write after an operator: sequences that passes look for. */
const FOLLOWERS: Partial<Record<string, readonly RandomOperator[]>> = {
  PAD: [...CONVOLUTIONS, 'MAX_POOL_2D', 'AVERAGE_POOL_2D'],
  CONV_2D: ['PAD', 'ADD', ...ACTIVATIONS],
  DEPTHWISE_CONV_2D: ['PAD', ...ACTIVATIONS],
  FULLY_CONNECTED: ['RESHAPE', 'SOFTMAX', ...ACTIVATIONS],
  ADD: ACTIVATIONS,
  MUL: ['ADD', ...ACTIVATIONS],
  AVERAGE_POOL_2D: ['RESHAPE', 'MAXIMUM', 'MINIMUM'],
  RESHAPE: ['RESHAPE', 'FULLY_CONNECTED', 'TRANSPOSE'],
  TRANSPOSE: ['RESHAPE', 'TRANSPOSE'],
};

const MAX_ELEMENTS = 2500;

export interface SingleOperatorOptions {
  readonly seed: number;
  /** Type of the activations; random among those that TFLM's reference kernel takes. */
  readonly type?: 'INT8' | 'INT16';
}

/** Element types of activations that TFLM's reference kernel of `operator` takes. */
export function activationTypes(operator: RandomOperator): readonly ('INT8' | 'INT16')[] {
  return RECIPES[operator].types;
}

/**
 * A model of one random application of `operator` (GATHER sometimes with an ARG_MAX that makes its indices).
 * TFLM accepts it, its int32 accumulators cannot overflow, and shapes, scales, zero points and weights are at
 * their extremes now and then. The same options give the same model.
 */
export function singleOperatorModel(operator: RandomOperator, options: SingleOperatorOptions): TfliteModel {
  const recipe: Recipe = RECIPES[operator];
  const random = new Random(options.seed + RANDOM_OPERATORS.indexOf(operator) * 0x9e3779b1);
  const types = recipe.types.filter((t) => options.type === undefined || t === options.type);
  if (types.length === 0) throw new Error(`TFLM's ${operator} does not take ${options.type}`);
  for (;;) {
    const builder = new ModelBuilder(random);
    const format = builder.format(random.pick(types));
    const shape = recipe.inputShape?.(builder) ?? builder.shape(random.integer(...recipe.ranks));
    if (recipe.accepts && !recipe.accepts({ shape, ...format })) continue;
    recipe.apply(builder, builder.input(shape, format));
    if (isSmall(builder)) return builder.finish(`${operator} ${options.seed}`);
  }
}

/**
 * A model of about `size` operators that chain and branch: an operator reads any earlier value that suits it.
 * Some begin or end with a float32 or uint8 conversion, as converters write them.
 */
export function randomGraphModel(seed: number, size = 2 + (seed % 7)): TfliteModel {
  const random = new Random(seed);
  let builder = new ModelBuilder(random);
  const type = random.chance(0.8) ? 'INT8' : 'INT16';
  const format = builder.format(type);
  const shape = random.chance(0.7) ? builder.shape(4, 400) : builder.shape(random.integer(1, 4), 200);
  boundaryInput(builder, shape, format);

  while (builder.operators.length < size) {
    // The newest value twice in three: depth before breadth.
    const x = random.chance(0.67) ? builder.values.at(-1)! : random.pick(builder.values);
    const suited = WEIGHTED_OPERATORS.filter((operator) => suits(RECIPES[operator], x));
    if (suited.length === 0) {
      // E.g. a float32 result: the oldest values always suit something, so put it among them.
      builder.values.unshift(...builder.values.splice(builder.values.indexOf(x), 1));
      continue;
    }
    const source = builder.operators.findLast((o) => o.outputs.includes(x.id))?.operator ?? '';
    const usual = suited.filter((operator) => FOLLOWERS[source]?.includes(operator));
    const operator = random.pick(usual.length > 0 && random.chance(0.5) ? usual : suited);
    const attempt = copy(builder);
    RECIPES[operator].apply(attempt, x);
    if (isSmall(attempt)) builder = attempt;
  }
  const exported = random.chance(0.2) ? builder.values.filter((v) => !builder.inputs.includes(v)) : [];
  const also = exported.length > 0 ? [random.pick(exported)] : [];
  boundaryOutputs(builder);
  return builder.finish(`graph ${seed} ${size}`, also);
}

/** What networks for images are made of, the operators that look at neighbours more often than the others. */
const IMAGE_RECIPES: readonly Recipe[] = [
  ...[...CONVOLUTIONS, 'AVERAGE_POOL_2D', 'MAX_POOL_2D'].flatMap((operator) => [
    operator,
    operator,
    operator,
  ]),
  'TRANSPOSE_CONV',
  'ADD',
  'MUL',
  'SUB',
  'MAXIMUM',
  'CONCATENATION',
  'PRELU',
  ...ACTIVATIONS,
]
  .map((operator): Recipe => RECIPES[operator as RandomOperator])
  .concat(Object.values(IMAGES));

/** A network of `size` operators on images, high rather than wide, more often one than several, with branches that meet again. */
export function randomImageModel(seed: number, size: number): TfliteModel {
  const random = new Random(seed);
  let builder = new ModelBuilder(random);
  const shape = [1, random.integer(6, 24), random.integer(1, 9), random.pick([1, 2, 3, 4, 8])];
  builder.input(shape, builder.format(random.chance(0.85) ? 'INT8' : 'INT16'));
  const inputs = random.chance(0.6) ? 1 : size;
  while (builder.operators.length < size) {
    const x = random.chance(0.8) ? builder.values.at(-1)! : random.pick(builder.values);
    const suited = IMAGE_RECIPES.filter((recipe) => suits(recipe, x));
    if (x.shape.length !== 4 || suited.length === 0) return randomImageModel(seed + 0x1000000, size);
    const attempt = copy(builder);
    random.pick(suited).apply(attempt, x);
    if (isSmall(attempt) && attempt.inputs.length <= inputs) builder = attempt;
  }
  if (random.chance(0.4)) reduceHeight(builder, builder.values.at(-1)!);
  return builder.finish(`images ${seed} ${size}`);
}

/** A single operator for a third of the seeds, a graph of operators for the others. */
export function randomModel(seed: number): TfliteModel {
  const random = new Random(seed ^ 0x5bd1e995);
  if (random.chance(1 / 3)) return singleOperatorModel(random.pick(RANDOM_OPERATORS), { seed });
  return randomGraphModel(seed);
}

/** Single-operator models of every operator (or of those given); shrinks to the operators listed first. */
export function singleOperatorModels(
  operators: readonly RandomOperator[] = RANDOM_OPERATORS,
): fc.Arbitrary<TfliteModel> {
  return fc
    .record({ operator: fc.constantFrom(...operators), seed: fc.nat() })
    .map(({ operator, seed }) =>
      shownAs(
        singleOperatorModel(operator, { seed }),
        `singleOperatorModel('${operator}', { seed: ${seed} })`,
      ),
    );
}

/** Graph models of one to `maxSize` operators; shrinks to fewer operators. */
export function graphModels(maxSize = 8): fc.Arbitrary<TfliteModel> {
  return fc
    .record({ size: fc.integer({ min: 1, max: maxSize }), seed: fc.nat() })
    .map(({ size, seed }) => shownAs(randomGraphModel(seed, size), `randomGraphModel(${seed}, ${size})`));
}

/** Lets a failing property print the call that makes the model instead of all its weights. */
function shownAs(model: TfliteModel, call: string): TfliteModel {
  return Object.defineProperty(model, fc.toStringMethod, { value: () => call });
}

export const INPUT_PATTERNS = ['min', 'max', 'zero point', 'alternating', 'random'] as const;
export type InputPattern = (typeof INPUT_PATTERNS)[number];

/** One array a graph input, filled by `pattern` (default: chosen by the seed); float inputs stay within +-8. */
export function randomInputs(
  model: TfliteModel,
  seed: number,
  pattern: InputPattern = INPUT_PATTERNS[seed % INPUT_PATTERNS.length]!,
): TypedArray[] {
  const random = new Random(seed);
  return model.inputs.map((id) => {
    const tensor = model.tensors[id]!;
    const { min, max, zero } = rangeOf(tensor);
    const float = tensor.type === 'FLOAT32';
    const element: Readonly<Record<InputPattern, (i: number) => number>> = {
      min: () => min,
      max: () => max,
      'zero point': () => zero,
      alternating: (i) => (i % 2 === 0 ? min : max),
      random: () => (float ? Math.fround(min + random.real() * (max - min)) : random.integer(min, max)),
    };
    return arrayOf(
      tensor,
      Array.from({ length: count(tensor.shape) }, (_, i) => element[pattern](i)),
    );
  });
}

function rangeOf(tensor: TfliteTensor): { min: number; max: number; zero: number } {
  if (tensor.type === 'FLOAT32') return { min: -8, max: 8, zero: 0 };
  const codes = CODES[tensor.type as keyof typeof CODES];
  return { ...codes, zero: tensor.quantization?.zeroPoints[0] ?? 0 };
}

function arrayOf(tensor: TfliteTensor, values: readonly number[]): TypedArray {
  switch (tensor.type) {
    case 'INT8':
      return Int8Array.from(values);
    case 'INT16':
      return Int16Array.from(values);
    case 'UINT8':
      return Uint8Array.from(values);
    case 'FLOAT32':
      return Float32Array.from(values);
    default:
      throw new Error(`no random ${tensor.type} inputs`);
  }
}

function suits(recipe: Recipe, x: Value): boolean {
  const rank = x.shape.length;
  const typed = recipe.types.some((t) => t === x.type) && isSymmetricWord(x);
  return typed && rank >= recipe.ranks[0] && rank <= recipe.ranks[1] && (recipe.accepts?.(x) ?? true);
}

/** 16-bit operators want zero point 0; SOFTMAX's int16 output of int8 input is the exception that they reject. */
function isSymmetricWord(x: Value): boolean {
  return x.type !== 'INT16' || x.zeroPoint === 0;
}

function isSmall(builder: ModelBuilder): boolean {
  return builder.values.every((v) => count(v.shape) <= MAX_ELEMENTS);
}

/** A builder that can be dropped if what is added does not suit. */
function copy(builder: ModelBuilder): ModelBuilder {
  const out = new ModelBuilder(builder.random);
  out.tensors.push(...builder.tensors);
  out.operators.push(...builder.operators);
  out.inputs.push(...builder.inputs);
  out.values.push(...builder.values);
  return out;
}

/** A graph input of `format`, sometimes behind a QUANTIZE from float32 or uint8. */
function boundaryInput(
  b: ModelBuilder,
  shape: readonly number[],
  format: ReturnType<ModelBuilder['format']>,
): void {
  const kind = b.random.integer(0, 7);
  if (kind === 0) {
    const x = b.input(shape, { type: 'FLOAT32', scale: 0, zeroPoint: 0 });
    b.operator('QUANTIZE', [x.id], shape, format);
  } else if (kind === 1 && format.type === 'INT8') {
    const x = b.input(shape, { type: 'UINT8', scale: format.scale, zeroPoint: format.zeroPoint + 128 });
    b.operator('QUANTIZE', [x.id], shape, format);
  } else {
    b.input(shape, format);
  }
}

/** Sometimes converts the last int8 value that nothing reads to uint8. */
function boundaryOutputs(b: ModelBuilder): void {
  const read = new Set(b.operators.flatMap((o) => o.inputs));
  const last = b.values.findLast((v) => v.type === 'INT8' && !read.has(v.id));
  if (last && b.random.chance(0.1)) {
    b.operator('QUANTIZE', [last.id], last.shape, {
      type: 'UINT8',
      scale: last.scale,
      zeroPoint: last.zeroPoint + 128,
    });
  }
}
