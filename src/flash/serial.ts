import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import { reasonOf } from '../data/file.js';
import { BitloomError } from '../graph/diagnostics.js';

/** Of all consoles of `boards/common`: 8 data bits, no parity, one stop bit. */
const BAUD = 115200;

/** Ports of USB: of debug probes and boards, on Linux and macOS. */
const USB_PORTS = /^(ttyACM|ttyUSB|cu\.usbmodem|cu\.usbserial)/;

/** Where the first board appears on Linux: for commands that are only shown. */
export const USUAL_PORT = '/dev/ttyACM0';

/**
 * The port that was asked for, else the only one that there is.
 * @throws BitloomError BL506 where there is none or a choice
 */
export function choosePort(wanted: string | undefined, present = usbPorts()): string {
  if (wanted !== undefined) return wanted;
  const [port, ...more] = present;
  if (port !== undefined && more.length === 0) return port;
  throw new BitloomError(
    'BL506',
    port === undefined ? 'no serial port of a board is here' : `several are here: ${present.join(', ')}`,
    'Connect the board, or say which with --port',
  );
}

function usbPorts(): readonly string[] {
  return readdirSync('/dev')
    .filter((name) => USB_PORTS.test(name))
    .sort()
    .map((name) => join('/dev', name));
}

/**
 * Opens a serial port for reading, at the speed of the boards' consoles and byte by byte.
 * @returns a stream of bytes; `destroy()` closes the port
 * @throws BitloomError BL506 where it cannot be opened or is no serial port
 */
export function openPort(path: string): ReadStream {
  let descriptor: number;
  try {
    // Without O_NONBLOCK the call would wait for a modem's carrier.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    throw unusable(path, reasonOf(error), wayOutOf(error));
  }
  try {
    // While it is open: macOS forgets the settings of a port that nobody holds.
    setUp(path);
    return new ReadStream(descriptor);
  } catch (error) {
    closeSync(descriptor);
    if (error instanceof BitloomError) throw error;
    throw unusable(path, reasonOf(error), 'Give a serial port with --port');
  }
}

function setUp(path: string): void {
  const file = process.platform === 'darwin' ? '-f' : '-F';
  const args = [file, path, String(BAUD), 'raw', '-echo', 'clocal'];
  const { status, stderr, error } = spawnSync('stty', args, { encoding: 'utf8', timeout: 10_000 });
  if (status === 0) return;
  const reason = error ? `stty: ${reasonOf(error)}` : stderr.trim().split('\n')[0]!;
  throw unusable(path, reason, 'Give a serial port with --port');
}

function wayOutOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return "Linux gives serial ports to a group: 'sudo usermod -aG dialout $USER' (uucp on Arch), then log in again";
    case 'EBUSY':
      return 'End the program that has it open, e.g. a serial monitor';
    default:
      return 'Connect the board, or say which with --port';
  }
}

function unusable(path: string, reason: string, wayOut: string): BitloomError {
  return new BitloomError('BL506', `'${path}': ${reason}`, wayOut);
}
