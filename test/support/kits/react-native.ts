/** Builds and calls React Native's modules without React Native: see sdk/react-native. */
import { join } from 'node:path';
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

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
