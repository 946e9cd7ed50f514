/** What happens to images, sound and tables before the network, declared once by the user and never guessed. */
import * as v from 'valibot';
import { readInput } from '../../data/file.js';
import { BitloomError } from '../../graph/diagnostics.js';

const real = v.pipe(v.number('a number'), v.finite('a finite number'));
const positive = v.pipe(real, v.gtValue(0, 'a number above 0'));
const oneOrEach = (value: typeof real | typeof positive) =>
  v.union([value, v.pipe(v.array(value), v.minLength(1))], 'a number, or a list of one for each');

const image = v.pipe(
  v.strictObject({
    /** Real values of pixels 0 and 255. */
    pixels: v.exactOptional(v.strictTuple([real, real], 'the real values of pixels 0 and 255')),
    /** `(pixel / 255 * white - mean) / std`, with a mean and std for all channels or one each, in the order of `channels`. */
    mean: v.exactOptional(oneOrEach(real)),
    std: v.exactOptional(oneOrEach(positive)),
    /** In which units they are: those of white pixels of 1, or of 255. */
    white: v.exactOptional(v.picklist([1, 255], '1 or 255')),
    /** What the network's channels are; RGB for three and grey for one unless given. */
    channels: v.exactOptional(v.picklist(['RGB', 'BGR', 'grey'], 'RGB, BGR or grey')),
    /** How images of other sizes get the input's: `crop` at the centre, `fit` whole between borders. */
    resize: v.exactOptional(v.picklist(['stretch', 'crop', 'fit'], 'stretch, crop or fit')),
    /** The borders' pixel; 0 unless given. */
    border: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
  }),
  v.check(({ pixels }) => pixels?.[0] !== pixels?.[1] || !pixels, 'pixels 0 and 255 have the same value'),
  v.check(
    ({ pixels, mean, std, white }) =>
      pixels ? !mean && !std && !white : mean !== undefined && std !== undefined && white !== undefined,
    'either pixels, or mean, std and white are what it takes',
  ),
  v.check(({ resize, border }) => border === undefined || resize === 'fit', 'only fit has a border'),
);

const sound = v.strictObject({
  /** The real value of a 16-bit sample of 1. */
  scale: v.optional(positive, 1 / 32768),
});

const column = v.union(
  [v.pipe(v.number(), v.integer(), v.minValue(0)), v.string()],
  'the name of a column, or its index from 0',
);

const csv = v.pipe(
  v.strictObject({
    /** Lines above the values; the last of them has the names of the columns. */
    header: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
    /** Which columns the network takes, in this order; all but the label unless given. */
    columns: v.exactOptional(v.pipe(v.array(column), v.minLength(1))),
    /** The class of the inference in the line. */
    label: v.exactOptional(column),
    /** `(value - subtract) / divide`, one for all columns or one each. */
    subtract: v.optional(oneOrEach(real), 0),
    divide: v.optional(oneOrEach(positive), 1),
  }),
  v.check(
    ({ header, columns = [], label }) =>
      header > 0 || [...columns, label].every((name) => typeof name !== 'string'),
    'columns have names only under a header of at least 1 line',
  ),
);

const schema = v.strictObject({
  image: v.exactOptional(image),
  sound: v.exactOptional(sound),
  csv: v.exactOptional(csv),
});

export type Preprocess = v.InferOutput<typeof schema>;
export type ImagePreprocess = v.InferOutput<typeof image>;
export type CsvPreprocess = v.InferOutput<typeof csv>;

/** What sound and tables that nothing is declared for are read by. */
export const DEFAULTS = { sound: v.parse(sound, {}), csv: v.parse(csv, {}) };

/** Options of the command line: a file, or the commonest of its contents. */
export interface PreprocessOptions {
  /** Path of a file with the declaration. */
  readonly preprocess?: string;
  /** `-1..1` */
  readonly pixels?: string;
  /** `0.485,0.456,0.406`, where white is 1 */
  readonly mean?: string;
  readonly std?: string;
  readonly resize?: string;
}

/** @throws BitloomError BL601 where a file cannot be read, BL602 where options exclude each other, BL611 for what is no declaration */
export function preprocessOf({ preprocess, pixels, mean, std, resize }: PreprocessOptions): Preprocess {
  const given = [pixels, mean, std, resize].some((text) => text !== undefined);
  if (preprocess !== undefined) {
    if (given)
      throw new BitloomError(
        'BL602',
        '--preprocess with --pixels, --mean, --std or --resize',
        'Write everything into the file',
      );
    return parsePreprocess(new TextDecoder().decode(readInput(preprocess)), `'${preprocess}'`);
  }
  if (!given) return {};
  const declared = {
    image: {
      ...(pixels === undefined ? {} : { pixels: numbersIn('--pixels', pixels, '..') }),
      ...(mean === undefined ? {} : { mean: unitsIn('--mean', mean) }),
      ...(std === undefined ? {} : { std: unitsIn('--std', std) }),
      ...(mean === undefined && std === undefined ? {} : { white: 1 }),
      ...(resize === undefined ? {} : { resize }),
    },
  };
  return check(declared, 'the options');
}

/**
 * @param place what messages call the text
 * @throws BitloomError BL611 naming each fault by its place
 */
export function parsePreprocess(json: string, place: string): Preprocess {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (error) {
    throw faulty(place, (error as SyntaxError).message);
  }
  return check(content, place);
}

function check(content: unknown, place: string): Preprocess {
  const result = v.safeParse(schema, content);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) =>
    [v.getDotPath(issue), issue.message].filter(Boolean).join(': '),
  );
  throw faulty(place, faults.join('; '));
}

function faulty(place: string, faults: string): BitloomError {
  return new BitloomError(
    'BL611',
    `${place}: ${faults}`,
    'docs/quantize.md#calibration-data says what a declaration holds',
  );
}

function numbersIn(option: string, text: string, separator: string): number[] {
  const numbers = text.split(separator).map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
  if (numbers.every(Number.isFinite)) return numbers;
  const example = option === '--pixels' ? '--pixels -1..1' : `${option} 0.485,0.456,0.406`;
  throw new BitloomError('BL602', `${option} got '${text}'`, `Write it as ${example}`);
}

/** Numbers of a scale on which white is 1. Larger ones are of the scale of bytes, which only a file can declare. */
function unitsIn(option: string, text: string): number[] {
  const numbers = numbersIn(option, text, ',');
  if (numbers.every((number) => Math.abs(number) <= 1)) return numbers;
  throw new BitloomError(
    'BL602',
    `${option} got '${text}', but white is 1 there`,
    'Divide mean and std by 255, or declare them with "white": 255 in a --preprocess file',
  );
}
