import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build as esbuild } from 'esbuild';
import { PNG } from 'pngjs';
import { build as vite } from 'vite';
import { build, load, plan } from '../../src/index.js';
import { evaluate } from '../../src/oracle/index.js';
import type { Artifact } from '../../src/plan/artifact.js';
import { Folders, text } from '../support/artifacts.js';
import { findChromium, runInChromium } from '../support/chromium.js';
import { sharedPath } from '../support/shared.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/digits', import.meta.url));
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; img-src 'self' data:";

/** An app of the package: it classifies an image, in the page and in a worker, and tells the page that it is framed in. */
const APP = {
  'index.html': '<!doctype html><script type="module" src="./main.js"></script>',
  'classify.js': `import { loadModel } from './load.js';
export async function classify(codes) {
  const model = await loadModel();
  model.input.set(codes);
  return [...model.run()];
}
`,
  'worker.js': `import { classify } from './classify.js';
onmessage = async ({ data }) => postMessage(await classify(data));
`,
  'main.js': `import { classify } from './classify.js';
const image = await createImageBitmap(await (await fetch('/images/7.png')).blob());
const context = new OffscreenCanvas(28, 28).getContext('2d');
context.drawImage(image, 0, 0);
const { data } = context.getImageData(0, 0, 28, 28);
const codes = Int8Array.from({ length: 28 * 28 }, (_, i) => data[4 * i] - 128);
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.onmessage = async ({ data }) => parent.postMessage({ page: await classify(codes), worker: data });
worker.postMessage(codes);
`,
};

/** How an app may load the model. */
const LOADS = {
  files: `export { load as loadModel } from 'digits';`,
  inline: `export { load as loadModel } from 'digits-inline';`,
  bytes: `import { load } from 'digits';
import wasm from 'digits/digits.wasm';
export const loadModel = () => load(wasm);`,
};

/** What each framed app says, and what the policy of the page kept it from. */
const frames = (paths: readonly string[]) => `
  const violations = [];
  const said = {};
  for (const path of ${JSON.stringify(paths)}) {
    const frame = document.createElement('iframe');
    frame.src = path;
    const message = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
    document.body.append(frame);
    frame.contentWindow.addEventListener('securitypolicyviolation', ({ blockedURI }) => violations.push(blockedURI));
    said[path] = (await message).data;
  }
  return { said, violations };`;

/** Gives the demo page an image as a user does, then draws a line. */
const DEMO = `
  const frame = document.createElement('iframe');
  frame.src = '/package/demo/index.html';
  document.body.append(frame);
  await new Promise((resolve) => { frame.onload = resolve; });
  const page = frame.contentDocument;
  const until = async (found) => {
    while (!found()) await new Promise((resolve) => setTimeout(resolve, 10));
    return found();
  };
  const result = () => until(() => page.querySelector('#result td')?.textContent);
  await until(() => page.querySelector('#status').textContent === 'Ready');
  const titles = [...page.querySelectorAll('#kinds button')].map((button) => button.textContent);
  const canvas = page.querySelector('canvas');
  for (const [type, y] of [['pointerdown', 40], ['pointermove', 240]])
    canvas.dispatchEvent(new frame.contentWindow.PointerEvent(type, { clientX: canvas.getBoundingClientRect().x + 140, clientY: canvas.getBoundingClientRect().y + y, buttons: 1 }));
  const drawn = await result();
  page.querySelectorAll('#kinds button')[1].click();
  const input = page.querySelector('input[type=file]');
  const transfer = new DataTransfer();
  transfer.items.add(new File([await (await fetch('/images/7.png')).blob()], '7.png', { type: 'image/png' }));
  input.files = transfer.files;
  input.dispatchEvent(new Event('change'));
  const chosen = await result();
  return { titles, drawn, chosen, status: page.querySelector('#status').textContent };`;

describe('the npm packages of a model', () => {
  const folders = new Folders();
  after(() => folders.remove());
  let artifact: Artifact;
  let built: string;
  let project: string;
  let codes: Int8Array;
  let expected: readonly number[];

  before(async () => {
    const model = load(readFileSync(join(EXAMPLE, 'digits.tflite')), 'digits.tflite');
    artifact = await build(model, plan(model, 'web'));
    built = folders.write(artifact);
    const png = PNG.sync.read(readFileSync(join(EXAMPLE, 'images/7.png')));
    codes = Int8Array.from({ length: 28 * 28 }, (_, i) => png.data[4 * i]! - 128);
    expected = [...(evaluate(model.source, [codes])[model.source.outputs[0]!] as Int8Array)];
    project = folders.write(new Map([['package.json', new TextEncoder().encode('{ "private": true }')]]));
    npm('pack', built, join(built, 'inline'), '--pack-destination', project);
    npm('install', '--offline', '--no-audit', '--no-fund', './digits-0.0.0.tgz', './digits-inline-0.0.0.tgz');
  });

  function npm(...args: readonly string[]): string {
    return execFileSync('npm', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** The folder of an app that loads the model in one of these ways. */
  function app(load: keyof typeof LOADS): string {
    const folder = join(project, load);
    mkdirSync(folder);
    for (const [name, content] of Object.entries({ ...APP, 'load.js': LOADS[load] }))
      writeFileSync(join(folder, name), content);
    return folder;
  }

  for (const folder of ['', 'inline/'])
    it(`says what npm wants to know, and holds what it says${folder ? ', inline too' : ''}`, () => {
      const described = JSON.parse(text(artifact, `${folder}package.json`));
      assert.equal(described.license, 'Apache-2.0');
      assert.equal(described.sideEffects, false);
      const targets = Object.values<string | object>(described.exports).flatMap((target) =>
        typeof target === 'string' ? [target] : Object.values(target),
      );
      for (const target of targets) assert.ok(artifact.has(folder + target.slice(2)), target);
      for (const file of described.files) assert.ok(artifact.has(folder + file), file);
      assert.equal(targets.includes('./digits.wasm'), folder === '');
    });

  it('of KWS takes at most 90 kB, packed or not, with files as inline', async function () {
    const path = sharedPath('models/tflite/kws.tflite');
    if (path === null) {
      console.log('      skipped: needs KWS');
      this.skip();
    }
    const model = load(readFileSync(path), 'kws.tflite');
    const both = folders.write(await build(model, plan(model, 'web')));
    for (const { name, size, unpackedSize } of JSON.parse(
      npm('pack', both, join(both, 'inline'), '--dry-run', '--json'),
    ))
      assert.ok(size < unpackedSize && unpackedSize <= 90_000, `${name}: ${size}, ${unpackedSize} unpacked`);
  });

  for (const entry of ['digits', 'digits-inline'])
    it(`gives the oracle's bytes to Node by '${entry}'`, () => {
      const script = `import { load } from '${entry}';
const model = await load();
model.input.set(${JSON.stringify([...codes])});
console.log(JSON.stringify([...model.run()]));`;
      const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: project,
        env: {},
      });
      assert.deepEqual(JSON.parse(printed.toString()), expected);
    });

  it('runs in an engine without anything of a page, by its inline package as one script', async () => {
    const { outputFiles } = await esbuild({
      stdin: { contents: `export { load } from 'digits-inline';`, resolveDir: project },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'digits',
      logLevel: 'error',
    });
    const bare = vm.createContext({});
    assert.deepEqual(
      vm.runInContext(
        `['fetch', 'URL', 'atob', 'TextDecoder', 'process'].filter((name) => name in globalThis)`,
        bare,
      ).length,
      0,
    );
    vm.runInContext(outputFiles[0]!.text, bare);
    const result = await vm.runInContext(
      `digits.load().then((model) => { model.input.set(${JSON.stringify([...codes])}); return JSON.stringify([...model.run()]); })`,
      bare,
    );
    assert.deepEqual(JSON.parse(result), expected);
  });

  it('has an inline package that says what an engine without SIMD lacks', async () => {
    const bare = vm.createContext({});
    vm.runInContext('WebAssembly.validate = () => false', bare);
    const { outputFiles } = await esbuild({
      stdin: { contents: `export { load } from 'digits-inline';`, resolveDir: project },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'digits',
    });
    vm.runInContext(outputFiles[0]!.text, bare);
    await assert.rejects(vm.runInContext('digits.load()', bare), /digits needs WebAssembly SIMD/);
  });

  describe('in Chromium, under a policy that allows WebAssembly but no eval and no other origin', () => {
    before(function () {
      if (findChromium() !== null) return;
      console.log('      skipped: needs chromium');
      this.skip();
    });

    it("gives the oracle's bytes in the page and in a worker, bundled by Vite and by esbuild", async function () {
      this.timeout(60_000);
      const out = join(project, 'out');
      await vite({
        root: app('files'),
        base: './',
        logLevel: 'error',
        worker: { format: 'es' },
        build: { outDir: join(out, 'vite'), target: 'esnext' },
      });
      for (const load of ['inline', 'bytes'] as const) {
        const folder = app(load);
        await esbuild({
          entryPoints: [join(folder, 'main.js'), join(folder, 'worker.js')],
          bundle: true,
          format: 'esm',
          target: 'esnext',
          loader: { '.wasm': 'binary' },
          outdir: join(out, load),
          logLevel: 'error',
        });
        cpSync(join(folder, 'index.html'), join(out, load, 'index.html'));
      }
      const paths = ['vite', 'inline', 'bytes'].map((name) => `/out/${name}/index.html`);
      const mounts = { out, images: join(EXAMPLE, 'images') };
      const { said, violations } = await runInChromium<{
        said: Readonly<Record<string, unknown>>;
        violations: readonly string[];
      }>(mounts, frames(paths), { policy: POLICY });
      assert.deepEqual(violations, []);
      for (const path of paths) assert.deepEqual(said[path], { page: expected, worker: expected }, path);
    });

    it('has a demo page on which one draws, or chooses an image', async function () {
      this.timeout(60_000);
      const mounts = { package: built, images: join(EXAMPLE, 'images') };
      const seen = await runInChromium<Record<string, unknown>>(mounts, DEMO, { policy: POLICY });
      assert.deepEqual(seen.titles, ['Draw', 'Image file', 'File of bytes']);
      assert.match(String(seen.drawn), /^\d$/);
      assert.equal(seen.chosen, '7');
      assert.match(String(seen.status), / ms$|Faster than the clock/);
    });
  });
});
