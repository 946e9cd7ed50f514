import assert from 'node:assert/strict';
import { loadBoard } from '../../boards/index.js';
import type { Graph } from '../../src/graph/graph.js';
import { perTensor } from '../../src/graph/tensor.js';
import { checkFit } from '../../src/plan/fit.js';
import { planModel } from '../../src/plan/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { planFor } from '../support/artifacts.js';
import { ALL_BYTES, Sketch } from '../support/sketch.js';

const FILTER = perTensor('int8', 0.01, 0);

/** Dense layers of `n` x `n`, one for each fill value of its filter. */
function denseLayers(n: number, ...fills: readonly number[]): Graph {
  const sketch = new Sketch();
  let x = sketch.input('x', [1, n]);
  fills.forEach((fill, i) => {
    const filter = sketch.constant([n, n], new Int8Array(n * n).fill(fill), FILTER);
    const bias = sketch.constant([n], new Int32Array(n), perTensor('int32', 0.0005, 0));
    x = sketch.node('FULLY_CONNECTED', { clamp: ALL_BYTES }, [x, filter, bias], [`y${i}`, [1, n]]);
  });
  return sketch.graph(x);
}

describe('plan', () => {
  it('stores equal constants once and runs equal layers by one function', () => {
    const plan = planFor(denseLayers(16, 1, 2, 1), 'host', 'm');
    assert.deepEqual(
      plan.steps.map(({ functionIndex }) => functionIndex),
      [0, 0, 0],
    );
    assert.deepEqual(plan.steps[0]!.constants, plan.steps[2]!.constants);
    assert.notDeepEqual(plan.steps[0]!.constants, plan.steps[1]!.constants);
    assert.equal(plan.steps[2]!.cost.constantBytes, 0);
    assert.deepEqual(
      plan.steps.map(({ cost }) => cost.codeBytes > 0),
      [true, false, false],
    );
  });

  it('keeps equal constants apart that a module would regroup in different ways', () => {
    const sketch = new Sketch();
    const layers = [
      [8, 8],
      [16, 4],
      [8, 8],
    ].map(([outputs = 0, inputs = 0], i) => {
      const x = sketch.input(`x${i}`, [1, inputs]);
      const filter = sketch.constant([outputs, inputs], new Int8Array(64).fill(1), FILTER);
      const bias = sketch.constant([outputs], new Int32Array(outputs), perTensor('int32', 0.0005, 0));
      return sketch.node('FULLY_CONNECTED', { clamp: ALL_BYTES }, [x, filter, bias], [`y${i}`, [1, outputs]]);
    });
    const { steps } = planFor(sketch.graph(...layers), 'web', 'm');
    const [first, other, again] = steps.map(({ constants }) => constants[0]);
    assert.notEqual(first, other);
    assert.equal(first, again);
  });

  it('places constants at multiples of 16 without overlap', () => {
    const { constants, totals } = planFor(denseLayers(5, 1, 2, 3), 'host', 'm');
    let end = 0;
    for (const { offset, data } of constants) {
      assert.ok(offset >= end && offset % 16 === 0);
      end = offset + data.byteLength;
    }
    assert.equal(totals.constantBytes, end);
  });

  it('names steps, functions and constants uniquely', () => {
    const plan = planFor(denseLayers(6, 1, 2, 3), 'host', 'm');
    for (const names of [plan.steps, plan.functions, plan.constants].map((list) =>
      list.map(({ name }) => name),
    )) {
      assert.equal(new Set(names).size, names.length);
      for (const name of names) assert.match(name, /^[a-z][a-z0-9_]*$/);
    }
    assert.equal(plan.steps[1]!.name, 'fully_connected_1');
  });

  it('takes several steps for one node and says which completes it', () => {
    const sketch = new Sketch();
    const parts = [1, 2, 3].map((size) => sketch.input(`x${size}`, [2, size]));
    const y = sketch.node('CONCATENATION', { axis: 1 }, parts, ['y', [2, 6]]);
    const { steps } = planFor(sketch.graph(y), 'host', 'm');
    assert.deepEqual(
      steps.map(({ name, completes }) => [name, completes]),
      [
        ['concatenation_0', false],
        ['concatenation_0_2', false],
        ['concatenation_0_3', true],
      ],
    );
  });

  it('names the constant tensors that kernels read as they are', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [2, 2]);
    const constant = sketch.constant([2, 2], Int8Array.of(1, 2, 3, 4));
    const y = sketch.node('CONCATENATION', { axis: 1 }, [x, constant], ['y', [2, 4]]);
    const plan = planFor(sketch.graph(y), 'host', 'm');
    const block = plan.constantTensors.get(constant);
    assert.deepEqual(plan.constants[block!]!.data, Int8Array.of(1, 2, 3, 4));
    assert.ok(!plan.arena.offsets.has(constant));
  });

  it('refuses a node that no kernel computes, naming operator, layer and formats', () => {
    const sketch = new Sketch();
    const format = perTensor('int16', 0.5, 0);
    const x = sketch.input('x', [1, 2, 2, 1], format);
    const y = sketch.node(
      'RESIZE_BILINEAR',
      { alignCorners: false, halfPixelCenters: false },
      [x],
      ['wide', [1, 4, 4, 1], format],
    );
    assert.throws(() => planFor(sketch.graph(y), 'host', 'm'), {
      code: 'BL301',
      message: /RESIZE_BILINEAR #0 \('wide'\).* int16\[1x2x2x1\] to int16\[1x4x4x1\] .*C on native/,
    });
  });

  it('is the same for the same graph', () => {
    const comparable = (plan: Plan) => ({ ...plan, graph: null });
    const graph = denseLayers(16, 1, 2);
    assert.deepEqual(comparable(planFor(graph, 'host', 'm')), comparable(planFor(graph, 'host', 'm')));
  });
});

describe('fit', () => {
  const board = loadBoard('mps2-an385');

  /** The smallest plan of two dense layers on a board with that much memory. */
  function fitOf(flash: number, ram: number) {
    const regions = board.regions.map((r) => ({ ...r, bytes: r.kind === 'flash' ? flash : ram }));
    const options = { prefix: 'm', modelHash: '', optimize: 'size' } as const;
    return checkFit(planModel(denseLayers(64, 1, 2), { ...board, regions }, options));
  }

  it('says how full the memories are', () => {
    const { fits, sentence, uses } = fitOf(1 << 20, 1 << 16);
    assert.ok(fits);
    assert.match(
      sentence,
      /^fits mps2-an385: [\d,]+ of 1,048,576 bytes of FLASH, [\d,]+ of 65,536 bytes of RAM$/,
    );
    assert.deepEqual(
      uses.map(({ region }) => region.name),
      ['FLASH', 'RAM'],
    );
  });

  it('says by how many bytes which memory is too small, and which step needs most', () => {
    const { uses } = fitOf(1 << 20, 1 << 16);
    const [flash, ram] = uses.map(({ bytes }) => bytes);
    assert.ok(fitOf(flash!, ram!).fits);
    const short = fitOf(flash! - 1, ram! - 10);
    assert.ok(!short.fits);
    assert.match(
      short.sentence,
      /^does not fit mps2-an385: 1 bytes short of FLASH .* fully_connected_\d.*; 10 bytes short of RAM/,
    );
  });

  it('knows no limits on the host and the web', () => {
    for (const id of ['host', 'web']) assert.ok(checkFit(planFor(denseLayers(4, 1), id, 'm')).fits);
  });
});
