import { readAsset } from '../../../src/package/root.js';

/**
 * A file of the package with values in it: a line or a part of one `@NAME@` stands for the value of that name.
 * @param path from codegen/c/kits
 */
export function fill(path: string, values: Readonly<Record<string, string>>): string {
  return readAsset(`codegen/c/kits/${path}`).replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${path} asks for ${name}, which has no value`);
    return value;
  });
}
