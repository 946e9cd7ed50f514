import { build, changesToFit, KITS, plan } from '../index.js';
import { shellWord } from '../package/shell.js';
import { checkFit } from '../plan/fit.js';
import { misfitError } from '../report/changes-text.js';
import { toJson } from '../report/json.js';
import { grouped } from '../report/text.js';
import type { Register } from './console.js';
import { MODEL_ARGUMENT } from './model-argument.js';
import { addPlanOptions, loadWished, type PlanWishes, planArguments, planOptionsOf } from './plan-options.js';
import { writeArtifact } from './write-artifact.js';

interface Options extends PlanWishes {
  readonly board: string;
  readonly kit?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export const registerBuild: Register = (program, console) => {
  const command = program
    .command('build')
    .description(
      'Generate C in a project with self-test and example, or a WASM module with its typed ES module',
    )
    .argument('<model>', MODEL_ARGUMENT)
    .requiredOption('-b, --board <id>', 'see `bitloom boards`; `web` gives WASM');
  addPlanOptions(command)
    .option('--kit <name>', 'the form of the project: bare (default) or another of the list below')
    .option('-o, --output <folder>', 'where to write (default: <model>-<board>)')
    .option('--force', 'overwrite files that Bitloom did not write')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `\nKits:\n${kitList()}\n\nExamples:\n  bitloom build kws.tflite --board nucleo-f446re -o kws\n  bitloom build kws.tflite --board nucleo-f446re --kit cmake -o kws\n  bitloom build kws.tflite --board web`,
    )
    .action(async (path: string, options: Options) => {
      const model = loadWished(path, options);
      const planned = await console.progress('planning', () =>
        plan(model, options.board, planOptionsOf(options)),
      );
      const artifact = await console.progress(`generating ${model.name} for ${options.board}`, () =>
        build(model, planned, options.kit === undefined ? {} : { kit: options.kit }),
      );
      const folder = options.output ?? `${model.name}-${options.board}`;
      writeArtifact(folder, artifact, options.force === true, {
        ...(options.kit === undefined ? {} : { kit: options.kit }),
        model: model.name,
        board: options.board,
      });
      const files = [...artifact].map(([file, bytes]) => ({ file, bytes: bytes.length }));
      const fit = checkFit(planned);
      const changes = await console.progress('looking for what would fit', () =>
        changesToFit(model, planned, planOptionsOf(options)),
      );
      if (options.json) {
        const { fits } = fit;
        const said = { model: model.name, board: options.board, folder, fits, ...(fits ? {} : { changes }) };
        console.print(toJson({ ...said, files }));
        if (!fits) throw misfitError(planned, fit, changes);
        return;
      }
      for (const { file, bytes } of files) console.print(`${grouped(bytes).padStart(12)}  ${folder}/${file}`);
      if (!fit.fits) throw misfitError(planned, fit, changes);
      console.print(fit.sentence);
      const verify = [
        'bitloom verify',
        shellWord(path),
        `--board ${options.board}`,
        ...planArguments(options),
      ].join(' ');
      const next =
        (options.kit ?? 'bare') === 'bare'
          ? `make -C ${shellWord(folder)}`
          : `the commands of ${shellWord(`${folder}/README.md`)}`;
      console.print(
        planned.board.target.backend === 'c' ? `next: ${next}    or: ${verify}` : `next: ${verify}`,
      );
    });
};

function kitList(): string {
  return KITS.map(({ id, title }) => `  ${id.padEnd(12)} ${title}`).join('\n');
}
