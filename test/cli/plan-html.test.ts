import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { bitloom, DIGITS, Workspace } from '../support/cli.js';

describe('bitloom plan --html', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());
  const draw = (...more: string[]) => bitloom('plan', DIGITS, '--board', 'pico', ...more);

  it('writes a page, again over itself, and says how large it is', async () => {
    const file = workspace.path('digits.html');
    const first = await draw('--html', file);
    assert.deepEqual([first.exitCode, first.stderr], [0, '']);
    const page = readFileSync(file);
    assert.match(
      first.stdout,
      new RegExp(`^${page.length.toLocaleString('en-US')}  .*digits\\.html\nfits pico: `),
    );
    assert.deepEqual(await draw('--html', file), first);
    assert.deepEqual(readFileSync(file), page);
    const { stdout } = await draw('--html', file, '--json');
    assert.deepEqual(JSON.parse(stdout), { file, bytes: page.length, fits: true });
  });

  it('names the page after model and board where no file is named', async () => {
    const before = process.cwd();
    process.chdir(workspace.folder);
    try {
      await draw('--html');
    } finally {
      process.chdir(before);
    }
    assert.ok(existsSync(workspace.path('digits-pico.html')));
  });

  it('refuses a path that cannot be written, and a file that is no such page', async () => {
    const nowhere = await draw('--html', workspace.path('no/such/folder.html'));
    assert.equal(nowhere.exitCode, 1);
    assert.match(
      nowhere.stderr,
      /BL403 output not writable: cannot write '.*': there is no such file\. Give another file/,
    );
    const folder = await draw('--html', workspace.folder);
    assert.match(folder.stderr, /BL403 .*: it is a folder/);
    const notes = workspace.file('notes.html', 'mine');
    assert.match(
      (await draw('--html', notes)).stderr,
      /BL403 .*notes\.html' is there and no page that Bitloom wrote/,
    );
    assert.equal(readFileSync(notes, 'utf8'), 'mine');
  });

  it('is of one board', async () => {
    const { exitCode, stderr } = await bitloom('plan', DIGITS, '--html', workspace.path('all.html'));
    assert.equal(exitCode, 2);
    assert.match(stderr, /BL602 wrong usage: --html without a board/);
  });
});
