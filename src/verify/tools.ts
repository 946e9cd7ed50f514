import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BitloomError } from '../graph/diagnostics.js';

/** A program that some boards need, or that one of its uses needs. */
export interface Tool {
  readonly tool: string;
  readonly purpose: string;
  readonly found: boolean;
  /** First line of what it says about its version. */
  readonly version: string | null;
  /** How to get it. */
  readonly install: string;
}

const TOOLS = {
  node: {
    purpose: 'runs Bitloom, WASM modules and the Pico emulator',
    install: 'https://nodejs.org, version 20 or later',
  },
  make: { purpose: 'builds every C project', install: 'Debian: apt install make' },
  cc: { purpose: 'board host, and counts for Android', install: 'Debian: apt install gcc libc6-dev' },
  'arm-none-eabi-gcc': {
    purpose: 'every Cortex-M board',
    install: 'Debian: apt install gcc-arm-none-eabi libnewlib-arm-none-eabi',
  },
  'qemu-system-arm': {
    purpose: 'verify on every Cortex-M board but the Pico',
    install: 'Debian: apt install qemu-system-arm',
  },
  clang: { purpose: 'every Android board', install: 'Debian: apt install clang' },
  'ld.lld': { purpose: 'every Android board', install: 'Debian: apt install lld' },
  'qemu-aarch64': { purpose: 'verify on android-arm64-v8a', install: 'Debian: apt install qemu-user' },
  'qemu-arm': { purpose: 'verify on android-armeabi-v7a', install: 'Debian: apt install qemu-user' },
  'qemu-x86_64': { purpose: 'verify on android-x86_64', install: 'Debian: apt install qemu-user' },
} as const;

export type ToolName = keyof typeof TOOLS;

/** Which of the tools are there, and how to get the others. */
export function checkTools(): readonly Tool[] {
  return (Object.keys(TOOLS) as ToolName[]).map((tool) =>
    checkTool(tool, TOOLS[tool], tool === 'node' ? process.execPath : findTool(tool)),
  );
}

/**
 * @param path where it is; null where it is not
 * @param versionArguments by which it says its version
 */
export function checkTool(
  tool: string,
  { purpose, install }: Pick<Tool, 'purpose' | 'install'>,
  path: string | null,
  versionArguments: readonly string[] = ['--version'],
): Tool {
  const version = path === null ? null : versionOf(path, versionArguments);
  return { tool, purpose, install, found: path !== null, version };
}

/** Path of a program on PATH, or null. */
export function findTool(name: string): string | null {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const extension of extensions) {
      const path = join(folder, `${name}${extension}`);
      if (folder !== '' && isExecutable(path)) return path;
    }
  }
  return null;
}

/** @throws BitloomError BL501 naming every missing tool and how to install it */
export function requireTools(names: readonly ToolName[]): void {
  const missing = names.filter((name) => findTool(name) === null);
  if (missing.length === 0) return;
  const ways = [...new Set(missing.map((name) => TOOLS[name].install))];
  throw new BitloomError(
    'BL501',
    `${missing.join(' and ')} not found on PATH`,
    `Install: ${ways.join('; ')}`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(path: string, args: readonly string[]): string | null {
  const { stdout, stderr } = spawnSync(path, args, { encoding: 'utf8', timeout: 10_000 });
  const [first] = `${stdout ?? ''}\n${stderr ?? ''}`.split(/\r?\n/).filter((line) => line.trim() !== '');
  return first?.trim() ?? null;
}
