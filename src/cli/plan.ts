import { boardIds } from '../../boards/index.js';
import { BitloomError } from '../graph/diagnostics.js';
import { load, type Model, type Objective, type PlanOptions, plan } from '../index.js';
import { checkFit } from '../plan/fit.js';
import { toJson } from '../report/json.js';
import { type BoardPlan, boardData, boardsText, planData, planText } from '../report/plan-text.js';
import type { Register } from './console.js';
import { readInput } from './files.js';
import { optimizeOption } from './options.js';

interface Options {
  readonly board?: string;
  readonly optimize: Objective;
  readonly json?: boolean;
}

export const registerPlan: Register = (program, console, setExitCode) => {
  program
    .command('plan')
    .description('Say before any toolchain runs whether a model fits a board, and what each layer costs')
    .argument('<model>', 'a .tflite file')
    .option('-b, --board <id>', 'one board with every layer; without it, one line a board')
    .addOption(optimizeOption())
    .option('--json', 'one JSON object, or an array without --board')
    .addHelpText(
      'after',
      '\nExits with 1 when the model does not fit the named board.\n\nExamples:\n  bitloom plan kws.tflite\n  bitloom plan kws.tflite --board pico --json',
    )
    .action(async (path: string, options: Options) => {
      const model = load(readInput(path), path);
      const { board, optimize } = options;
      if (board === undefined) {
        const entries = await console.progress('planning', () => planAll(model, { optimize }));
        console.print(
          options.json ? toJson(entries.map((entry) => boardData(entry, model.name))) : boardsText(entries),
        );
        return;
      }
      const planned = await console.progress('planning', () => plan(model, board, { optimize }));
      const fit = checkFit(planned);
      console.print(options.json ? toJson(planData(planned, fit)) : planText(planned, fit));
      setExitCode(fit.fits ? 0 : 1);
    });
};

/** The model on every board. One without a kernel for it does not hide the others; BL301 where all are. */
function planAll(model: Model, options: PlanOptions): readonly BoardPlan[] {
  const entries = boardIds().map((board): BoardPlan => {
    try {
      const planned = plan(model, board, options);
      return { board, plan: planned, fit: checkFit(planned) };
    } catch (error) {
      if (error instanceof BitloomError && error.code === 'BL301') return { board, error };
      throw error;
    }
  });
  const [first] = entries;
  if (first && 'error' in first && entries.every((entry) => 'error' in entry)) throw first.error;
  return entries;
}
