import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Board, Hardware } from '../../boards/board.js';
import type { ImageFormat } from '../../boards/flasher.js';
import { loadBoard } from '../../boards/index.js';
import { BitloomError } from '../graph/diagnostics.js';

/** A generated firmware project: what is flashed, and on what. */
export interface Project {
  readonly folder: string;
  /** The model's name in file names and in what the self-test prints. */
  readonly model: string;
  readonly board: Board;
  /** As `--board` takes it. */
  readonly boardName: string;
  readonly hardware: Hardware;
}

/**
 * The project in a folder.
 * @param boardName path of the folder of a board outside the package, or null: the project says its board
 * @throws BitloomError BL605 where there is none, or one for another board; BL303 and BL307
 */
export function openProject(folder: string, boardName: string | null): Project {
  let makefile: string;
  try {
    makefile = readFileSync(join(folder, 'Makefile'), 'utf8');
  } catch {
    throw nothingIn(folder, 'it has no Makefile');
  }
  const variable = (name: string) => new RegExp(`^${name} = (\\S+)$`, 'm').exec(makefile)?.[1];
  const [model, id] = [variable('MODEL'), variable('BOARD')];
  if (model === undefined || id === undefined) throw nothingIn(folder, 'its Makefile is not of Bitloom');
  const board = boardName === null ? id : loadBoard(boardName).id;
  if (board !== id) throw nothingIn(folder, `it was built for ${id}, not for ${board}`);
  return projectFor(folder, model, boardName ?? id);
}

/**
 * The project of a model for a board, whether it is there yet or not.
 * @throws BitloomError BL605 where the board is none; BL303 and BL307
 */
export function projectFor(folder: string, model: string, boardName: string): Project {
  const board = loadBoard(boardName);
  const { hardware } = board;
  if (hardware === null)
    throw new BitloomError(
      'BL605',
      `${board.id} is no board that an image is written to`,
      "'bitloom boards' lists the boards; those with a core of Cortex-M are",
    );
  return { folder, model, board, boardName, hardware };
}

/** File of the project's image, which `make` builds but for UF2. */
export function imagePath({ folder, model, board }: Project, format: ImageFormat): string {
  return join(folder, 'build', `${model}-${board.id}.${format}`);
}

function nothingIn(folder: string, reason: string): BitloomError {
  return new BitloomError(
    'BL605',
    `no project to flash in '${folder}': ${reason}`,
    "Give a folder that 'bitloom build' wrote for a board, or a model with --board",
  );
}
