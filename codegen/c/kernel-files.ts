import { widenedValues } from '../../src/kernels/narrow.js';
import { readAsset } from '../../src/package/root.js';
import { VERSION } from '../../src/package/version.js';
import type { Plan } from '../../src/plan/plan.js';

const FOLDER = 'codegen/c/kernels';
const NOTICE = `/* A kernel of Bitloom ${VERSION}. SPDX-License-Identifier: Apache-2.0 */\n`;

/** File stems of the headers that the plan's functions and stages need, in order. */
export function kernelSources({ functions, arena }: Plan): readonly string[] {
  const own = functions.map(({ source }) => source);
  const widens = functions.some(({ call }) => widenedValues(call) > 0);
  const moves = arena.keptRows.size > 0;
  return [...new Set([...own, ...(widens ? ['widen_constant'] : []), ...(moves ? ['move'] : [])])].sort();
}

/**
 * The kernel headers that the sources need, with the headers that those include in quotes, by file name.
 *
 * @param sources file stems
 */
export function kernelFiles(sources: Iterable<string>): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const add = (name: string): void => {
    if (files.has(name)) return;
    const text = readAsset(`${FOLDER}/${name}`);
    files.set(name, NOTICE + text);
    for (const [, included] of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"]+)"/gm)) add(included!);
  };
  for (const source of sources) add(`${source}.h`);
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
