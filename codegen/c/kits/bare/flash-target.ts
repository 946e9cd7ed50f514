import { type Board, type Hardware, imageAddress } from '../../../../boards/board.js';
import { type FlashJob, flashCommands, LISTENERS } from '../../../../boards/flasher.js';
import { shellCommand } from '../../../../src/package/shell.js';

/** Makefile variables that name the image; no UF2, which make does not build. */
const IMAGE_VARIABLE = /'(\$\((?:ELF|HEX|BIN)\))'/g;

/**
 * The shell command of `make flash`: that of the board's best tool. It runs on where that shows what the board prints by semihosting.
 * @returns null where no program is known that writes to the board
 */
export function flashTarget(board: Board, { console, flash }: Hardware): string | null {
  // Where a drive is mounted, only who runs make knows.
  const flasher = flash.find(({ tool }) => tool !== 'drive' && tool !== 'arduino-cli');
  if (!flasher) return null;
  const job: FlashJob = {
    image: (format) => `$(${format.toUpperCase()})`,
    address: imageAddress(board),
    port: '',
    remote: '',
    listen: console === 'semihosting' && LISTENERS.includes(flasher.tool),
  };
  const commands = flashCommands(flasher, job).map(shellCommand);
  return commands.join(' && ').replaceAll(IMAGE_VARIABLE, '$1');
}
