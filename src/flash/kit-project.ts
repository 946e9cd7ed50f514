/** Projects of kits whose frameworks have tools of their own, which build and write. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Board } from '../../boards/board.js';
import type { Command } from '../../boards/flasher.js';
import { loadBoard } from '../../boards/index.js';
import { KITS } from '../../codegen/c/kits/index.js';
import { BitloomError } from '../graph/diagnostics.js';
import { shellCommand } from '../package/shell.js';
import { findTool } from '../verify/tools.js';
import { choosePort, USUAL_PORT } from './serial.js';
import type { FlashOptions } from './steps.js';

export interface KitProject {
  readonly folder: string;
  readonly model: string;
  readonly board: Board;
  /** Run in the folder, in their order. */
  readonly commands: (port: () => string) => readonly Command[];
}

/**
 * The project in a folder, by the list of files that `bitloom build` wrote; null where it is of no such kit.
 * @throws BitloomError BL303, BL307
 */
export function openKitProject(folder: string): KitProject | null {
  let about: { readonly kit?: unknown; readonly model?: unknown; readonly board?: unknown };
  try {
    about = JSON.parse(readFileSync(join(folder, 'bitloom.json'), 'utf8'));
  } catch {
    return null;
  }
  const { kit: id, model, board: name } = about;
  const flash = KITS.find((kit) => kit.id === id)?.flash;
  if (!flash || typeof model !== 'string' || typeof name !== 'string') return null;
  const board = loadBoard(name);
  return { folder, model, board, commands: (port) => flash(board, model, port) };
}

/** As a shell takes them. */
export function kitCommandsOf({ folder, commands }: KitProject, { port }: FlashOptions): readonly string[] {
  return [['cd', folder], ...commands(() => port ?? USUAL_PORT)].map(shellCommand);
}

/**
 * The commands to run, where all of their programs are here.
 * @throws BitloomError BL501 where one is missing, BL506 where the port is, BL602 for what these tools cannot do
 */
export function runnableCommands(
  { commands }: KitProject,
  { tool, verify, port }: FlashOptions,
): readonly Command[] {
  if (tool !== undefined || verify)
    throw new BitloomError(
      'BL602',
      `${verify ? '--verify' : '--tool'} with the project of a kit that has tools of its own`,
      "Leave it out; the project's README.md says how its lines are shown",
    );
  const programs = new Set(commands(() => USUAL_PORT).map(([program]) => program!));
  for (const program of programs)
    if (findTool(program) === null)
      throw new BitloomError(
        'BL501',
        `${program} not found`,
        "Install the kit's framework, and activate it in this shell",
      );
  return commands(() => choosePort(port));
}
