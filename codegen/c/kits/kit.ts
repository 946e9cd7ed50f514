import type { Board } from '../../../boards/board.js';
import type { Command } from '../../../boards/flasher.js';
import type { Plan } from '../../../src/plan/plan.js';
import type { SelfTest } from './selftest.js';

/** What files hold, by path. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

/** What a kit is made of. */
export interface KitJob {
  readonly plan: Plan;
  /** The C files of the model, by `emitC`. */
  readonly model: Files;
  /** Golden vectors; see `selfTestOf` in src/verify. */
  readonly selfTest: SelfTest;
}

/** A form in which a model is handed over: the files of a project as people have it, with self-test, example and README. */
export interface Kit {
  /** Of `build --kit`. */
  readonly id: string;
  /** What it is, for whom, in a few words. */
  readonly title: string;
  readonly fits: (board: Board) => boolean;
  /** What builds the self-test and writes it to the board by the framework's own tools, run in the project's folder; absent where it has none. */
  readonly flash?: (board: Board, model: string, port: () => string) => readonly Command[];
  readonly files: (job: KitJob) => Files;
}

/** Files moved into a folder. */
export function within(
  folder: string,
  files: Iterable<readonly [string, string | Uint8Array]>,
): [string, string | Uint8Array][] {
  return [...files].map(([path, content]) => [`${folder}/${path}`, content]);
}

/** Files of C that are compiled. */
export function sourcesOf(files: Files): readonly string[] {
  return [...files.keys()].filter((path) => path.endsWith('.c')).sort();
}
