/** Builds and calls React Native's modules without React Native: see sdk/react-native. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { run } from '../artifacts.js';
import { SDK } from './machine.js';

const STUBS = join(SDK, 'react-native');
/** Types in place of those of react and react-native, by the names of the modules. */
export const TYPES = join(STUBS, 'types');

/** What a call returned, or the message of what it threw. */
export type Returned = readonly Buffer[] | string;

/**
 * Builds kits as an app for Android does.
 * @param kits folders
 * @returns the folder of the programs, each called as its module
 */
export function buildModules(kits: readonly string[], folder: string): string {
  const build = join(folder, 'build');
  const settings = {
    KITS: kits.join(';'),
    ANDROID_ABI: 'x86_64',
    CMAKE_C_COMPILER: 'clang',
    CMAKE_CXX_COMPILER: 'clang++',
  };
  const flags = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  run('cmake', ['-S', STUBS, '-B', build, ...flags], folder);
  run('cmake', ['--build', build, '-j2'], folder);
  return build;
}

/** Calls `run` of one instance of a module, once for each list of inputs. */
export function callModule(program: string, calls: readonly (readonly Uint8Array[])[]): readonly Returned[] {
  const given = calls.flatMap((inputs) => [
    number(inputs.length),
    ...inputs.flatMap((bytes) => [number(bytes.length), bytes]),
  ]);
  const said = run(program, [], '.', Buffer.concat(given));
  let at = 0;
  const take = (length: number) => {
    at += length;
    return said.subarray(at - length, at);
  };
  const next = () => take(4).readInt32LE();
  const bytes = () => take(next());
  return calls.map(() => {
    const count = next();
    return count < 0 ? bytes().toString() : Array.from({ length: count }, bytes);
  });
}

/**
 * The kit's self-test in TypeScript, bundled as an app bundles it.
 * @param module by whose name it finds `run` in place of the app's TurboModule
 * @param folder an empty one
 */
export async function bundledSelfTest(
  kit: string,
  module: string,
  run: (buffers: readonly ArrayBuffer[]) => readonly ArrayBuffer[],
  folder: string,
): Promise<() => boolean> {
  const stub = join(folder, 'react-native.js');
  writeFileSync(stub, 'export const TurboModuleRegistry = { getEnforcing: (name) => globalThis[name] };');
  const outfile = join(folder, 'selftest.mjs');
  await build({
    entryPoints: [`${kit}/src/selftest.ts`],
    bundle: true,
    format: 'esm',
    outfile,
    alias: { 'react-native': stub },
  });
  Object.assign(globalThis, { [module]: { run } });
  return (await import(pathToFileURL(outfile).href)).selfTest;
}

/** `run` of a module as JavaScript calls it. */
export function runOf(program: string): (buffers: readonly ArrayBuffer[]) => ArrayBuffer[] {
  return (buffers) => {
    const [outputs] = callModule(program, [buffers.map((buffer) => new Uint8Array(buffer))]);
    return (outputs as readonly Buffer[]).map((bytes) => Uint8Array.from(bytes).buffer);
  };
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
