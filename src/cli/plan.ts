import { boardIds } from '../../boards/index.js';
import { load, plan } from '../index.js';
import { checkFit } from '../plan/fit.js';
import { toJson } from '../report/json.js';
import { boardsText, planData, planText } from '../report/plan-text.js';
import type { Register } from './console.js';
import { readInput } from './files.js';

export const registerPlan: Register = (program, console, setExitCode) => {
  program
    .command('plan')
    .description('Say before any toolchain runs whether a model fits a board, and what each layer costs')
    .argument('<model>', 'a .tflite file')
    .option('-b, --board <id>', 'one board with every layer; without it, one line a board')
    .option('--json', 'one JSON object, or an array without --board')
    .addHelpText(
      'after',
      '\nExits with 1 when the model does not fit the named board.\n\nExamples:\n  bitloom plan kws.tflite\n  bitloom plan kws.tflite --board pico --json',
    )
    .action(async (path: string, options: { board?: string; json?: boolean }) => {
      const model = load(readInput(path), path);
      const plans = await console.progress('planning', () =>
        (options.board === undefined ? boardIds() : [options.board]).map((id) => {
          const planned = plan(model, id);
          return { plan: planned, fit: checkFit(planned) };
        }),
      );
      const [only] = plans;
      if (options.board !== undefined && only) {
        console.print(options.json ? toJson(planData(only.plan, only.fit)) : planText(only.plan, only.fit));
        setExitCode(only.fit.fits ? 0 : 1);
        return;
      }
      console.print(options.json ? toJson(plans.map((p) => planData(p.plan, p.fit))) : boardsText(plans));
    });
};
