import assert from 'node:assert/strict';
import { boardIds } from '../../boards/index.js';
import { addModel, bitloom, DIGITS, Workspace } from '../support/cli.js';

describe('bitloom plan', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it('without a board has one line a board', async () => {
    const { exitCode, stdout, stderr } = await bitloom('plan', DIGITS);
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    const [head, ...lines] = stdout.trimEnd().split('\n');
    assert.match(head!, /^board +fits +arena +constants +code +instructions$/);
    assert.deepEqual(
      lines.map((line) => line.split(/\s+/).slice(0, 2)),
      boardIds().map((id) => [id, 'yes']),
    );
  });

  it('with a board has one line a step, the totals, and whether it fits', async () => {
    const { exitCode, stdout } = await bitloom('plan', DIGITS, '--board', 'pico');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^digits on Raspberry Pi Pico \(RP2040\) \(pico\)$/m);
    assert.match(stdout, /^conv_2d_0 +1x14x14x12 +21,168 /m);
    assert.match(stdout, /^total +149,880 /m);
    assert.match(stdout, /^arena [\d,]+ bytes, input and output included \(.*\)$/m);
    assert.match(stdout, /^fits pico: [\d,]+ of 2,097,152 bytes of FLASH, [\d,]+ of 270,336 bytes of RAM$/m);
    for (const line of stdout.split('\n')) assert.equal(line, line.trimEnd());
  });

  it('--json has the figures of the text, an object with a board, an array without', async () => {
    const planned = JSON.parse((await bitloom('plan', DIGITS, '--board', 'pico', '--json')).stdout);
    const all = JSON.parse((await bitloom('plan', DIGITS, '--json')).stdout);
    assert.deepEqual(
      all.map(({ board }: { board: string }) => board),
      boardIds(),
    );
    assert.deepEqual(
      all.find(({ board }: { board: string }) => board === 'pico'),
      planned,
    );
    assert.deepEqual([planned.model, planned.board, planned.fits], ['digits', 'pico', true]);
    const sum = (key: string) =>
      planned.layers.reduce((total: number, layer: Record<string, number>) => total + layer[key]!, 0);
    for (const key of ['macs', 'instructions', 'cycles']) assert.equal(planned[key], sum(key), key);
    // Of the layers, and what they have in common.
    assert.ok(planned.codeBytes > sum('codeBytes'));
    for (const key of ['arenaBytes', 'stackBytes', 'constantBytes']) assert.ok(planned[key] > 0, key);
    assert.equal(
      planned.arenaBytes,
      Math.max(...planned.layers.map((l: { liveBytes: number }) => l.liveBytes)),
    );
  });

  it('exits with 1 and says who needs the memory when a model does not fit the board', async () => {
    // Two inputs and an output of 160,000 bytes, of which one can lie on another; 131,072 bytes of RAM.
    const path = workspace.model('large.tflite', addModel([1, 400, 400, 1]));
    const { exitCode, stdout } = await bitloom('plan', path, '--board', 'nucleo-f446re');
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /^does not fit nucleo-f446re: [\d,]+ bytes short of RAM \(needs [\d,]+, has 131,072\); most of it is for add_0 /m,
    );
    const json = await bitloom('plan', path, '--board', 'nucleo-f446re', '--json');
    assert.equal(json.exitCode, 1);
    assert.equal(JSON.parse(json.stdout).fits, false);
    const all = await bitloom('plan', path);
    assert.equal(all.exitCode, 0);
    assert.match(all.stdout, /^nucleo-f446re +no .* does not fit nucleo-f446re: /m);
    assert.match(all.stdout, /^mps2-an386 +yes /m);
  });

  it('suggests the nearest board', async () => {
    const { exitCode, stderr } = await bitloom('plan', DIGITS, '--board', 'pcio');
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /^error BL303 unknown board: no board 'pcio'\. Did you mean pico\? The boards are android-arm64-v8a, /,
    );
  });

  it('says the same again', async () => {
    assert.deepEqual(await bitloom('plan', DIGITS, '--json'), await bitloom('plan', DIGITS, '--json'));
  });
});
