/** Files of `assembly/scalar` that hold what instructions on vectors become. */
const FILES = ['floats', 'integers', 'moves', 'widths'];

/** Export that returns the first address behind all static data, those of zeros too, which have no segment. */
export const HEAP_BASE = 'heapBase';

/** A program together with what its instructions on vectors become, exported so that asc keeps it. */
export function scalarEntry(entry: string): string {
  const functions = FILES.map((file) => `export * from './assembly/scalar/${file}';\n`);
  return `${entry}\n${functions.join('')}export function ${HEAP_BASE}(): usize { return __heap_base; }\n`;
}
