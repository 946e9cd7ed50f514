/**
 * Cycles that a core takes for executed blocks, from the timing that Arm publishes where it does. An estimate:
 * docs/benchmarks.md states what it assumes.
 */
import type { CoreName } from './cores.js';
import { type Instruction, registersOf } from './disassembly.js';
import type { Block } from './profile.js';

/** Instructions that take the same time. */
export type InstructionClass =
  | 'arithmetic'
  | 'load'
  | 'store'
  | 'transfer of several'
  | 'multiply'
  | 'multiply long'
  | 'divide'
  | 'branch'
  | 'loop end'
  | 'vector load or store'
  | 'vector gather or scatter'
  | 'vector arithmetic';

const CLASSES: readonly (readonly [RegExp, InstructionClass])[] = [
  [/^v(ld|st)/, 'vector load or store'],
  [/^v(?!push|pop)/, 'vector arithmetic'],
  [/^(le|letp|dls|wls|dlstp|wlstp|lctp)$/, 'loop end'],
  [/^(ldm|stm|push|pop|ldrd|strd|vpush|vpop)/, 'transfer of several'],
  [/^ld/, 'load'],
  [/^str/, 'store'],
  [/^[us]div/, 'divide'],
  [/^(smull|umull|smlal|umlal|umaal|smlsl)/, 'multiply long'],
  [/^(mul|ml[as]|sml|smu|smm|usad)/, 'multiply'],
  [/^(b|bl|bx|blx|cbn?z|tb[bh])$|^b(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)$/, 'branch'],
];

export function classOf(instruction: Instruction): InstructionClass {
  const { mnemonic, operands } = instruction;
  const found = CLASSES.find(([pattern]) => pattern.test(mnemonic))?.[1] ?? 'arithmetic';
  return found === 'vector load or store' && /\[\w+, q\d|\[q\d/.test(operands)
    ? 'vector gather or scatter'
    : found;
}

export function instructionsOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { instructions, runs }) => sum + instructions.length * runs, 0);
}

/** Estimated cycles, flash without wait states. */
export function cyclesOf(core: CoreName, blocks: readonly Block[]): number {
  const { straight, refill } = PIPELINES[core];
  return blocks.reduce(
    (sum, { instructions, runs, jumps }) => sum + straight(instructions) * runs + refill * jumps,
    0,
  );
}

interface Pipeline {
  /** Cycles of a block that falls through. */
  straight(instructions: readonly Instruction[]): number;
  /** Further cycles where it jumps. */
  readonly refill: number;
}

/** Cycles of one instruction, given the one behind it. */
type Cost = (instruction: Instruction, next: Instruction | undefined) => number;

const sumOf =
  (cost: Cost): Pipeline['straight'] =>
  (instructions) =>
    instructions.reduce((sum, instruction, i) => sum + cost(instruction, instructions[i + 1]), 0);

const isMemory = (instruction: Instruction | undefined) =>
  instruction !== undefined && ['load', 'store'].includes(classOf(instruction));

/** Words that LDM, PUSH, LDRD and the like move. */
function wordsOf(instruction: Instruction): number {
  if (/^(ldr|str)d/.test(instruction.mnemonic)) return 2;
  const list = /\{(.*)\}/.exec(instruction.operands)?.[1] ?? '';
  return registersOf({ ...instruction, operands: list }).length;
}

/** Whether `next` reads what `instruction` writes, its first operand. */
function feeds(instruction: Instruction, next: Instruction | undefined): boolean {
  const written = registersOf(instruction)[0];
  if (!next || !written || ['store', 'branch'].includes(classOf(instruction))) return false;
  const read = registersOf(next);
  return (classOf(next) === 'store' || read.length === 1 ? read : read.slice(1)).includes(written);
}

/** Cortex-M0+ TRM (DDI 0484C), table 3-1, with the single-cycle multiplier of the RP2040. */
const cortexM0Plus: Cost = (instruction) => {
  switch (classOf(instruction)) {
    case 'load':
    case 'store':
      return 2;
    case 'transfer of several':
      // POP {..., pc} takes 3 + N with the refill.
      return 1 + wordsOf(instruction) + (/\bpc\b/.test(instruction.operands) ? 1 : 0);
    case 'branch':
      return instruction.mnemonic === 'bl' ? 2 : 1;
    default:
      return 1;
  }
};

/** Cortex-M3 TRM (DDI 0337) and Cortex-M4 TRM (DDI 0439), table 3-1; ranges by their middle. */
const cortexM34 =
  (multiplyLong: number, accumulate: number): Cost =>
  (instruction, next) => {
    switch (classOf(instruction)) {
      case 'load':
        // Its data phase runs with the address phase of a neighbour.
        return isMemory(next) && !feeds(instruction, next) ? 1 : 2;
      case 'store':
        return /\[\w+, r\d/.test(instruction.operands) ? 2 : 1;
      case 'transfer of several':
        return 1 + wordsOf(instruction);
      case 'multiply':
        return /^ml[as]/.test(instruction.mnemonic) ? accumulate : 1;
      case 'multiply long':
        return multiplyLong;
      case 'divide':
        return 7;
      default:
        return 1;
    }
  };

/** Cortex-M55: single issue, a stall where a load feeds its neighbour, two of a vector's four beats a cycle. */
function cortexM55(instructions: readonly Instruction[]): number {
  let cycles = 0;
  let unit: InstructionClass | null = null;
  instructions.forEach((instruction, i) => {
    const kind = classOf(instruction);
    switch (kind) {
      case 'load':
        cycles += feeds(instruction, instructions[i + 1]) ? 2 : 1;
        break;
      case 'transfer of several':
        cycles += 1 + wordsOf(instruction);
        break;
      case 'divide':
        cycles += 7;
        break;
      case 'loop end':
        cycles += instruction.mnemonic.startsWith('le') ? 0 : 1;
        break;
      case 'vector gather or scatter':
        // An element a cycle.
        cycles += 128 / Number(/\d+$/.exec(instruction.mnemonic)?.[0] ?? 32);
        break;
      case 'vector load or store':
      case 'vector arithmetic':
        // The last two beats run with the first two of a neighbour in another unit.
        cycles += unit !== null && unit !== kind ? 1 : 2;
        break;
      default:
        cycles += 1;
    }
    unit = kind.startsWith('vector') ? kind : null;
  });
  return cycles;
}

/** Cortex-M7: two neighbours issue together unless they share the memory port or the multiplier, or one feeds the other. */
function cortexM7(instructions: readonly Instruction[]): number {
  let cycles = 0;
  for (let i = 0; i < instructions.length; i++) {
    const [first, second] = [instructions[i]!, instructions[i + 1]];
    cycles += single(first);
    if (second && single(first) === 1 && single(second) === 1 && !conflict(first, second)) i++;
    const last = instructions[i]!;
    if (classOf(last) === 'load' && feeds(last, instructions[i + 1])) cycles += 1;
  }
  return cycles;

  function single(instruction: Instruction): number {
    const kind = classOf(instruction);
    if (kind === 'transfer of several') return 1 + Math.ceil(wordsOf(instruction) / 2);
    return kind === 'divide' ? 7 : 1;
  }
  function conflict(first: Instruction, second: Instruction): boolean {
    const multiplies = (x: Instruction) => classOf(x).startsWith('multiply');
    return (
      (isMemory(first) && isMemory(second)) ||
      (multiplies(first) && multiplies(second)) ||
      classOf(first) === 'branch' ||
      feeds(first, second)
    );
  }
}

const PIPELINES: Readonly<Record<CoreName, Pipeline>> = {
  'M0+': { straight: sumOf(cortexM0Plus), refill: 1 },
  M3: { straight: sumOf(cortexM34(4, 2)), refill: 2 },
  M4: { straight: sumOf(cortexM34(1, 1)), refill: 2 },
  M7: { straight: cortexM7, refill: 1 },
  M33: { straight: sumOf(cortexM34(1, 1)), refill: 2 },
  M55: { straight: cortexM55, refill: 2 },
};
