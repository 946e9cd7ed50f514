/** Constants in as few bits as their values take: a call widens them to scratch memory, `codegen/c/kernels/widen_constant.h`, in C alone. */
import type { ConstantArgument, Kernel, KernelCall } from './kernel.js';

/** Of constants in scratch memory. */
const ALIGNMENT = 16;

/** What must be saved, at least: the words of a call. */
const LEAST_SAVED = 16;

/** How `widen_constant.h` reads values. */
const HALVES = -(2 ** 31);
const MOST_VALUES = 2 ** 16 - 1;
const MOST_BITS = 31;

/** `data` as `bl_widen_constant` reads it; null where that saves next to nothing. */
export function narrow(data: Int32Array | Int16Array): Int32Array | null {
  if (data.length === 0 || data.length > MOST_VALUES) return null;
  const shift = commonShift(data);
  const bits = Math.max(...Array.from(data, (value) => bitsOf(value >> shift)));
  const words = 1 + Math.ceil((data.length * bits) / 32);
  if (bits > MOST_BITS || data.byteLength - 4 * words < LEAST_SAVED) return null;
  const packed = new Int32Array(words);
  packed[0] = data.length | (bits << 16) | (shift << 21) | (data instanceof Int16Array ? HALVES : 0);
  data.forEach((value, i) => {
    const code = (value >> shift) & (2 ** bits - 1);
    const [at, below] = [1 + ((i * bits) >> 5), (i * bits) & 31];
    packed[at]! |= code << below;
    if (below + bits > 32) packed[at + 1]! |= code >>> (32 - below);
  });
  return packed;
}

/** Bits of a signed number. */
function bitsOf(value: number): number {
  return 33 - Math.clz32(value < 0 ? ~value : value);
}

/** How many zeros all values end with; 0 where all are 0. */
function commonShift(data: Int32Array | Int16Array): number {
  let any = 0;
  for (const value of data) any |= value;
  return any === 0 ? 0 : 31 - Math.clz32(any & -any);
}

/** Bytes of scratch memory that a narrow constant takes. */
function roomOf({ widened }: ConstantArgument): number {
  if (!widened) return 0;
  return Math.ceil((widened.values * (widened.type === 'int16' ? 2 : 4)) / ALIGNMENT) * ALIGNMENT;
}

/** Bytes of scratch memory that the call's kernel has for itself, behind the widened constants. */
export function ownScratchBytes({ scratchBytes, constants }: KernelCall): number {
  return scratchBytes - constants.reduce((sum, constant) => sum + roomOf(constant), 0);
}

/** Values that the call widens. */
export function widenedValues({ constants }: KernelCall): number {
  return constants.reduce((sum, { widened }) => sum + (widened?.values ?? 0), 0);
}

function narrowConstant(constant: ConstantArgument): ConstantArgument {
  const { name, data, isNarrowable } = constant;
  if (!isNarrowable || !(data instanceof Int32Array || data instanceof Int16Array)) return constant;
  const packed = narrow(data);
  if (!packed) return constant;
  const type = data instanceof Int16Array ? 'int16' : 'int32';
  return { name, data: packed, widened: { type, values: data.length } };
}

/** The call with narrow constants; itself where none can be. */
export function narrowCall(call: KernelCall): KernelCall {
  const constants = call.constants.map(narrowConstant);
  if (constants.every((constant, i) => constant === call.constants[i])) return call;
  const room = constants.reduce((sum, constant) => sum + roomOf(constant), 0);
  return { ...call, constants, scratchBytes: room + call.scratchBytes };
}

/** The row whose calls have narrow constants. */
export function narrowKernel(kernel: Kernel): Kernel {
  return {
    ...kernel,
    id: `${kernel.id}_narrow`,
    lower: (graph, node, part) => narrowCall(kernel.lower(graph, node, part)),
  };
}
