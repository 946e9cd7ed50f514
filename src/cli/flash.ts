import { isFolderAt } from '../data/file.js';
import {
  type Flashed,
  flash,
  flashCommandsOf,
  flashKit,
  kitCommandsOf,
  openKitProject,
  openProject,
  type Project,
  projectFor,
} from '../flash/index.js';
import { BitloomError } from '../graph/diagnostics.js';
import { build, modelName, plan } from '../index.js';
import { shellCommand } from '../package/shell.js';
import { toJson } from '../report/json.js';
import { grouped } from '../report/text.js';
import type { Console, Register } from './console.js';
import { isModelFolder, MODEL_ARGUMENT, readModelArgument } from './model-argument.js';
import { addPlanOptions, loadWished, type PlanWishes, planArguments, planOptionsOf } from './plan-options.js';
import { writeArtifact } from './write-artifact.js';

interface Options extends PlanWishes {
  readonly board?: string;
  readonly tool?: string;
  readonly port?: string;
  readonly drive?: string;
  readonly remote?: string;
  readonly verify?: boolean;
  readonly dryRun?: boolean;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export const registerFlash: Register = (program, console, setExitCode) => {
  const command = program
    .command('flash')
    .description('Build the firmware, write it to the board, and read the verdict of its self-test')
    .argument('<project>', `a folder that 'bitloom build' wrote, or a model: ${MODEL_ARGUMENT}`)
    .option('-b, --board <id>', 'see `bitloom boards`; a project says its own')
    .option(
      '-t, --tool <name>',
      'what writes: openocd, probe-rs, pyocd, gdb, ... (default: the best that is here)',
    )
    .option('-p, --port <device>', 'serial port of the board (default: the only one)')
    .option('--drive <folder>', 'where the drive of the board is mounted (default: found by its label)')
    .option('--remote <host:port>', 'debug server for --tool gdb (default: localhost:3333)')
    .option('--verify', "wait for the self-test's verdict")
    .option('--dry-run', 'only print the commands');
  addPlanOptions(command)
    .option('-o, --output <folder>', 'of a model: where the project goes (default: <model>-<board>)')
    .option('--force', 'overwrite files that Bitloom did not write')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nExits with 1 when a byte differs.\n\nExamples:\n  bitloom flash kws --dry-run\n  bitloom flash kws.tflite --board nucleo-f446re --verify\n  bitloom flash kws --tool gdb --remote localhost:1234 --verify',
    )
    .action(async (path: string, options: Options) => {
      const isProject = isFolderAt(path) && !isModelFolder(path);
      const kit = isProject ? openKitProject(path) : null;
      if (kit) {
        if (options.dryRun) {
          const commands = kitCommandsOf(kit, options);
          console.print(options.json ? toJson({ commands }) : commands.join('\n'));
          return;
        }
        const flashed = await console.progress(`writing ${kit.model}`, () => flashKit(kit, options));
        console.print(options.json ? toJson(flashed) : flashedText(flashed));
        return;
      }
      const project = isProject ? openProject(path, options.board ?? null) : projectOfModel(path, options);
      if (options.dryRun) {
        const commands = [
          ...(isProject ? [] : [buildCommand(path, project, options)]),
          ...flashCommandsOf(project, options),
        ];
        console.print(options.json ? toJson({ commands }) : commands.join('\n'));
        return;
      }
      if (!isProject) await buildProject(path, project, options, console);
      const flashed = await console.progress(`writing ${project.model} to ${project.board.id}`, () =>
        flash(project, options),
      );
      console.print(options.json ? toJson(flashed) : flashedText(flashed));
      setExitCode(flashed.verdict?.equal === false ? 1 : 0);
    });
};

/** Where `bitloom build` puts a model's project, or would. */
function projectOfModel(path: string, { board, output }: Options): Project {
  const { fileName } = readModelArgument(path);
  if (board === undefined)
    throw new BitloomError('BL602', 'a model without a board', 'Give --board; only a project says its own');
  const model = modelName(fileName);
  return projectFor(output ?? `${model}-${board}`, model, board);
}

function buildCommand(path: string, { folder, boardName }: Project, options: Options): string {
  const words = [shellCommand(['bitloom', 'build', path, '--board', boardName]), ...planArguments(options)];
  return [...words, shellCommand(['-o', folder])].join(' ');
}

async function buildProject(
  path: string,
  project: Project,
  options: Options,
  console: Console,
): Promise<void> {
  const { folder, board } = project;
  const model = loadWished(path, options);
  const artifact = await console.progress(`generating ${model.name}`, () =>
    build(model, plan(model, board, planOptionsOf(options))),
  );
  writeArtifact(folder, artifact, options.force === true);
}

function flashedText({ model, board, tool, commands, verdict }: Flashed): string {
  const done = [...commands.map((command) => `$ ${command}`), `${model} is on ${board}, by ${tool}`];
  if (!verdict) return done.join('\n');
  const { equal, inferences, cycles } = verdict;
  const many = `${inferences} inference${inferences === 1 ? '' : 's'}`;
  return [
    ...done,
    equal
      ? `EQUAL      ${model} on the ${board}: every byte of ${many}`
      : `DIFFERENT  ${model} on the ${board}`,
    ...(cycles === null ? [] : [`           cycles ${grouped(cycles)}`]),
  ].join('\n');
}
