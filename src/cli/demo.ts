import { join } from 'node:path';
import { readInput } from '../data/file.js';
import { build, load, type Model, plan, verify } from '../index.js';
import { evaluate } from '../oracle/index.js';
import { PACKAGE_ROOT } from '../package/root.js';
import { verdictText } from '../report/verdict-text.js';
import { checkTools, type InputVector, loadInputs } from '../verify/index.js';
import type { Console, Register } from './console.js';
import { writeArtifact } from './write-artifact.js';

const DIGITS = join(PACKAGE_ROOT, 'examples/digits');
const NEEDED_FOR_PICO = ['arm-none-eabi-gcc', 'make'];

export const registerDemo: Register = (program, console, setExitCode) => {
  program
    .command('demo')
    .description(
      'The whole job on the built-in digits model: C for the Raspberry Pi Pico and WASM, both proved',
    )
    .option('-o, --output <folder>', 'where to write', 'out')
    .option('--force', 'overwrite files that Bitloom did not write')
    .addHelpText('after', '\nExample:\n  bitloom demo -o out')
    .action(async (options: { output: string; force?: boolean }) => {
      const path = join(DIGITS, 'digits.tflite');
      const model = load(readInput(path), path);
      const vectors = Array.from({ length: 10 }, (_, digit) =>
        loadInputs(model.source, [join(DIGITS, `images/${digit}.png`)]),
      );
      console.print(
        `The digits model reads ten images as: ${vectors.map((v) => classify(model, v)).join(' ')}`,
      );

      for (const board of ['web', 'pico']) {
        const artifact = await console.progress(`generating for ${board}`, () =>
          build(model, plan(model, board)),
        );
        writeArtifact(join(options.output, board), artifact, options.force === true);
        console.print(`wrote ${artifact.size} files to ${join(options.output, board)}`);
      }

      const boards = ['web', ...(canBuildForPico(console) ? ['pico'] : [])];
      for (const board of boards) {
        const verdict = await console.progress(`running on ${board}`, () =>
          verify(model, board, { vectors }),
        );
        console.print(verdictText(verdict));
        if (!verdict.equal) setExitCode(1);
      }
    });
};

function classify(model: Model, vector: InputVector): number {
  const scores = Array.from(evaluate(model.source, vector)[model.source.outputs[0]!]!, Number);
  return scores.indexOf(Math.max(...scores));
}

function canBuildForPico(console: Console): boolean {
  const missing = checkTools().filter(({ tool, found }) => NEEDED_FOR_PICO.includes(tool) && !found);
  if (missing.length === 0) return true;
  console.print(
    `To run the Pico firmware too, install what is missing: ${missing.map((t) => t.install).join('; ')}`,
  );
  return false;
}
