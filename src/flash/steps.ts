import { basename, join } from 'node:path';
import { imageAddress } from '../../boards/board.js';
import { type Command, type Flasher, flashCommands, LISTENERS } from '../../boards/flasher.js';
import { BitloomError } from '../graph/diagnostics.js';
import { findDrive, usualDrive } from './drive.js';
import { imagePath, type Project } from './project.js';
import { choosePort, USUAL_PORT } from './serial.js';
import { gdbFlasher, howToGet, isHere } from './tools.js';

export interface FlashOptions {
  /** Name of the tool; the best that is here unless given. */
  readonly tool?: string;
  /** Serial port of the board; the only one that is here unless given. */
  readonly port?: string;
  /** Where the board's drive is mounted; looked for unless given. */
  readonly drive?: string;
  /** Host and port of a debug server, for gdb. */
  readonly remote?: string;
  /** Wait for the self-test's verdict. */
  readonly verify?: boolean;
}

/** OpenOCD's and pyOCD's own. */
const USUAL_REMOTE = 'localhost:3333';

/**
 * The tool that writes to the project's board: the one asked for, else the first of the board's that is here.
 * @param shown only shows what would be done: a tool need not be here
 * @throws BitloomError BL602 where the board has no such tool, BL501 where none is here
 */
export function chooseFlasher(project: Project, options: FlashOptions, shown: boolean): Flasher {
  const { board, hardware } = project;
  const known = [...hardware.flash, gdbFlasher()];
  const wanted = options.tool === undefined ? hardware.flash : known.filter((f) => f.tool === options.tool);
  const [first] = wanted;
  if (first === undefined) {
    const problem =
      options.tool === undefined
        ? `no tool is known that writes to ${board.title}`
        : `--tool got '${options.tool}'`;
    throw new BitloomError(
      'BL602',
      problem,
      `What writes to ${board.id}: ${known.map(({ tool }) => tool).join(', ')}`,
    );
  }
  const here = wanted.find((flasher) => isPresent(flasher, options));
  if (here) return here;
  if (shown) return first;
  throw new BitloomError(
    'BL501',
    `${options.tool ?? `no tool that writes to ${board.id}`} ${options.tool === undefined ? 'is here' : 'not found'}`,
    `Get ${wanted.length > 1 ? 'one: ' : ''}${wanted.map(howToGet).join('; ')}`,
  );
}

function isPresent(flasher: Flasher, { drive }: FlashOptions): boolean {
  return flasher.tool === 'drive'
    ? drive !== undefined || findDrive(flasher.label) !== null
    : isHere(flasher.tool);
}

/** What is done after the image is built. */
export interface Steps {
  readonly flasher: Flasher;
  /** As a shell would be told; a copy to a drive is done without one. */
  readonly commands: readonly Command[];
  /** Of a copy to a drive: from where to where. */
  readonly copy: { readonly file: string; readonly drive: string } | null;
  /** The last command goes on, and prints what the board does. */
  readonly listens: boolean;
}

/**
 * @param shown only shows what would be done: what is not connected is called by its usual name
 * @throws BitloomError BL602 where the board cannot be heard by that tool, BL506 where the tool needs a port that is not there
 */
export function flashSteps(project: Project, flasher: Flasher, options: FlashOptions, shown: boolean): Steps {
  const { board, hardware } = project;
  const listens = options.verify === true && hardware.console === 'semihosting';
  if (listens && !LISTENERS.includes(flasher.tool)) throw unheard(project, flasher);
  if (flasher.tool === 'drive') {
    const drive = options.drive ?? findDrive(flasher.label) ?? usualDrive(flasher.label);
    const file = imagePath(project, flasher.image);
    const named = project.boardName === board.id ? [] : ['--board', project.boardName];
    const convert = ['bitloom', 'image', project.folder, ...named, '--format', 'uf2'];
    const commands = [
      ...(flasher.image === 'uf2' ? [convert] : []),
      ['cp', file, join(drive, basename(file))],
    ];
    return { flasher, commands, copy: { file, drive }, listens };
  }
  const commands = flashCommands(flasher, {
    image: (format) => imagePath(project, format),
    address: imageAddress(board),
    port: portFor(flasher, options, shown),
    remote: options.remote ?? USUAL_REMOTE,
    listen: listens,
  });
  return { flasher, commands, copy: null, listens };
}

function portFor({ tool }: Flasher, { port }: FlashOptions, shown: boolean): string {
  if (tool !== 'arduino-cli') return '';
  return shown ? (port ?? USUAL_PORT) : choosePort(port);
}

function unheard({ board, hardware }: Project, { tool }: Flasher): BitloomError {
  const able = [...hardware.flash.map((f) => f.tool), 'gdb' as const].filter((name) =>
    LISTENERS.includes(name),
  );
  return new BitloomError(
    'BL602',
    `${board.id} prints by semihosting, which ${tool} does not show`,
    `With --verify take --tool ${able.join(' or ')}`,
  );
}
