import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { namesIn, reasonOf } from '../data/file.js';
import { BitloomError } from '../graph/diagnostics.js';
import type { TypedArray } from '../graph/tensor.js';
import { load, loadBoard, type Model, quantmcu } from '../index.js';
import { OVERHEAD } from '../plan/stages/plan-staged.js';
import { formatsText, LAMBDA } from '../quantmcu/index.js';
import { toJson } from '../report/json.js';
import { quantMcuText } from '../report/quantmcu-text.js';
import { loadInputs } from '../verify/index.js';
import type { Register } from './console.js';
import { MODEL_ARGUMENT, readModelArgument } from './model-argument.js';
import { positiveInteger } from './options.js';

interface Options {
  readonly calibrate: string;
  readonly compare?: string;
  readonly board?: string;
  readonly ram?: number;
  readonly bitops?: number;
  readonly lambda: number;
  readonly output: string;
  readonly json?: boolean;
}

export const registerQuantMcu: Register = (program, console) => {
  program
    .command('quantmcu')
    .description('Choose feature maps of 4 and 2 bits by the values that they hold (see docs/quantmcu.md)')
    .argument('<model>', `${MODEL_ARGUMENT}, of int8`)
    .requiredOption('--calibrate <folder>', 'inferences: .npy, .bin, .png or .wav files, one each')
    .option('--compare <folder>', 'other ones, on which it is compared with 8 bits')
    .option('-b, --board <id>', 'predict memory and instructions on a board')
    .addOption(
      new Option('--ram <bytes>', 'narrow maps until the arena on the board may have this size').argParser(
        positiveInteger('--ram'),
      ),
    )
    .addOption(
      new Option('--bitops <factor>', 'narrow maps until BitOPs have fallen by this factor').argParser(
        numberBetween('--bitops', 1, 16),
      ),
    )
    .addOption(
      new Option('--lambda <share>', 'how much lost entropy counts against saved BitOPs')
        .argParser(numberBetween('--lambda', 0, 1))
        .default(LAMBDA),
    )
    .option('-o, --output <file>', 'where to write the formats', 'formats.json')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nThen give the file to plan, build and verify with --formats.\n\nExample:\n  bitloom quantmcu net.tflite --calibrate photos --board stm32f746g-disco --bitops 1.8 -o net.json',
    )
    .action(async (path: string, options: Options) => {
      checkAsked(options);
      const { bytes, fileName } = readModelArgument(path);
      const model = load(bytes, fileName);
      const { ram, bitops, lambda, board, compare } = options;
      const { formats, report } = await console.progress('choosing formats', () =>
        quantmcu(model, inferencesIn(options.calibrate, model), {
          minRam: OVERHEAD,
          lambda,
          ...(board === undefined ? {} : { board: loadBoard(board) }),
          ...(ram === undefined ? {} : { ram }),
          ...(bitops === undefined ? {} : { factor: bitops }),
          ...(compare === undefined ? {} : { compare: inferencesIn(compare, model) }),
        }),
      );
      writeFormats(options.output, formatsText(formats));
      console.print(options.json ? toJson(report) : quantMcuText(report));
    });
};

function checkAsked({ ram, bitops, board }: Options): void {
  if (ram === undefined && bitops === undefined)
    throw new BitloomError('BL602', 'nothing to save', 'Say what: --ram, --bitops or both');
  if (ram !== undefined && board === undefined)
    throw new BitloomError('BL602', '--ram without a board', 'Name one with --board');
}

function inferencesIn(folder: string, { source }: Model): readonly (readonly TypedArray[])[] {
  return namesIn(folder).map((name) => loadInputs(source, [join(folder, name)]));
}

function writeFormats(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new BitloomError(
      'BL403',
      `cannot write '${path}': ${reasonOf(error)}`,
      'Choose another file with -o',
    );
  }
}

function numberBetween(option: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text !== '' && value >= low && value <= high) return value;
    throw new BitloomError('BL602', `${option} got '${text}'`, `Give a number from ${low} to ${high}`);
  };
}
