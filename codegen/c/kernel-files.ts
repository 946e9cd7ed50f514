import { readAsset } from '../../src/package/root.js';
import { VERSION } from '../../src/package/version.js';

const FOLDER = 'codegen/c/kernels';
const NOTICE = `/* A kernel of Bitloom ${VERSION}. SPDX-License-Identifier: Apache-2.0 */\n`;

/**
 * The kernel headers that the sources need, with the headers that those include in quotes, by file name.
 *
 * @param sources file stems, `Step.source`
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
