import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { imageAddress } from '../../boards/board.js';
import { type Command, type Flasher, flashCommands } from '../../boards/flasher.js';
import { boardIds, loadBoard } from '../../boards/index.js';
import { flashCommandsOf, projectFor } from '../../src/flash/index.js';
import { needs } from '../support/flash.js';

const OPENOCD_SCRIPTS = '/usr/share/openocd/scripts';
const BOARDS = boardIds()
  .map(loadBoard)
  .flatMap(({ hardware, ...board }) =>
    hardware && hardware.flash.length > 0 ? [{ ...board, hardware }] : [],
  );

/** Each board's command by each tool, with and without hearing what the board says. */
function commandsBy<T extends Flasher['tool']>(tool: T) {
  return BOARDS.flatMap((board) =>
    board.hardware.flash
      .filter((flasher) => flasher.tool === tool)
      .flatMap((flasher) =>
        [false, true].map((listen) => ({
          board: board.id,
          flasher: flasher as Extract<Flasher, { tool: T }>,
          commands: flashCommands(flasher, {
            image: (format) => `/no such folder/image.${format}`,
            address: imageAddress(board),
            port: '/dev/ttyACM0',
            remote: '',
            listen,
          }),
        })),
      ),
  );
}

function run([program, ...args]: Command): string {
  const { stdout, stderr } = spawnSync(program!, args, { encoding: 'utf8', timeout: 20_000 });
  return `${stdout}${stderr}`;
}

describe('commands that write to boards', () => {
  it('are there for every board that has hardware and is not an FPGA', () => {
    assert.deepEqual(
      boardIds().filter((id) => loadBoard(id).hardware?.flash.length === 0),
      ['mps2-an385', 'mps2-an386', 'mps2-an500', 'mps2-an505', 'mps3-an547'],
    );
  });

  it('are shown with the build before them', () => {
    const shown = (board: string, options: Parameters<typeof flashCommandsOf>[1]) =>
      flashCommandsOf(projectFor('out/my kws', 'kws', board), options).slice(1);
    const image = (form: string, board: string) => `out/my kws/build/kws-${board}.${form}`;
    assert.deepEqual(flashCommandsOf(projectFor('kws', 'kws', 'pico'), { tool: 'picotool' }), [
      'make -C kws',
      'picotool load -v -x kws/build/kws-pico.elf',
    ]);
    assert.deepEqual(shown('nucleo-f446re', { tool: 'st-flash' }), [
      `st-flash --reset write '${image('bin', 'nucleo-f446re')}' 0x08000000`,
    ]);
    assert.deepEqual(shown('nucleo-f446re', { tool: 'openocd' }), [
      `openocd -f board/st_nucleo_f4.cfg -c 'program {${image('elf', 'nucleo-f446re')}} verify reset exit'`,
    ]);
    assert.deepEqual(shown('nucleo-f446re', { tool: 'openocd', verify: true }), [
      `openocd -f board/st_nucleo_f4.cfg -c 'program {${image('elf', 'nucleo-f446re')}} verify' -c 'arm semihosting enable' -c 'reset run'`,
    ]);
    assert.deepEqual(shown('pico', { tool: 'drive', drive: '/mnt/pico' }), [
      "bitloom image 'out/my kws' --format uf2",
      `cp '${image('uf2', 'pico')}' /mnt/pico/kws-pico.uf2`,
    ]);
    assert.deepEqual(shown('nano-33-ble-sense', { tool: 'arduino-cli', port: '/dev/ttyACM3' }), [
      `arduino-cli upload -b arduino:mbed_nano:nano33ble -p /dev/ttyACM3 -i '${image('bin', 'nano-33-ble-sense')}'`,
    ]);
    assert.throws(
      () => shown('nucleo-f446re', { tool: 'st-flash', verify: true }),
      /BL602.*openocd or probe-rs or gdb/,
    );
  });

  it('of OpenOCD are understood by it: the configuration whole, and the rest up to a probe that is not there', function () {
    needs(this, 'openocd');
    for (const { board, flasher, commands } of commandsBy('openocd')) {
      const absent = flasher.config.filter((file) => !existsSync(`${OPENOCD_SCRIPTS}/${file}`));
      if (absent.length > 0) {
        console.log(`      skipped: ${board} needs a later OpenOCD, with ${absent.join(', ')}`);
        continue;
      }
      const files = flasher.config.flatMap((file) => ['-f', file]);
      assert.match(run(['openocd', ...files, '-c', 'shutdown']), /shutdown command invoked\s*$/, board);
      const said = run(commands[0]!);
      assert.match(said, /OpenOCD init failed/, board);
      assert.match(said, /open failed|unable to find|No J-Link device found|No .*found/i, board);
      assert.doesNotMatch(said, /invalid command name|invalid subcommand|wrong # args|Can't find/i, board);
    }
    const help = ['-f', 'board/st_nucleo_f4.cfg', '-c', 'help semihosting', '-c', 'shutdown'];
    assert.match(run(['openocd', ...help]), /arm semihosting \['enable'/);
  });

  it('of dfu-util and st-flash have options that these know', function () {
    needs(this, 'dfu-util', 'st-flash');
    const help = run(['dfu-util', '--help']);
    for (const { commands } of commandsBy('dfu-util'))
      for (const option of commands[0]!.filter((word) => /^-\w$/.test(word)))
        assert.match(help, new RegExp(`^ +${option} --`, 'm'));
    // Without a device they say so; what they do not understand they say otherwise.
    for (const { commands } of commandsBy('dfu-util'))
      assert.match(run(commands[0]!), /Could not open file|No DFU capable/);
    for (const { commands } of commandsBy('st-flash')) {
      const said = run(commands[0]!);
      assert.match(said, /Couldn't find|No such file|Failed to connect|unable/i);
      assert.doesNotMatch(said, /invalid command line|Usage/i);
    }
  });
});
