import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import picocolors from 'picocolors';
import { run } from '../../src/cli/run.js';
import type { TfliteModel } from '../../src/export/tflite/model.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { PACKAGE_ROOT } from '../../src/package/root.js';
import { findTool } from '../../src/verify/tools.js';
import { activation, singleOperator } from './tflite.js';

/** The model that the package ships. */
export const DIGITS = join(PACKAGE_ROOT, 'examples/digits/digits.tflite');

/** What a command line did. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function bitloom(...args: string[]): Promise<Outcome> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const exitCode = await run(args, {
    print: (text) => void stdout.push(`${text}\n`),
    complain: (text) => void stderr.push(`${text}\n`),
    progress: async (_, work) => work(async () => {}),
    colours: picocolors.createColors(false),
  });
  return { exitCode, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** Words that make a shell run the command line of the sources. */
const BITLOOM = `'${process.execPath}' --import '${import.meta.resolve('tsx')}' '${join(PACKAGE_ROOT, 'src/cli/main.ts')}'`;

/** Runs a shell command in a process of its own, where `bitloom` stands for the command line of the sources. */
export function shell(command: string, env: Readonly<Record<string, string>> = {}): Outcome {
  const script = `set -o pipefail; bitloom() { ${BITLOOM} "$@"; }; ${command}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { exitCode: status, stdout, stderr };
}

/** A folder for the files of a suite. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'bitloom-cli-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file; returns its path. */
  file(name: string, contents: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
    return path;
  }

  model(name: string, model: TfliteModel): string {
    return this.file(name, writeTflite(model));
  }

  /**
   * Runs `work` with a PATH that has `tools` only: those given as scripts, and links to the machine's own where null.
   * The folder of the last call is deleted first.
   */
  async withTools<T>(tools: Readonly<Record<string, string | null>>, work: () => Promise<T>): Promise<T> {
    const folder = this.path('tools');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [name, script] of Object.entries(tools)) {
      if (script === null) symlinkSync(findTool(name)!, join(folder, name));
      else chmodSync(this.file(`tools/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
    }
    const { PATH } = process.env;
    process.env.PATH = folder;
    try {
      return await work();
    } finally {
      process.env.PATH = PATH;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The smallest model that does anything: one ADD of two inputs. */
export function addModel(shape: readonly number[] = [1, 8]): TfliteModel {
  return singleOperator('ADD', [activation(shape), activation(shape)], [activation(shape, { scale: 1 })]);
}

/** For `withTools`: a C compiler whose programs are a shell script, and what else the Makefile of `host` needs. */
export function hostTools(program: string): Readonly<Record<string, string | null>> {
  const cc = `while [ "$1" != -o ]; do shift; done
printf '%s\\n' '#!/bin/sh' ${program
    .split('\n')
    .map((line) => `'${line}'`)
    .join(' ')} > "$2"
chmod +x "$2"`;
  return { make: null, mkdir: null, chmod: null, cc };
}
