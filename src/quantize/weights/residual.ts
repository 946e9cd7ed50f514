/** Sums of low-bit terms (REx, arXiv 2203.14645) as one filter (`docs/formats.md`). */
import { codebookGrid, type Grid } from './grid.js';

/**
 * The grid of `first * 2^shift + second`, both of the grid `term`. Solving for the sum finds what REx, which quantizes what the terms
 * before have left, takes one term at a time.
 */
export function sumGrid(term: Grid, shift: number): Grid {
  return codebookGrid(term.codes.flatMap((first) => term.codes.map((second) => first * 2 ** shift + second)));
}

/** The terms of such sums: of several ways to write one, that whose second term is smallest, then positive. */
export function splitTerms(
  codes: Int16Array,
  term: Grid,
  shift: number,
): { readonly first: Int8Array; readonly second: Int8Array } {
  const smallestLast = [...term.codes].sort((a, b) => Math.abs(b) - Math.abs(a) || a - b);
  const ways = new Map<number, number>();
  for (const second of smallestLast) {
    for (const first of term.codes) ways.set(first * 2 ** shift + second, second);
  }
  const second = Int8Array.from(codes, (code) => ways.get(code)!);
  return { first: Int8Array.from(codes, (code, i) => (code - second[i]!) / 2 ** shift), second };
}
