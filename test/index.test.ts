import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeTflite } from '../src/export/tflite/writer.js';
import type { Graph } from '../src/graph/graph.js';
import { BitloomError, boardIds, build, load, loadBoard, modelName, plan, verify } from '../src/index.js';
import { findTool } from '../src/verify/tools.js';
import { Folders, run } from './support/artifacts.js';
import { addModel, DIGITS } from './support/cli.js';

const digits = () => load(readFileSync(DIGITS), DIGITS);
const add = (fileName = 'add.tflite') => load(writeTflite(addModel()), fileName);

describe('load', () => {
  it('names a model, hashes its file, and keeps the network as the file says beside the optimized one', () => {
    const model = digits();
    assert.equal(model.name, 'digits');
    assert.equal(model.hash, createHash('sha256').update(readFileSync(DIGITS)).digest('hex'));
    for (const graph of [model.source, model.graph]) {
      assert.equal(graph.name, 'digits');
      assert.equal(graph.nodes.at(-1)?.kind, 'SOFTMAX');
    }
  });

  it('throws a BitloomError with its number, the file, and the way out', () => {
    assert.throws(
      () => load(new Uint8Array(3), 'some/notes.txt'),
      (error) => {
        assert.ok(error instanceof BitloomError);
        assert.equal(error.code, 'BL101');
        assert.match(error.problem, /'some\/notes\.txt'/);
        assert.match(error.wayOut, /\.tflite/);
        return true;
      },
    );
  });
});

describe('plan', () => {
  it('takes a board or its id', () => {
    const model = digits();
    for (const id of boardIds()) assert.deepEqual(plan(model, id), plan(model, loadBoard(id)));
  });

  it('puts the model’s name and hash into the plan', () => {
    const model = digits();
    const { prefix, modelHash, board } = plan(model, 'pico');
    assert.deepEqual([prefix, modelHash, board.id], [model.name, model.hash, 'pico']);
  });
});

describe('build', () => {
  it('gives C with a firmware project for a board, and a package for web, without touching the disk', async () => {
    const model = add();
    const firmware = await build(model, plan(model, 'pico'));
    for (const path of ['add.h', 'add.c', 'Makefile', 'selftest/selftest_vectors.c'])
      assert.ok(firmware.has(path), path);
    const module = await build(model, plan(model, 'web'));
    for (const path of ['add.wasm', 'add.js', 'add.d.ts', 'inline/add.js', 'package.json', 'demo/index.html'])
      assert.ok(module.has(path), path);
    assert.ok(WebAssembly.validate(module.get('add.wasm')! as BufferSource));
  });

  it('gives the same bytes again', async () => {
    for (const board of ['nucleo-f746zg', 'web']) {
      const [first, second] = [
        await build(add(), plan(add(), board)),
        await build(add(), plan(add(), board)),
      ];
      assert.deepEqual([...second], [...first]);
    }
  });
});

describe('verify', () => {
  it('compares every byte of the given or of 3 generated inferences', async () => {
    const { equal, vectors, runner } = await verify(add(), 'web');
    assert.deepEqual([equal, vectors, runner], [true, 3, `Node ${process.version}`]);
    const codes = new Int8Array([-128, -100, -50, -1, 0, 1, 50, 127]);
    assert.equal((await verify(add(), 'web', { vectors: [[codes, codes]] })).vectors, 1);
  });

  it('says by layer and element where the planned network differs from the imported one', async () => {
    const model = add();
    // Passes that had got the output's clamp wrong.
    const [node] = model.graph.nodes;
    const graph = {
      ...model.graph,
      nodes: [{ ...node, attributes: { clamp: { min: 5, max: 127 } } }],
    } as unknown as Graph;
    const codes = [new Int8Array([40, 1, 1, 1, 1, 1, 1, 1]), new Int8Array(8)];
    const { equal, firstDifference } = await verify({ ...model, graph }, 'web', { vectors: [codes] });
    assert.equal(equal, false);
    assert.deepEqual(firstDifference, {
      vector: 0,
      layer: null,
      tensor: 'out0',
      index: 1,
      expected: 1,
      actual: 5,
    });
  });
});

describe('modelName', () => {
  const NAMES: readonly (readonly [fileName: string, name: string])[] = [
    ['kws.tflite', 'kws'],
    ['path/to/My Model-1.tflite', 'my_model_1'],
    ['C:\\models\\Person_Detect.TFLITE', 'person_detect'],
    ['mobilenet.v1.0.25.tflite', 'mobilenet_v1_0_25'],
    ['no-extension', 'no_extension'],
    ['_kws_.tflite', 'kws'],
    ['a\nb.tflite', 'a_b'],
    ["it's * a #define.tflite", 'it_s_a_define'],
    // Identifiers begin with a letter.
    ['1st.tflite', 'model_1st'],
    ['模型.tflite', 'model'],
    ['.tflite', 'model'],
    ['', 'model'],
    // Keywords are none.
    ['int.tflite', 'model_int'],
    ['While.tflite', 'model_while'],
    // Headers of the C library, which a model's header would hide.
    ['string.tflite', 'model_string'],
    ['stdint.tflite', 'model_stdint'],
    // Names of the kernels and of the self-test.
    ['bl.tflite', 'model_bl'],
    ['bl_add.tflite', 'model_bl_add'],
    ['selftest.tflite', 'model_selftest'],
    ['platform.tflite', 'model_platform'],
    ['example.tflite', 'model_example'],
    ['example_net.tflite', 'example_net'],
    ['bitloom-selftest.tflite', 'model_bitloom_selftest'],
    ['blue.tflite', 'blue'],
    // Targets of CMake's own, libraries that projects link by name, and the file that CubeMX writes.
    ['test.tflite', 'model_test'],
    ['m.tflite', 'model_m'],
    ['main.tflite', 'model_main'],
    ['testing.tflite', 'testing'],
    // What converters write can be long without end.
    [`${'long_'.repeat(60)}.tflite`, 'long_long_long_long_long_long_long_long'],
  ];

  for (const [fileName, name] of NAMES)
    it(`${JSON.stringify(fileName.length > 40 ? `${fileName.slice(0, 37)}...` : fileName)} -> ${name}`, () => {
      assert.equal(modelName(fileName), name);
      assert.match(name, /^[a-z][a-z0-9_]*$/);
    });

  it('gives names under which the generated C compiles and links with its self-test', async function () {
    if (!findTool('gcc')) {
      console.log('      skipped: needs gcc');
      this.skip();
    }
    const folders = new Folders();
    // With every folder among those where headers are looked for, as users may have it.
    const flags = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-I.', '-Ikernels', '-Iselftest', '-Iplatform'];
    try {
      for (const name of ['int', 'string', 'bl', 'selftest', 'platform', 'add', 'kernel', 'main', 'model']) {
        const model = add(`${name}.tflite`);
        const artifact = await build(model, plan(model, 'host'));
        const sources = [...artifact.keys()].filter(
          (path) => path.endsWith('.c') && !path.startsWith('example/'),
        );
        const folder = folders.write(artifact);
        run('gcc', [...flags, '-o', 'program', ...sources], folder);
        assert.match(run('./program', [], folder).toString(), /^done pass$/m, name);
      }
    } finally {
      folders.remove();
    }
  });

  it('gives names that CMake takes for libraries, whatever the file is called', function () {
    if (!findTool('cmake')) {
      console.log('      skipped: needs cmake');
      this.skip();
    }
    const refused =
      'all clean edit_cache help install package package_source preinstall rebuild_cache test'.split(' ');
    const folders = new Folders();
    const project = (names: readonly string[]) =>
      folders.write(
        new Map([
          ['x.c', new Uint8Array()],
          [
            'CMakeLists.txt',
            new TextEncoder().encode(
              `cmake_minimum_required(VERSION 3.16)\nproject(app LANGUAGES C)\ninclude(CTest)\ninclude(CPack)\n${names.map((name) => `add_library(${name} x.c)\n`).join('')}`,
            ),
          ],
        ]),
      );
    try {
      const { stderr } = spawnSync('cmake', ['-B', 'build'], { cwd: project(refused), encoding: 'utf8' });
      for (const name of refused) assert.match(stderr, new RegExp(`"${name}"\\s+is\\s+reserved`));
      run('cmake', ['-B', 'build'], project(refused.map((name) => modelName(`${name}.tflite`))));
    } finally {
      folders.remove();
    }
  });
});
