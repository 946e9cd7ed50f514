import assert from 'node:assert/strict';
import fs, {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { writeArtifact } from '../../src/cli/write-artifact.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import type { Artifact } from '../../src/plan/artifact.js';
import { Workspace } from '../support/cli.js';

const artifact = (files: Readonly<Record<string, string>>): Artifact =>
  new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));

const MODEL = { 'a.c': 'int a;', 'kernels/k.h': 'int k;', 'kernels/deep/d.h': 'int d;' };

/** Runs `work` on a disk that is full from the n-th call of a function on. */
function withFullDisk(name: 'writeFileSync' | 'renameSync', n: number, work: () => void): void {
  const original = fs[name];
  let calls = 0;
  Object.assign(fs, {
    [name]: (...args: never[]) => {
      if (calls++ < n) return (original as (...args: never[]) => void)(...args);
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    },
  });
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    Object.assign(fs, { [name]: original });
    syncBuiltinESMExports();
  }
}

describe('the output folder', () => {
  const workspace = new Workspace();
  let folder: string;
  let number = 0;
  beforeEach(() => {
    folder = workspace.path(`${number++}/out`);
  });
  after(() => workspace.remove());

  const write = (files: Readonly<Record<string, string>>, force = false) =>
    writeArtifact(folder, artifact(files), force);
  const put = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  /** Everything below the folder and beside it. */
  const listing = () => readdirSync(join(folder, '..'), { recursive: true, encoding: 'utf8' }).sort();

  /** BL403 in these words, and nothing has changed. */
  function refused(work: () => void, words: RegExp): void {
    const shown = () => listing().map((path) => [path, lstatSync(join(folder, '..', path)).mtimeMs]);
    const before = existsSync(join(folder, '..')) ? shown() : null;
    assert.throws(work, (error) => {
      assert.ok(error instanceof BitloomError, String(error));
      assert.equal(error.code, 'BL403');
      assert.match(error.message, words);
      return true;
    });
    if (before) assert.deepEqual(shown(), before);
  }

  it('appears whole, with the files and a list of them, and nothing beside it', () => {
    write(MODEL);
    assert.deepEqual(listing(), [
      'out',
      'out/a.c',
      'out/bitloom.json',
      'out/kernels',
      'out/kernels/deep',
      'out/kernels/deep/d.h',
      'out/kernels/k.h',
    ]);
    assert.equal(read('kernels/deep/d.h'), 'int d;');
    assert.deepEqual(Object.keys(JSON.parse(read('bitloom.json')).files), Object.keys(MODEL));
    assert.equal(statSync(folder).mode & 0o777, 0o777 & ~process.umask());
  });

  it('is the same after a second run, which touches no file', () => {
    write(MODEL);
    const long = new Date(2020, 1, 1);
    for (const path of [...Object.keys(MODEL), 'bitloom.json']) utimesSync(join(folder, path), long, long);
    write(MODEL);
    for (const path of [...Object.keys(MODEL), 'bitloom.json'])
      assert.equal(statSync(join(folder, path)).mtimeMs, long.getTime(), path);
  });

  it('loses what is no longer generated, and keeps what is the user’s', () => {
    write(MODEL);
    put('main.c', 'mine');
    put('kernels/mine.h', 'mine');
    put('kernels/k.h', 'edited');
    write({ 'a.c': 'int b;' });
    assert.equal(read('a.c'), 'int b;');
    assert.deepEqual(listing(), [
      'out',
      'out/a.c',
      'out/bitloom.json',
      'out/kernels',
      'out/kernels/k.h',
      'out/kernels/mine.h',
      'out/main.c',
    ]);
  });

  it('can be a folder that has other files', () => {
    put('main.c', 'mine');
    write(MODEL);
    assert.equal(read('main.c'), 'mine');
    assert.equal(read('a.c'), MODEL['a.c']);
  });

  describe('a file that Bitloom did not write', () => {
    it('is not overwritten without --force', () => {
      put('a.c', 'mine');
      refused(() => write(MODEL), /'.*out\/a\.c' exists and was not written by Bitloom .*-o.*--force$/);
      write(MODEL, true);
      assert.equal(read('a.c'), MODEL['a.c']);
    });

    it('nor one that was edited since, and the message counts the others', () => {
      write(MODEL);
      put('a.c', 'edited');
      put('kernels/k.h', 'edited');
      refused(
        () => write({ ...MODEL, 'a.c': 'int b;' }),
        /'.*out\/a\.c' and 1 more exists and .* edited since/,
      );
      write(MODEL, true);
      assert.equal(read('a.c'), MODEL['a.c']);
    });

    it('nor a link, wherever it leads', () => {
      mkdirSync(folder, { recursive: true });
      symlinkSync('nowhere', join(folder, 'a.c'));
      refused(() => write(MODEL), /'.*out\/a\.c' exists/);
    });

    it('nor a bitloom.json of something else', () => {
      for (const text of ['{"name":"app"}', 'no JSON', '{"generator":"bitloom","files":null}', 'null']) {
        put('bitloom.json', text);
        refused(() => write(MODEL), /'.*out\/bitloom\.json' exists/);
      }
    });

    it('may stay where its contents are what would be written', () => {
      put('a.c', MODEL['a.c']);
      write(MODEL);
      assert.equal(read('a.c'), MODEL['a.c']);
    });
  });

  describe('when the disk is full', () => {
    const FILES = Object.keys(MODEL).length + 1;

    it('does not appear, and nothing stays beside it', () => {
      for (let n = 0; n < FILES; n++) {
        withFullDisk('writeFileSync', n, () =>
          assert.throws(() => write(MODEL), /BL403 .*: the disk is full\. /),
        );
        assert.deepEqual(listing(), []);
      }
      withFullDisk('renameSync', 0, () => assert.throws(() => write(MODEL), /BL403/));
      assert.deepEqual(listing(), []);
    });

    it('stays as it is where the files do not all fit', () => {
      write(MODEL);
      const changed = { 'a.c': 'a', 'b.c': 'b', 'kernels/k.h': 'k' };
      for (let n = 0; n < FILES; n++)
        withFullDisk('writeFileSync', n, () => {
          assert.throws(() => write(changed), /BL403/);
          assert.equal(listing().length, 7);
          for (const [path, text] of Object.entries(MODEL)) assert.equal(read(path), text);
        });
    });

    it('has whole files only, which the same command completes, after an end between two of them', () => {
      const changed = { 'a.c': 'a', 'b.c': 'b', 'kernels/k.h': 'k' };
      for (let n = 0; n <= Object.keys(changed).length; n++) {
        folder = workspace.path(`${number++}/out`);
        write(MODEL);
        withFullDisk('renameSync', n, () => assert.throws(() => write(changed), /BL403/));
        assert.equal(read('a.c'), n > 0 ? 'a' : MODEL['a.c']);
        assert.ok(listing().every((path) => !path.includes('staging')));
        write(changed);
        for (const [path, text] of Object.entries(changed)) assert.equal(read(path), text);
        assert.ok(!existsSync(join(folder, 'kernels/deep')));
      }
    });
  });

  it('only loses files inside of it, whatever its list says', () => {
    const outside = workspace.file('precious.txt', 'mine');
    put('bitloom.json', '');
    write(MODEL, true);
    const { files } = JSON.parse(read('bitloom.json'));
    const hash = files['a.c'];
    writeFileSync(outside, MODEL['a.c']);
    put(
      'bitloom.json',
      JSON.stringify({
        generator: 'bitloom',
        files: { ...files, '../../precious.txt': hash, [outside]: hash },
      }),
    );
    write(MODEL);
    assert.ok(existsSync(outside));
  });

  describe('what is in the way is refused before anything is written', () => {
    it('the folder is a file', () => {
      mkdirSync(join(folder, '..'), { recursive: true });
      writeFileSync(folder, 'mine');
      refused(() => write(MODEL, true), /'.*\/out' is a file where a folder must be\. Choose another folder/);
    });

    it('a folder above it is a file', () => {
      mkdirSync(join(folder, '..'), { recursive: true });
      writeFileSync(folder, 'mine');
      refused(() => writeArtifact(join(folder, 'deeper/out'), artifact(MODEL), true), /is a file|in the way/);
    });

    it('a folder inside of it is a file', () => {
      put('kernels', 'mine');
      refused(() => write(MODEL, true), /'.*out\/kernels' is a file where a folder must be/);
    });

    it('a file is a folder', () => {
      put('a.c/mine', 'mine');
      refused(() => write(MODEL, true), /'.*out\/a\.c' is a folder where a file must be/);
    });
  });

  it('that cannot be written is named with the reason', function () {
    if (process.getuid?.() === 0) {
      // Permissions do not hold root: a file system that takes no folders does.
      if (!existsSync('/proc/self')) this.skip();
      folder = '/proc/bitloom';
    } else {
      mkdirSync(join(folder, '..'), { recursive: true });
      chmodSync(join(folder, '..'), 0o555);
    }
    assert.throws(
      () => write(MODEL),
      /BL403 .*cannot write to '.*': (permission denied|there is no such file)\. /,
    );
    if (folder !== '/proc/bitloom') rmSync(join(folder, '..'), { recursive: true });
  });
});
