import { writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { Option } from 'commander';
import { loadBoard } from '../../boards/index.js';
import { isFolderAt, readInput, reasonOf } from '../data/file.js';
import {
  imagePath,
  openProject,
  readImage,
  WRITTEN_FORMATS,
  type WrittenFormat,
  writeImage,
} from '../flash/index.js';
import { BitloomError } from '../graph/diagnostics.js';
import { grouped } from '../report/text.js';
import { make } from '../verify/firmware.js';
import { requireTools } from '../verify/tools.js';
import type { Register } from './console.js';

interface Options {
  readonly format: WrittenFormat;
  readonly board?: string;
  readonly output?: string;
}

export const registerImage: Register = (program, console) => {
  program
    .command('image')
    .description('Write an image in another form: UF2 for drives, Intel HEX, raw bytes')
    .argument('<project>', "a folder that 'bitloom build' wrote, an .elf or a .hex file")
    .addOption(
      new Option('-f, --format <form>', 'what to write').choices(WRITTEN_FORMATS).makeOptionMandatory(),
    )
    .option('-b, --board <id>', 'of a file, for UF2: the board that it is for')
    .option('-o, --output <file>', 'where to write (default: beside the image)')
    .addHelpText(
      'after',
      '\nExamples:\n  bitloom image kws --format uf2\n  bitloom image zephyr.hex --format uf2 --board pico',
    )
    .action(async (path: string, { format, board, output }: Options) => {
      const { file, family } = isFolderAt(path)
        ? await built(path, board)
        : { file: path, family: familyOf(board) };
      const image = readImage(file, readInput(file));
      const bytes = writeImage(image, format, family);
      const target = output ?? join(dirname(file), `${basename(file, extname(file))}.${format}`);
      write(target, bytes);
      console.print(`${grouped(bytes.length).padStart(12)}  ${target}`);
    });
};

async function built(folder: string, board: string | undefined) {
  const project = openProject(folder, board ?? null);
  requireTools(['arm-none-eabi-gcc', 'make']);
  await make(folder, ['all'], project.board.id);
  return { file: imagePath(project, 'elf'), family: project.hardware.uf2Family };
}

function familyOf(board: string | undefined): number | undefined {
  return board === undefined ? undefined : loadBoard(board).hardware?.uf2Family;
}

function write(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new BitloomError(
      'BL403',
      `cannot write '${path}': ${reasonOf(error)}`,
      'Choose another file with -o',
    );
  }
}
