import { execFileSync } from 'node:child_process';
import type { Target } from '../src/kernels/kernel.js';

/** An instruction of an image, as objdump writes it. */
export interface Instruction {
  /** Without the suffix of its width: `ldr`, `muls`, `vmladava.s8`. */
  readonly mnemonic: string;
  readonly operands: string;
  readonly bytes: number;
}

const MAX_LISTING_BYTES = 2 ** 30;

/**
 * The instructions of an ELF file by address.
 * @param isa of its target: without being told, objdump shows Helium as instructions of a coprocessor
 */
export function disassemble(path: string, isa: Target['isa']): ReadonlyMap<number, Instruction> {
  const machine = isa === 'armv8.1-m.main+mve' ? ['-m', 'armv8.1-m.main'] : [];
  const listing = execFileSync('arm-none-eabi-objdump', ['-d', ...machine, path], {
    encoding: 'utf8',
    maxBuffer: MAX_LISTING_BYTES,
  });
  const instructions = new Map<number, Instruction>();
  for (const line of listing.split('\n')) {
    // Binutils 2.40 does not know CSNEG of the zero register (Armv8.1-M): such a line has no mnemonic.
    const [address, code, mnemonic = '', operands = ''] = line.split('\t');
    if (!address?.endsWith(':') || !code) continue;
    instructions.set(Number.parseInt(address, 16), {
      mnemonic: mnemonic.trim().replace(/\.[nw]$/, ''),
      operands: operands.replace(/\s*[;@].*/, ''),
      bytes: code.replace(/\s/g, '').length / 2,
    });
  }
  return instructions;
}

/** Registers that the operands name, ranges such as `{r4-r7, lr}` written out. */
export function registersOf({ operands }: Instruction): readonly string[] {
  return (
    operands
      .replace(/([rq])(\d+)-\1(\d+)/g, (_, bank: string, first: string, last: string) =>
        Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => bank + (Number(first) + i)).join(),
      )
      .replace(/\bsl\b/g, 'r10')
      .replace(/\bfp\b/g, 'r11')
      .replace(/\bip\b/g, 'r12')
      .match(/\b([rqsd]\d+|lr|sp|pc)\b/g) ?? []
  );
}
