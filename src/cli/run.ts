import { Command, CommanderError } from 'commander';
import { BitloomError } from '../graph/diagnostics.js';
import { VERSION } from '../package/version.js';
import { registerBoards } from './boards.js';
import { registerBuild } from './build.js';
import { type Console, type Register, terminal } from './console.js';
import { registerDemo } from './demo.js';
import { registerDoctor } from './doctor.js';
import { registerInspect } from './inspect.js';
import { registerPlan } from './plan.js';
import { registerVerify } from './verify.js';

/**
 * Exit codes: 0 done and, for verify, every byte equal; 1 the model, board or comparison says no
 * (BL1xx to BL5xx); 2 the command line or a file is wrong (BL6xx).
 */
const EXIT_CODES = `
Exit codes:
  0  done; for verify: every byte equal
  1  the model, the board or the comparison says no (BL1xx to BL5xx)
  2  the command line or an input file is wrong (BL6xx)

Examples:
  bitloom inspect kws.tflite                           what is in a model
  bitloom plan kws.tflite --board pico                 does it fit, and what does it cost
  bitloom build kws.tflite --board nucleo-f446re -o kws  C and a firmware project
  bitloom build kws.tflite --board web -o kws-web      a WASM module and its typed ES module
  bitloom verify kws.tflite --board pico               build, run in the emulator, compare every byte
  bitloom demo                                         all of it on the built-in digits model`;

const COMMANDS: readonly Register[] = [
  registerInspect,
  registerPlan,
  registerBuild,
  registerVerify,
  registerBoards,
  registerDoctor,
  registerDemo,
];

/** Runs one command line; returns the exit code. Never throws and never prints a stack trace for user errors. */
export async function run(args: readonly string[], console: Console = terminal()): Promise<number> {
  const program = new Command('bitloom')
    .description('Quantized neural networks to fixed-point C and WASM, proved bit for bit')
    .version(VERSION)
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('Run with --help to see what is possible.')
    .exitOverride();
  let exitCode = 0;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  for (const register of COMMANDS) register(program, console, setExitCode);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof BitloomError)) {
      const message = error instanceof Error ? error.message : String(error);
      process.stderr.write(
        `${console.colours.red('internal error')} ${message}\nPlease report it with the model.\n`,
      );
      return 1;
    }
    process.stderr.write(`${console.colours.red('error')} ${error.message}\n`);
    return error.code.startsWith('BL6') ? 2 : 1;
  }
}
