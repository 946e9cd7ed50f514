import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../src/verify/tools.js';
import { addModel, bitloom, DIGITS, Workspace } from '../support/cli.js';

/** Every file below a folder with its contents. */
function contents(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    paths
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'latin1')]),
  );
}

describe('bitloom build', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it('writes C with a firmware project, lists its files, and says what comes next', async () => {
    const folder = workspace.path('digits pico');
    const { exitCode, stdout, stderr } = await bitloom('build', DIGITS, '--board', 'pico', '-o', folder);
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    const files = contents(folder);
    const listed = [...stdout.matchAll(/^ *([\d,]+) {2}(.*)$/gm)].map(([, bytes, path]) => [
      path,
      Number(bytes!.replaceAll(',', '')),
    ]);
    files.delete('bitloom.json');
    assert.deepEqual(
      listed.sort(),
      [...files].map(([path, text]) => [`${folder}/${path}`, text.length]).sort(),
    );
    for (const path of ['digits.h', 'digits.c', 'digits_weights.c', 'Makefile', 'platform/boot2.S'])
      assert.ok(files.has(path), path);
    assert.match(stdout, /^fits pico: /m);
    assert.match(
      stdout,
      /^next: make -C '.*digits pico' {4}or: bitloom verify \S*digits\.tflite --board pico$/m,
    );
  });

  it('--json lists the same, and whether the model fits', async () => {
    const folder = workspace.path('json');
    const { stdout } = await bitloom('build', DIGITS, '--board', 'pico', '-o', folder, '--json');
    const { files, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, { model: 'digits', board: 'pico', folder, fits: true });
    const written = contents(folder);
    written.delete('bitloom.json');
    assert.deepEqual(
      new Map(files.map(({ file, bytes }: { file: string; bytes: number }) => [file, bytes])),
      new Map([...written].map(([path, text]) => [path, text.length]).sort() as [string, number][]),
    );
  });

  it('writes an npm package for web', async () => {
    const folder = workspace.path('web');
    const { exitCode, stdout } = await bitloom('build', DIGITS, '-b', 'web', '-o', folder);
    assert.equal(exitCode, 0);
    for (const file of [
      'bitloom.json',
      'digits.d.ts',
      'digits.js',
      'digits.wasm',
      'package.json',
      'README.md',
    ])
      assert.ok(contents(folder).has(file), file);
    assert.match(stdout, /^next: bitloom verify \S*digits\.tflite --board web$/m);
  });

  it('gives the same bytes each time, wherever the model lies', async () => {
    const copy = workspace.file('elsewhere/digits.tflite', readFileSync(DIGITS));
    for (const board of ['nucleo-f446re', 'web']) {
      const [first, second] = [workspace.path(`${board}-1`), workspace.path(`${board}-2`)];
      await bitloom('build', DIGITS, '-b', board, '-o', first);
      await bitloom('build', copy, '-b', board, '-o', second);
      assert.deepEqual(contents(second), contents(first));
    }
  });

  it('names the folder after model and board where none is given', async () => {
    const path = workspace.model('Two Numbers.tflite', addModel());
    const before = process.cwd();
    process.chdir(workspace.folder);
    try {
      const { stdout } = await bitloom('build', path, '-b', 'host', '--json');
      assert.equal(JSON.parse(stdout).folder, 'two_numbers-host');
      assert.ok(contents('two_numbers-host').has('two_numbers.h'));
    } finally {
      process.chdir(before);
    }
  });

  it('makes a project whose self-test passes', async function () {
    if (!findTool('make') || !findTool('cc')) {
      console.log('      skipped: needs make and cc');
      this.skip();
    }
    const folder = workspace.path('host');
    await bitloom('build', DIGITS, '-b', 'host', '-o', folder);
    const { stdout, stderr, status } = spawnSync('make', ['-s', 'run'], { cwd: folder, encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.match(stdout, /^run 0 pass .*$/m);
    assert.match(stdout, /^done pass$/m);
    assert.equal(status, 0);
  });
});
