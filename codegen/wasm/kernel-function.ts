import { readAsset } from '../../src/package/root.js';

/** The function of a kernel in AssemblyScript: its name, and what instantiates it where it is generic. */
export interface KernelFunction {
  readonly name: string;
  /** `<i8, i16>` or nothing. */
  readonly types: string;
}

const TYPES: Readonly<Record<string, string>> = {
  s8: 'i8',
  u8: 'u8',
  s16: 'i16',
  s32: 'i32',
  f32: 'f32',
};

/**
 * `assembly/<source>.ts` exports a kernel under its own name or, for all element types at once, as a generic function:
 * `requantize_s8_s16` is `requantize<i8, i16>`.
 */
export function kernelFunction(kernel: string, source: string): KernelFunction {
  const [, name, suffix] = /^(.+?)((?:_(?:s8|u8|s16|s32|f32))+)$/.exec(kernel) ?? [];
  const isPlain = readAsset(`assembly/${source}.ts`).includes(`\nexport function ${kernel}(`);
  if (!name || !suffix || isPlain) return { name: kernel, types: '' };
  const types = suffix
    .split('_')
    .slice(1)
    .map((type) => TYPES[type]);
  return { name, types: `<${types.join(', ')}>` };
}
