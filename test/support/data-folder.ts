import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of files for one test file, removed after it. */
export class DataFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'bitloom-data-'));

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  /** Writes files by their paths in a new folder, and returns that. */
  with(name: string, files: Readonly<Record<string, Uint8Array | string>>): string {
    const folder = join(this.path, name);
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    return folder;
  }

  /** Writes one file and returns its path. */
  file(name: string, bytes: Uint8Array | string): string {
    this.with('.', { [name]: bytes });
    return join(this.path, name);
  }
}
