import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Artifact } from '../../src/plan/artifact.js';
import { planModel } from '../../src/plan/index.js';
import type { Plan } from '../../src/plan/plan.js';

/** Flags under which generated C must compile without a word. */
export const STRICT_C = ['-std=c99', '-Wall', '-Wextra', '-Wconversion', '-Wpedantic', '-Wshadow', '-Werror'];

/** The plan of a graph for a board. */
export function planFor(graph: Graph, board: string, prefix: string): Plan {
  return planModel(graph, loadBoard(board), { prefix, modelHash: '0'.repeat(64) });
}

/** Temporary folders of a suite; `remove` deletes them all. */
export class Folders {
  readonly #folders: string[] = [];

  /** A new folder with the files of some artifacts. */
  write(...artifacts: readonly Artifact[]): string {
    const folder = mkdtempSync(join(tmpdir(), 'bitloom-test-'));
    this.#folders.push(folder);
    for (const artifact of artifacts) {
      for (const [path, bytes] of artifact) {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
    }
    return folder;
  }

  remove(): void {
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program; its output, or an Error with what it complained about. */
export function run(program: string, args: readonly string[], cwd: string, input?: Uint8Array): Buffer {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, input, maxBuffer: 2 ** 28 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: status ${status}\n${stderr.toString()}`);
  return stdout;
}

export function text(artifact: Artifact, path: string): string {
  const bytes = artifact.get(path);
  if (!bytes) throw new Error(`no '${path}' in the artifact, only ${[...artifact.keys()].join(', ')}`);
  return new TextDecoder().decode(bytes);
}
