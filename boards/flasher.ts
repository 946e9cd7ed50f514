/** What writes images to boards: which programs, told what. `boards/<id>/board.json` lists those of a board, the best first. */

/**
 * A way to write an image to a board, by the program that does it. `drive` is a copy to the drive as which a board appears; `gdb`, which no
 * board lists, loads any board's image through a debug server that runs already.
 */
export type Flasher =
  | { readonly tool: 'openocd'; readonly config: readonly string[]; readonly kilohertz?: number }
  | { readonly tool: 'probe-rs'; readonly chip: string }
  | { readonly tool: 'pyocd'; readonly target: string }
  | { readonly tool: 'st-flash' }
  | { readonly tool: 'STM32_Programmer_CLI'; readonly mode: 'UR' | 'HOTPLUG' }
  | { readonly tool: 'nrfutil' }
  | { readonly tool: 'picotool' }
  | { readonly tool: 'dfu-util'; readonly device: string }
  | { readonly tool: 'arduino-cli'; readonly fqbn: string }
  | { readonly tool: 'drive'; readonly label: string; readonly image: 'uf2' | 'hex' }
  | { readonly tool: 'gdb'; readonly program: string };

export type FlashTool = Flasher['tool'];

/** Forms of an image, as ends of file names. */
export type ImageFormat = 'elf' | 'hex' | 'bin' | 'uf2';

/** A command as the words that a program is started with. */
export type Command = readonly string[];

/** What a command is about. */
export interface FlashJob {
  /** File of the image in a form. */
  readonly image: (format: ImageFormat) => string;
  /** Where the image begins. */
  readonly address: number;
  /** Serial port of a board that is written through it. */
  readonly port: string;
  /** Where gdb finds its server: host and port. */
  readonly remote: string;
  /**
   * The board prints by semihosting and shall be heard: the last command then runs on, and prints what the board does. Else the board
   * is reset and left alone.
   */
  readonly listen: boolean;
}

/** Tools that carry out the semihosting of the board that they have written, so that its text is on their output. */
export const LISTENERS: readonly FlashTool[] = ['openocd', 'probe-rs', 'gdb'];

/** The commands, in order. None for `drive`, which no program does. */
export function flashCommands(flasher: Flasher, job: FlashJob): readonly Command[] {
  const { image, address, port, remote, listen } = job;
  const start = `0x${address.toString(16).padStart(8, '0')}`;
  switch (flasher.tool) {
    case 'openocd':
      return [
        [
          'openocd',
          ...flasher.config.flatMap((file) => ['-f', file]),
          ...(flasher.kilohertz ? ['-c', `adapter speed ${flasher.kilohertz}`] : []),
          ...['-c', `program ${tclWord(image('elf'))} verify${listen ? '' : ' reset exit'}`],
          ...(listen ? ['-c', 'arm semihosting enable', '-c', 'reset run'] : []),
        ],
      ];
    case 'probe-rs': {
      const chip = ['--chip', flasher.chip];
      return listen
        ? [['probe-rs', 'run', ...chip, image('elf')]]
        : [
            ['probe-rs', 'download', ...chip, '--verify', image('elf')],
            ['probe-rs', 'reset', ...chip],
          ];
    }
    case 'pyocd':
      return [['pyocd', 'load', '--target', flasher.target, image('hex')]];
    case 'st-flash':
      return [['st-flash', '--reset', 'write', image('bin'), start]];
    case 'STM32_Programmer_CLI':
      return [
        [
          ...['STM32_Programmer_CLI', '-c', 'port=SWD', `mode=${flasher.mode}`, '-w', image('elf'), '-v'],
          // Without a reset, which would lose what lies in RAM, the image is started where it begins.
          ...(flasher.mode === 'HOTPLUG' ? ['-s', start] : ['-rst']),
        ],
      ];
    case 'nrfutil':
      return [
        [
          ...['nrfutil', 'device', 'program', '--firmware', image('hex')],
          ...['--options', 'verify=VERIFY_READ,reset=RESET_SYSTEM'],
        ],
      ];
    case 'picotool':
      return [['picotool', 'load', '-v', '-x', image('elf')]];
    case 'dfu-util':
      return [['dfu-util', '-d', flasher.device, '-a', '0', '-s', `${start}:leave`, '-D', image('bin')]];
    case 'arduino-cli':
      return [['arduino-cli', 'upload', '-b', flasher.fqbn, '-p', port, '-i', image('bin')]];
    case 'drive':
      return [];
    case 'gdb': {
      const orders = [
        `target extended-remote ${remote}`,
        // Servers that know no such order say so, and gdb goes on.
        ...['monitor reset halt', ...(listen ? ['monitor arm semihosting enable'] : [])],
        // `load` sets the program counter to the entry; the stack pointer is what a reset would have read from the vector table.
        ...['load', 'set $sp = (unsigned) &__stack_top', listen ? 'continue' : 'detach'],
      ];
      return [[flasher.program, '-nx', '-batch', ...orders.flatMap((order) => ['-ex', order]), image('elf')]];
    }
  }
}

/** OpenOCD's commands are Tcl, where braces keep blanks together. */
function tclWord(path: string): string {
  return /^[\w./$()-]+$/.test(path) ? path : `{${path}}`;
}
