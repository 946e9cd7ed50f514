import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { boardIds, loadBoard } from '../../boards/index.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import type { Graph } from '../../src/graph/graph.js';
import { perTensor } from '../../src/graph/tensor.js';
import { verify } from '../../src/verify/index.js';
import { findTool, type ToolName } from '../../src/verify/tools.js';
import { planFor } from '../support/artifacts.js';
import { ALL_BYTES, BYTES, Sketch } from '../support/sketch.js';

const NEEDS: Readonly<Record<string, readonly ToolName[]>> = {
  qemu: ['make', 'arm-none-eabi-gcc', 'qemu-system-arm'],
  'qemu-user': ['make', 'cc', 'clang', 'ld.lld', 'qemu-aarch64', 'arm-none-eabi-gcc'],
  rp2040js: ['make', 'arm-none-eabi-gcc'],
  host: ['make', 'cc'],
  node: [],
};

/** Skips the test, saying why, where the board's tools are missing. */
function needsToolsOf(test: Mocha.Context, board: string): void {
  const missing = NEEDS[loadBoard(board).emulator.runner]!.filter((tool) => findTool(tool) === null);
  if (missing.length === 0) return;
  console.log(`      skipped: ${board} needs ${missing.join(', ')}`);
  test.skip();
}

/** Two steps: the sum of the input and a constant, then its transpose. */
function sumAndTranspose(addend: number, limit = 127): Graph {
  const sketch = new Sketch();
  const x = sketch.input('x', [2, 12]);
  const constant = sketch.constant([2, 12], new Int8Array(24).fill(addend));
  const clamp = { min: -128, max: limit };
  const sum = sketch.node('ADD', { clamp }, [x, constant], ['sum', [2, 12], perTensor('int8', 0.1, 0)]);
  const turned = sketch.node(
    'TRANSPOSE',
    { perm: [1, 0] },
    [sum],
    ['turned', [12, 2], perTensor('int8', 0.1, 0)],
  );
  return sketch.graph(turned);
}

/** Two units of an SVDF that remembers 3 time steps. */
function streaming(): Graph {
  const int16 = perTensor('int16', 0.01, 0);
  const tensor = (name: string, shape: number[], format = BYTES) => ({
    name,
    shape,
    format,
    data: null,
    state: false,
  });
  return {
    name: 'streaming',
    tensors: [
      tensor('x', [1, 4], perTensor('int8', 0.1, 0)),
      {
        ...tensor('feature', [2, 4], perTensor('int8', 0.05, 0)),
        data: Int8Array.of(20, -7, 3, 90, -50, 6, 70, 8),
      },
      { ...tensor('time', [2, 3], int16), data: Int16Array.of(300, -200, 100, 50, 60, -70) },
      { ...tensor('state', [1, 6], int16), state: true },
      tensor('y', [1, 2], perTensor('int8', 0.1, 0)),
    ],
    nodes: [
      {
        kind: 'SVDF',
        attributes: { rank: 1, clamp: ALL_BYTES },
        inputs: [0, 1, 2, null, 3],
        outputs: [4],
        source: { operator: 'SVDF', index: 0 },
      },
    ],
    inputs: [0],
    outputs: [4],
  };
}

describe('verify', () => {
  for (const id of boardIds()) {
    it(`finds every byte equal on ${id}, layer by layer`, async function () {
      needsToolsOf(this, id);
      const graph = sumAndTranspose(5);
      const verdict = await verify(graph, planFor(graph, id, 'small'), { layers: true });
      assert.equal(verdict.equal, true);
      assert.equal(verdict.vectors, 3);
      assert.equal(verdict.firstDifference, null);
      assert.deepEqual(
        verdict.layers.map(({ operator, equal }) => [operator, equal]),
        [
          ['ADD', true],
          ['TRANSPOSE', true],
        ],
      );
      if (loadBoard(id).hardware === null) return;
      const ofLayers = verdict.layers.reduce((sum, { instructions }) => sum + instructions!, 0);
      assert.ok(
        Math.abs(verdict.instructions! - ofLayers) < 60,
        `${verdict.instructions} instructions, but ${ofLayers} in its layers`,
      );
      assert.ok(verdict.stackBytes! > 0 && verdict.stackBytes! < 512, `${verdict.stackBytes} bytes of stack`);
      assert.ok(verdict.codeBytes! > 50 && verdict.imageBytes! > verdict.codeBytes!);
      assert.equal(verdict.cycles !== null, id === 'pico');
    });
  }

  for (const id of ['web', 'host', 'nucleo-f446re', 'pico', 'android-arm64-v8a']) {
    it(`names the first wrong layer and element on ${id}`, async function () {
      needsToolsOf(this, id);
      const graph = sumAndTranspose(5);
      // What is built clamps the sum too low; what is expected of it does not.
      const wrong = { ...planFor(sumAndTranspose(5, -1), id, 'small'), graph };
      const verdict = await verify(graph, wrong);
      assert.equal(verdict.equal, false);
      const { vector, layer, tensor, index, expected, actual } = verdict.firstDifference!;
      assert.deepEqual([vector, layer, tensor], [0, 'add_0', 'sum']);
      assert.ok(expected >= 0, `expected ${expected} is one that the clamp cuts`);
      assert.equal(actual, -1);
      assert.ok(index >= 0 && index < 24);
      assert.equal(verdict.layers[0]!.equal, false);
    });
  }

  it('judges outputs by the imported graph, not by the planned one', async () => {
    const verdict = await verify(sumAndTranspose(5), planFor(sumAndTranspose(5, 3), 'web', 'small'));
    assert.equal(verdict.equal, false);
    assert.ok(verdict.layers.every(({ equal }) => equal));
    assert.equal(verdict.firstDifference!.layer, null);
    assert.equal(verdict.firstDifference!.actual, 3);
  });

  it('runs a program for Android on every kind of processor, and counts exactly', async function () {
    needsToolsOf(this, 'android-arm64-v8a');
    const graph = sumAndTranspose(5);
    const plan = planFor(graph, 'android-arm64-v8a', 'small');
    const [once, again] = [await verify(graph, plan), await verify(graph, plan, { layers: true })];
    assert.deepEqual(
      once.processors.map(({ processor }) => processor),
      ['cortex-a53', 'cortex-a76', 'max'],
    );
    assert.deepEqual(once.processors, again.processors);
    const ofLayers = again.layers.reduce((sum, { instructions }) => sum + instructions!, 0);
    assert.ok(Math.abs(once.instructions! - ofLayers) < 60);
  });

  for (const id of ['host', 'nrf5340-dk', 'pico', 'android-arm64-v8a', 'android-armeabi-v7a']) {
    it(`keeps states from one inference to the next on ${id}`, async function () {
      needsToolsOf(this, id);
      const graph = streaming();
      const x = Int8Array.of(50, -3, 20, 7);
      const inputs = [[x], [x], [x], [x]];
      const verdict = await verify(graph, planFor(graph, id, 'streaming'), { vectors: inputs, layers: true });
      assert.equal(verdict.equal, true);
      assert.equal(verdict.vectors, 4);
    });
  }

  it('keeps the build folder only when asked to', async () => {
    const graph = sumAndTranspose(5);
    const plan = planFor(graph, 'web', 'small');
    assert.equal((await verify(graph, plan)).folder, null);
    const { folder } = await verify(graph, plan, { keep: true });
    try {
      assert.ok(existsSync(join(folder!, '0', 'plain', 'small.wasm')));
    } finally {
      rmSync(folder!, { recursive: true });
    }
  });

  it('builds several images where the vectors do not fit into one', async function () {
    needsToolsOf(this, 'nucleo-f446re');
    const sketch = new Sketch();
    const x = sketch.input('x', [1, 60000]);
    const graph = sketch.graph(
      sketch.node('ADD', { clamp: ALL_BYTES }, [x, sketch.constant([1], Int8Array.of(1))], ['y', [1, 60000]]),
    );
    const plan = planFor(graph, 'nucleo-f446re', 'wide');
    const verdict = await verify(graph, plan, { count: 20 });
    assert.equal(verdict.vectors, 20);
    assert.equal(verdict.equal, true);
  });

  it('says by how much an image is too large for the board', async function () {
    needsToolsOf(this, 'nucleo-f446re');
    const sketch = new Sketch();
    const x = sketch.input('x', [1, 200000]);
    const graph = sketch.graph(
      sketch.node(
        'ADD',
        { clamp: ALL_BYTES },
        [x, sketch.constant([1], Int8Array.of(1))],
        ['y', [1, 200000]],
      ),
    );
    await assert.rejects(
      verify(graph, planFor(graph, 'nucleo-f446re', 'wide'), { count: 1 }),
      (error) =>
        error instanceof BitloomError &&
        error.code === 'BL302' &&
        /\d+ bytes too large for the RAM/.test(error.message),
    );
  });

  it('names what is not installed and how to install it', async () => {
    const graph = sumAndTranspose(5);
    const path = process.env.PATH;
    process.env.PATH = '';
    try {
      await assert.rejects(
        verify(graph, planFor(graph, 'nucleo-f446re', 'small')),
        /BL501.*arm-none-eabi-gcc and make and qemu-system-arm.*apt install gcc-arm-none-eabi/,
      );
      await assert.rejects(verify(graph, planFor(graph, 'host', 'small')), /BL501.*cc and make/);
    } finally {
      process.env.PATH = path;
    }
  });
});
