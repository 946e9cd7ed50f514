import { Command, CommanderError } from 'commander';
import { BitloomError } from '../graph/diagnostics.js';
import { VERSION } from '../package/version.js';
import { visible } from '../report/text.js';
import { registerBoards } from './boards.js';
import { registerBuild } from './build.js';
import { type Console, type Register, terminal } from './console.js';
import { registerDemo } from './demo.js';
import { registerDoctor } from './doctor.js';
import { registerFlash } from './flash.js';
import { registerImage } from './image.js';
import { registerInspect } from './inspect.js';
import { registerPlan } from './plan.js';
import { registerQuantize } from './quantize.js';
import { registerQuantMcu } from './quantmcu.js';
import { registerVerify } from './verify.js';

const HELP = `
Exit codes:
  0  done; for verify: every byte equal
  1  the model, the board or the comparison says no (BL1xx to BL5xx)
  2  the command line or an input file is wrong (BL6xx)

Examples:
  bitloom inspect kws.tflite                         what is in a model
  bitloom plan kws.tflite --board pico               does it fit, and what does it cost
  bitloom build kws.tflite --board pico -o kws       C and a firmware project
  bitloom build kws.tflite --board web -o kws-web    a WASM module and its typed ES module
  bitloom verify kws.tflite --board pico             build, run in the emulator, compare every byte
  bitloom flash kws --verify                         write it to the board, read the verdict from there
  bitloom image kws --format uf2                     the same image in another form
  bitloom quantize net.tflite --calibrate photos --pixels 0..1 --board pico
                                                     an int8 or low-bit network from a float one
  bitloom quantmcu kws.tflite --calibrate words --bitops 1.5
                                                     feature maps of fewer bits, by what values they hold
  bitloom demo                                       all of it on the built-in digits model`;

const COMMANDS: readonly Register[] = [
  registerInspect,
  registerPlan,
  registerBuild,
  registerVerify,
  registerFlash,
  registerImage,
  registerQuantize,
  registerQuantMcu,
  registerBoards,
  registerDoctor,
  registerDemo,
];

/** Runs one command line; returns the exit code, which `HELP` lists. Never throws and never prints a stack trace. */
export async function run(args: readonly string[], console: Console = terminal()): Promise<number> {
  const withoutLineEnd = (show: (text: string) => void) => (text: string) => show(text.replace(/\n$/, ''));
  const program = new Command('bitloom')
    .description('Quantized neural networks to fixed-point C and WASM, proved bit for bit')
    .version(VERSION)
    .addHelpText('after', HELP)
    // Subcommands inherit both.
    .configureOutput({
      writeOut: withoutLineEnd(console.print),
      writeErr: withoutLineEnd(console.complain),
      // `reportError` shows them, with a number.
      outputError: () => {},
    })
    .exitOverride();
  let exitCode = 0;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  for (const register of COMMANDS) register(program, console, setExitCode);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, console);
    if (error.exitCode === 0) return 0;
    // Without a command the help has been shown.
    if (error.code === 'commander.help') return 2;
    const command = program.commands.find((c) => c.name() === args[0]);
    return reportError(usageError(error, command ? `bitloom ${command.name()}` : 'bitloom'), console);
  }
}

/** Shows what ended a command; returns its exit code. */
export function reportError(error: unknown, console: Console): number {
  if (!(error instanceof BitloomError)) {
    const message = error instanceof Error ? error.message : String(error);
    const versions = `Bitloom ${VERSION}, Node ${process.versions.node}, ${process.platform}`;
    console.complain(`${console.colours.red('internal error')} ${visible(message)}`);
    console.complain(`Please report it with the model (${versions}).`);
    return 1;
  }
  console.complain(`${console.colours.red('error')} ${visible(error.message)}`);
  return error.code.startsWith('BL6') ? 2 : 1;
}

/** `error: unknown option '--bord'\n(Did you mean --board?)` as BL602. */
function usageError({ message }: CommanderError, command: string): BitloomError {
  const [problem = '', ...hints] = message.replace(/^error: /, '').split('\n');
  const hint = hints.map((line) => `${line.replace(/^\(|\)$/g, '')} `).join('');
  return new BitloomError(
    'BL602',
    problem.replace(/\.$/, ''),
    `${hint}'${command} --help' says what is possible`,
  );
}
