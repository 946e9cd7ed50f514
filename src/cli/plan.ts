import { boardIds } from '../../boards/index.js';
import { BitloomError } from '../graph/diagnostics.js';
import { changesToFit, type Model, type PlanOptions, plan, why, whyMemory } from '../index.js';
import { checkFit } from '../plan/fit.js';
import { misfitError } from '../report/changes-text.js';
import { explanationText } from '../report/explanation-text.js';
import { planPage } from '../report/html/page.js';
import { toJson } from '../report/json.js';
import { memoryData, memoryText } from '../report/memory-text.js';
import { type BoardPlan, boardData, boardsText, planData, planText } from '../report/plan-text.js';
import { grouped } from '../report/text.js';
import type { Register } from './console.js';
import { MODEL_ARGUMENT } from './model-argument.js';
import { addPlanOptions, loadWished, type PlanWishes, planOptionsOf } from './plan-options.js';
import { writePage } from './write-page.js';

interface Options extends PlanWishes {
  readonly board?: string;
  /** A layer, or true: the memory. */
  readonly why?: string | true;
  /** A path, or true: one made of the names of model and board. */
  readonly html?: string | true;
  readonly json?: boolean;
}

export const registerPlan: Register = (program, console, setExitCode) => {
  const command = program
    .command('plan')
    .description('Say before any toolchain runs whether a model fits a board, and what each layer costs')
    .argument('<model>', MODEL_ARGUMENT)
    .option('-b, --board <id>', 'one board with every layer; without it, one line a board');
  addPlanOptions(command)
    .option(
      '--why [layer]',
      'who needs the memory and what less would cost; of a layer, its kernels, their costs, and why one was chosen',
    )
    .option(
      '--html [file]',
      'draw it as one self-contained page: memory over time, stages, costs (default: <model>-<board>.html)',
    )
    .option('--json', 'one JSON object, or an array without --board')
    .addHelpText(
      'after',
      '\nExits with 1 when the model does not fit the named board.\n\nExamples:\n  bitloom plan kws.tflite\n  bitloom plan kws.tflite --board pico --json',
    )
    .action(async (path: string, options: Options) => {
      const model = loadWished(path, options);
      const { board } = options;
      const wishes = planOptionsOf(options);
      if (board === undefined) {
        checkNeedsNoBoard(options);
        const entries = await console.progress('planning', () => planAll(model, wishes));
        console.print(
          options.json ? toJson(entries.map((entry) => boardData(entry, model.name))) : boardsText(entries),
        );
        return;
      }
      if (options.html !== undefined) {
        const explanation = await console.progress('planning', () => whyMemory(model, board, wishes));
        const file = options.html === true ? `${model.name}-${board}.html` : options.html;
        const bytes = writePage(file, planPage(explanation));
        const fit = checkFit(explanation.plan);
        console.print(
          options.json
            ? toJson({ file, bytes, fits: fit.fits })
            : `${grouped(bytes)}  ${file}\n${fit.sentence}`,
        );
        setExitCode(fit.fits ? 0 : 1);
        return;
      }
      if (options.why === true) {
        const explanation = await console.progress('planning', () => whyMemory(model, board, wishes));
        console.print(options.json ? toJson(memoryData(explanation)) : memoryText(explanation));
        return;
      }
      if (options.why !== undefined) {
        const { why: layer } = options;
        const explanation = await console.progress('planning', () => why(model, board, layer, wishes));
        console.print(options.json ? toJson(explanation) : explanationText(explanation, model.name, board));
        return;
      }
      const planned = await console.progress('planning', () => plan(model, board, wishes));
      const fit = checkFit(planned);
      const changes = await console.progress('looking for what would fit', () =>
        changesToFit(model, planned, wishes),
      );
      console.print(
        options.json
          ? toJson({ ...planData(planned, fit), ...(fit.fits ? {} : { changes }) })
          : planText(planned, fit),
      );
      if (!fit.fits) throw misfitError(planned, fit, changes);
    });
};

/** Layers, kernels and pictures are those of a board. */
function checkNeedsNoBoard({ why, html, kernel }: Options): void {
  const option = (why && '--why') ?? (html && '--html') ?? (kernel && '--kernel');
  if (option) throw new BitloomError('BL602', `${option} without a board`, 'Name one with --board');
}

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
