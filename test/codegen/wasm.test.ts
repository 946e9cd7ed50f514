import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { instantiate } from '@assemblyscript/loader';
import ts from 'typescript';
import { compileAssemblyScript } from '../../codegen/wasm/compile.js';
import { emitWasm, wasmText } from '../../codegen/wasm/index.js';
import { layoutOf, pagesFor } from '../../codegen/wasm/layout.js';
import { link } from '../../codegen/wasm/link.js';
import type { BitloomError } from '../../src/graph/diagnostics.js';
import { toBytes } from '../../src/graph/tensor.js';
import { evaluate, initialState } from '../../src/oracle/index.js';
import type { Artifact } from '../../src/plan/artifact.js';
import { Folders, planFor } from '../support/artifacts.js';
import { importWasm, runWasm, type WasmBindings } from '../support/node-wasm.js';
import { manyPorts, someInputs, stateful, twoLayers } from '../support/small-models.js';

const GRAPHS = { twoLayers, manyPorts, stateful };
const RUNS = [0, 1, 2, 3, 4, 5];

describe('generated WASM', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const [name, make] of Object.entries(GRAPHS)) {
    it(`of ${name} runs as the oracle says, run after run, each instance for itself`, async () => {
      const graph = make();
      const { load } = await importWasm(planFor(graph, 'web', 'model'), folders);
      for (const model of [await load(), await load()]) {
        const state = initialState(graph);
        for (const k of RUNS) {
          const inputs = someInputs(graph, k);
          const contents = evaluate(graph, inputs, state);
          const expected = Buffer.concat(graph.outputs.map((id) => toBytes(contents[id]!)));
          assert.deepEqual(runWasm(model, inputs.map(toBytes)), expected);
        }
      }
    });
  }

  it('imports nothing, exports what the bindings need, and has exactly the memory it uses', async () => {
    for (const trace of [false, true]) {
      const plan = planFor(stateful(), 'web', 'model');
      const wasm = fileOf(await emitWasm(plan, { trace }), 'model.wasm');
      const { module, instance, exports } = await instantiate(wasm);
      assert.deepEqual(WebAssembly.Module.imports(module), []);
      const expected = ['memory', 'reset', 'run', ...(trace ? ['run_step'] : [])];
      assert.deepEqual(Object.keys(instance.exports).sort(), expected);
      assert.equal(exports.memory!.buffer.byteLength, 65536 * pagesFor(layoutOf(plan).end));
      assert.throws(() => exports.memory!.grow(1));
    }
  });

  it('shows every step of a traced build', async () => {
    const graph = manyPorts();
    const { load, steps } = await importWasm(planFor(graph, 'web', 'model'), folders, true);
    assert.deepEqual(
      steps.map(({ name, operator }) => [name, operator]),
      [
        ['add_0', 'ADD'],
        ['dequantize_1', 'DEQUANTIZE'],
      ],
    );
    const model = await load();
    const inputs = someInputs(graph, 3);
    inputs.forEach((codes, i) => {
      model.inputs[i]!.set(codes as never);
    });
    const contents = evaluate(graph, inputs);
    steps.forEach((_, i) => {
      assert.deepEqual(model.runStep(i)[0], contents[2 + i]);
    });
  });

  it('is built the same twice, and can be read as text', async () => {
    const plan = planFor(twoLayers(), 'web', 'model');
    const first = await emitWasm(plan);
    assert.deepEqual(await emitWasm(plan), first);
    assert.match(
      await wasmText(fileOf(first, 'model.wasm')),
      /^\(module[\s\S]*\(export "run" \(func \$\w+\)\)/,
    );
  });

  it('keeps the static data of kernels behind the arena', async () => {
    const entry =
      'const table = memory.data<u8>([7, 8, 9]);\nexport function run(): i32 { return <i32>table; }';
    const constants = [{ address: 1024, bytes: Uint8Array.of(1) }];
    const compiled = await compileAssemblyScript(entry, 70000);
    const linked = link(compiled, { constants, exports: new Set(['memory', 'run']), end: 70000 });
    const { exports } = await instantiate<{ run(): number }>(Uint8Array.from(linked));
    const address = exports.run();
    assert.ok(address >= 70000);
    assert.deepEqual([...new Uint8Array(exports.memory!.buffer, address, 3)], [7, 8, 9]);
  });

  it('names the first mistake in a kernel', async () => {
    const entry = `import { missing } from './assembly/strided_copy';\nexport function run(): void { missing(); }`;
    await assert.rejects(compileAssemblyScript(entry, 1024), (error: BitloomError) => {
      assert.equal(error.code, 'BL402');
      assert.match(error.problem, /'missing'.* in model\.ts\(1,10\)$/);
      return true;
    });
  });
});

describe('the ES module around it', () => {
  const folders = new Folders();
  after(() => folders.remove());
  const graph = twoLayers();
  let artifact: Artifact;
  let bindings: WasmBindings;

  before(async () => {
    artifact = await emitWasm(planFor(graph, 'web', 'model'));
    bindings = await import(pathToFileURL(join(folders.write(artifact), 'model.js')).href);
  });

  it('loads from a URL, a response, bytes and a compiled module', async () => {
    const wasm = fileOf(artifact, 'model.wasm');
    const server = createServer(({ url }, response) => {
      response.writeHead(url === '/none' ? 404 : 200, {
        'content-type': url === '/stream' ? 'application/wasm' : 'application/octet-stream',
      });
      response.end(url === '/none' ? '' : wasm);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const sources = [
        new URL(`${base}/stream`),
        `${base}/file`,
        await fetch(`${base}/stream`),
        wasm,
        wasm.buffer,
        await WebAssembly.compile(wasm),
      ];
      for (const source of sources) {
        const model = await bindings.load(source);
        assert.equal(model.input.length, 6);
        model.run();
      }
      await assert.rejects(bindings.load(`${base}/none`), /HTTP status 404/);
    } finally {
      server.close();
    }
  });

  it('turns real values into codes as TensorFlow Lite does, and back', async () => {
    const model = await bindings.load();
    // Scale 0.05, zero point -4: ties away from zero in float32 arithmetic, ends clamped.
    model.quantize([0, 0.026, -0.026, 1, 100, -100]);
    assert.deepEqual([...model.input], [-4, -3, -5, 16, 127, -128]);
    model.run();
    const real = model.dequantize();
    assert.deepEqual(
      [...real],
      Array.from(model.output as Int8Array, (code) => (code + 128) / 256),
    );
    assert.throws(() => model.quantize([1, 2]), /input 0 takes 6 values, not 2/);
  });

  it('types shapes, scales, views and what the build can do', async () => {
    const user = `import { inputs, load, type Model } from './model.js';
import { load as loadTraced, steps } from './traced.js';
const shape: readonly [1, 6] = inputs[0].shape;
const scale: 0.05000000074505806 = inputs[0].scale;
const model: Model = await load(new URL('https://example.org/model.wasm'));
const view: Int8Array = model.input;
const result: Int8Array = model.run();
const real: Float32Array = model.dequantize(0);
model.quantize([1, 2, 3]);
// @ts-expect-error: there is one input
inputs[1].shape;
// @ts-expect-error: the model keeps no state
model.reset();
// @ts-expect-error: the build is not traced
model.runStep(0);
const traced = await loadTraced();
traced.reset();
const layers: readonly ArrayBufferView[] = steps.flatMap((_, i) => traced.runStep(i));
export { layers, real, result, scale, shape, view };
`;
    const traced = await emitWasm(planFor(stateful(), 'web', 'traced'), { trace: true });
    const folder = folders.write(artifact, traced, new Map([['user.ts', new TextEncoder().encode(user)]]));
    const program = ts.createProgram([join(folder, 'user.ts')], {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      skipDefaultLibCheck: true,
      types: [],
    });
    const problems = ts.getPreEmitDiagnostics(program);
    assert.deepEqual(
      problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
      [],
    );
  });

  it('keeps strange names inside their quotes', async () => {
    const { load, ...rest } = await importWasm(planFor(manyPorts(), 'web', 'model'), folders);
    assert.equal((await load()).inputs.length, 2);
    assert.deepEqual(
      (rest as unknown as { inputs: { name: string }[] }).inputs.map(({ name }) => name),
      ['a * / b / * c', '<22>quoted<5c><22> <27><60>$<60><a>'],
    );
  });
});

function fileOf(artifact: Artifact, path: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(artifact.get(path)!);
}
