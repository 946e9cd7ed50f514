import { inspect, inspectionText } from '../report/inspect-text.js';
import { toJson } from '../report/json.js';
import type { Register } from './console.js';
import { loadModelArgument, MODEL_ARGUMENT } from './model-argument.js';

export const registerInspect: Register = (program, console) => {
  program
    .command('inspect')
    .description('Say what a model consists of: operators, shapes, number formats, sizes')
    .argument('<model>', MODEL_ARGUMENT)
    .option('--optimized', 'after passes, as it will be planned')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExamples:\n  bitloom inspect kws.tflite\n  bitloom inspect kws.tflite --json')
    .action((path: string, options: { optimized?: boolean; json?: boolean }) => {
      const model = loadModelArgument(path);
      const inspection = inspect(options.optimized ? model.graph : model.source, model.hash);
      console.print(options.json ? toJson(inspection) : inspectionText(inspection));
    });
};
