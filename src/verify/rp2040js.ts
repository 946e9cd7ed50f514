import { type Logger, Simulator } from 'rp2040js';
import type { Elf } from './elf.js';
import { buildFirmware, observe } from './firmware.js';
import type { Job, Observation } from './job.js';

const FLASH = 0x10000000;
/** Where the boot ROM puts and runs the second-stage boot loader. */
const BOOT_RAM = 0x20041f00;
const BOOT_BYTES = 256;
const SEMIHOSTING = 0xab;
const SYS_WRITE0 = 0x04;
const SYS_READC = 0x07;
const SYS_EXIT_EXTENDED = 0x20;
/** Breakpoint by which `timer_rp2040js.c` reads instructions and cycles. */
const READ_COUNTERS = 1;
/** Instructions between turns of the event loop. */
const SLICE = 5_000_000;
/** How far a prediction of instructions may be off, and what start-up, comparison and dumps may take. */
const MARGIN = 8;
const EXTRA_INSTRUCTIONS = 200_000_000;

/** Runs the firmware in rp2040js, from the check of its boot block on, as the boot ROM does. */
export async function runInRp2040js(job: Job): Promise<Observation> {
  const firmware = await buildFirmware(job);
  const limit = EXTRA_INSTRUCTIONS + job.selfTest.length * MARGIN * job.plan.totals.instructions;
  const output = await runImage(firmware.elf, limit);
  return observe(job, { ...output, by: 'rp2040js' }, (ticks) => ticks, firmware);
}

/**
 * Console text of an image and, where it did not exit by itself, why.
 * @param limit of instructions
 * @param input what it reads from the console of semihosting
 */
export async function runImage(
  elf: Pick<Elf, 'segments'>,
  limit: number,
  input: Uint8Array = new Uint8Array(),
): Promise<{ text: string; trouble: string }> {
  const mcu = new Simulator().rp2040;
  const { core } = mcu;
  const text: string[] = [];
  let instructions = 0;
  let taken = 0;
  let trouble = '';
  let exited = false;
  const stop = (reason: string) => {
    exited = true;
    trouble ||= reason;
  };
  mcu.logger = quietLogger(stop);
  mcu.uart[0]!.onByte = (byte) => text.push(String.fromCharCode(byte));
  mcu.onBreak = (code) => {
    const [operation, argument] = [core.registers[0]!, core.registers[1]!];
    if (code === READ_COUNTERS) {
      core.registers[0] = instructions;
      core.registers[1] = core.cycles;
    } else if (code === SEMIHOSTING && operation === SYS_WRITE0) {
      text.push(readString(mcu.sram, mcu.flash, argument));
    } else if (code === SEMIHOSTING && operation === SYS_READC && taken < input.length) {
      core.registers[0] = input[taken++]!;
    } else if (code === SEMIHOSTING && operation === SYS_EXIT_EXTENDED) {
      stop('');
    } else {
      stop(`unexpected breakpoint ${code} at 0x${core.PC.toString(16)}`);
    }
  };

  for (const { address, data } of elf.segments) mcu.flash.set(data, address - FLASH);
  const boot = mcu.flash.slice(0, BOOT_BYTES);
  if (bootCrc(boot.subarray(0, BOOT_BYTES - 4)) !== new DataView(boot.buffer).getUint32(BOOT_BYTES - 4, true))
    return { text: '', trouble: 'the boot ROM would refuse the boot block: its CRC is wrong' };
  mcu.sram.set(boot, BOOT_RAM - 0x20000000);
  core.SP = BOOT_RAM;
  core.PC = BOOT_RAM;

  while (!exited) {
    for (const end = instructions + SLICE; instructions < end && !exited; instructions++)
      core.executeInstruction();
    if (instructions > limit) stop(`no end after ${instructions} instructions`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { text: text.join(''), trouble };
}

/** CRC-32 of the boot ROM (RP2040 data sheet, 2.8.1.3.1): not reflected, started at all ones, not inverted. */
export function bootCrc(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** The emulator goes on after what stops a chip; this does not. */
function quietLogger(stop: (reason: string) => void): Logger {
  const ignore = () => {};
  const halt = (component: string, message: string) => stop(`${component}: ${message}`);
  return { debug: ignore, info: ignore, warn: halt, error: halt };
}

function readString(sram: Uint8Array, flash: Uint8Array, address: number): string {
  const [memory, start] = address >= 0x20000000 ? [sram, address - 0x20000000] : [flash, address - FLASH];
  const end = memory.indexOf(0, start);
  return new TextDecoder().decode(memory.subarray(start, end < 0 ? start : end));
}
