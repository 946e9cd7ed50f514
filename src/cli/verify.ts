import { Option } from 'commander';
import { verify } from '../index.js';
import { toJson } from '../report/json.js';
import { verdictText } from '../report/verdict-text.js';
import { loadInputs } from '../verify/index.js';
import type { Register } from './console.js';
import { MODEL_ARGUMENT } from './model-argument.js';
import { collect, positiveInteger } from './options.js';
import { addPlanOptions, loadWished, type PlanWishes, planOptionsOf } from './plan-options.js';

interface Options extends PlanWishes {
  readonly board: string;
  readonly input?: readonly string[];
  readonly count?: number;
  readonly layers?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly cc?: string;
  readonly cflags?: string;
}

export const registerVerify: Register = (program, console, setExitCode) => {
  const command = program
    .command('verify')
    .description(
      'Build a model for a board, run it in the emulator, and compare every byte with the reference',
    )
    .argument('<model>', MODEL_ARGUMENT)
    .option('-b, --board <id>', 'see `bitloom boards`', 'web');
  addPlanOptions(command)
    .option('-i, --input <file>', '.npy, .bin, .png or .wav; once per input of the model', collect)
    .addOption(
      new Option('-n, --count <n>', 'how many generated inferences without --input (default: 3)')
        .argParser(positiveInteger('--count'))
        .conflicts('input'),
    )
    .option('--layers', 'compare and time every layer')
    .option('--keep', 'keep the build folder and name it')
    .option('--cc <command>', "C compiler in place of the board's: clang")
    .option('--cflags <flags>', 'flags in place of the optimisation level: -Os')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nExits with 1 when a byte differs.\n\nExamples:\n  bitloom verify kws.tflite --board pico --layers\n  bitloom verify digits.tflite --board nucleo-f446re --input 7.png',
    )
    .action(async (path: string, options: Options) => {
      const model = loadWished(path, options);
      const vectors = options.input ? [loadInputs(model.source, options.input)] : null;
      const verdict = await console.progress(`verifying ${model.name} on ${options.board}`, () =>
        verify(model, options.board, {
          ...(vectors ? { vectors } : {}),
          ...(options.count === undefined ? {} : { count: options.count }),
          ...planOptionsOf(options),
          layers: options.layers === true,
          keep: options.keep === true,
          compiler: {
            ...(options.cc ? { cc: options.cc } : {}),
            ...(options.cflags ? { cflags: options.cflags } : {}),
          },
        }),
      );
      console.print(options.json ? toJson(verdict) : verdictText(verdict));
      setExitCode(verdict.equal ? 0 : 1);
    });
};
