import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Extensions of x86-64 by which engines compute byte dot products: they decide how fast relaxed SIMD is. */
const DOT_PRODUCTS = { avx_vnni: 'AVX-VNNI', avx512_vnni: 'AVX-512 VNNI' } as const;

/** The machine's processor, in words: times belong to it. */
export function processor(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const flags = new Set(flagsOf().split(/\s+/));
  const found = Object.entries(DOT_PRODUCTS).flatMap(([flag, name]) => (flags.has(flag) ? [name] : []));
  return found.length > 0 ? `${model} with ${found.join(' and ')}` : model;
}

/** Linux's list; empty elsewhere. */
function flagsOf(): string {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
