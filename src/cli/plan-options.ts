/** The options of all commands that plan. */
import { type Command, Option } from 'commander';
import { BitloomError } from '../graph/diagnostics.js';
import {
  FEEDS,
  type Feed,
  IO_TYPES,
  type IoType,
  type Model,
  OBJECTIVES,
  type Objective,
  type Overrides,
  type PlanOptions,
} from '../index.js';
import { shellWord } from '../package/shell.js';
import { optionWords } from '../plan/options.js';
import { OVERHEAD } from '../plan/stages/plan-staged.js';
import { loadModelArgument } from './model-argument.js';

/** As parsed. */
export interface PlanWishes {
  readonly optimize: Objective;
  readonly kernel?: Overrides;
  readonly minRam?: boolean;
  /** A file. */
  readonly formats?: string;
  /** Percent. */
  readonly overhead?: number;
  readonly patches?: number;
  readonly feed?: Feed;
  readonly passes?: number;
  readonly inputType?: IoType;
  readonly outputType?: IoType;
}

export function addPlanOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--optimize <what>',
        'what the choice of kernels makes small; speed as far as the board has room',
      )
        .choices(OBJECTIVES)
        .default('speed'),
    )
    .addOption(
      new Option(
        '--kernel <layer=name>',
        'compute a layer by this kernel (see `plan --why`); once per layer',
      ).argParser(parseKernel),
    )
    .option('--formats <file>', 'feature maps of fewer bits, as `quantmcu` chose them')
    .option('--min-ram', 'run layers row by row, in stages, until the arena is as small as it gets')
    .addOption(
      new Option(
        '--overhead <percent>',
        `how much more time --min-ram may take (default: ${100 * OVERHEAD})`,
      ).argParser(parsePercent),
    )
    .addOption(
      new Option(
        '--patches <n>',
        'for comparison: --min-ram by n x n patches with halos instead of stages',
      ).argParser(parsePartsOf('--patches', 2)),
    )
    .addOption(
      new Option(
        '--feed <what>',
        'bring the input row by row: the rows of one image, or the frames of a stream that never ends; the first layers are a stage',
      ).choices(FEEDS),
    )
    .addOption(
      new Option(
        '--passes <n>',
        'bring the same image up to so many times, so that --feed computes it in as many strips (default: 1)',
      ).argParser(parsePartsOf('--passes', 1)),
    )
    .addOption(
      new Option(
        '--input-type <type>',
        'take codes of this type in place of an input that is at once quantized to them',
      ).choices(IO_TYPES),
    )
    .addOption(
      new Option('--output-type <type>', 'give the codes of which the output is made').choices(IO_TYPES),
    );
}

/** @throws BitloomError BL602 */
export function planOptionsOf({
  optimize,
  kernel: kernels = {},
  minRam,
  overhead,
  patches,
  feed,
  passes,
}: PlanWishes): PlanOptions {
  if (overhead !== undefined && !minRam)
    throw new BitloomError('BL602', '--overhead without --min-ram', 'Give both, or neither');
  if (patches !== undefined && !minRam)
    throw new BitloomError('BL602', '--patches without --min-ram', 'Give both, or neither');
  if (passes !== undefined && !feed)
    throw new BitloomError('BL602', '--passes without --feed', 'Give both, or neither');
  if (passes !== undefined && feed === 'frames')
    throw new BitloomError(
      'BL602',
      '--passes with --feed frames',
      'A stream goes by once: leave --passes out',
    );
  const share = overhead === undefined ? OVERHEAD : overhead / 100;
  if (patches !== undefined && feed)
    throw new BitloomError('BL602', '--patches with --feed', 'A stage takes the rows: leave one of them out');
  return {
    optimize,
    kernels,
    ...(minRam ? { minRam: share } : {}),
    ...(patches === undefined ? {} : { patches }),
    ...(feed ? { feed } : {}),
    ...(passes === undefined ? {} : { passes }),
  };
}

/**
 * The model of a file or folder, with the types and formats that are wished for.
 * @throws BitloomError as `loadModelArgument`
 */
export function loadWished(path: string, { formats, inputType, outputType }: PlanWishes): Model {
  const types = { ...(inputType ? { inputType } : {}), ...(outputType ? { outputType } : {}) };
  return loadModelArgument(path, types, formats);
}

/** The options as they were given, to be given again. */
export function planArguments(wishes: PlanWishes): readonly string[] {
  const { formats, inputType, outputType } = wishes;
  return [
    ...optionWords(planOptionsOf(wishes)),
    ...(formats === undefined ? [] : [`--formats ${shellWord(formats)}`]),
    ...(inputType ? [`--input-type ${inputType}`] : []),
    ...(outputType ? [`--output-type ${outputType}`] : []),
  ];
}

function parseKernel(text: string, previous: Overrides = {}): Overrides {
  const [layer, name, ...rest] = text.split('=');
  if (!layer || !name || rest.length > 0)
    throw new BitloomError(
      'BL602',
      `--kernel got '${text}'`,
      'Give the layer and the kernel: --kernel conv_2d_0=conv_2d_s8',
    );
  return { ...previous, [layer]: name };
}

function parsePercent(text: string): number {
  if (!/^\d{1,6}(\.\d+)?$/.test(text))
    throw new BitloomError('BL602', `--overhead got '${text}'`, 'Give a percentage: --overhead 10');
  return Number(text);
}

const MOST_PARTS = 16;

/** Reads a number from `least` to 16. */
function parsePartsOf(option: string, least: number): (text: string) => number {
  return (text) => {
    const count = /^[1-9]\d?$/.test(text) ? Number(text) : 0;
    if (count < least || count > MOST_PARTS)
      throw new BitloomError(
        'BL602',
        `${option} got '${text}'`,
        `Give a number from ${least} to ${MOST_PARTS}: ${option} 4`,
      );
    return count;
  };
}
