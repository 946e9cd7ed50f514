import assert from 'node:assert/strict';
import fc from 'fast-check';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { byteLength, type TensorId } from '../../src/graph/tensor.js';
import { importTflite } from '../../src/import/tflite/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { optimize } from '../../src/passes/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { planFor } from '../support/artifacts.js';
import { sharedGraph } from '../support/golden.js';
import { graphModels } from '../support/random-model.js';
import { needsShared } from '../support/shared.js';
import { Sketch } from '../support/sketch.js';

/**
 * Runs the plan on an arena that remembers for each byte whose it is: whatever a step reads must still be there, and an
 * output may start over an input of the same step only as the kernel allows.
 */
function simulate(plan: Plan): void {
  const { graph, arena } = plan;
  const sourceOf = new Map<TensorId, TensorId>();
  for (const node of graph.nodes) {
    const [input, output] = [node.inputs[0]!, node.outputs[0]!];
    const offset = arena.offsets.get(input);
    if (node.kind === 'RESHAPE' && offset !== undefined && !plan.steps.some((step) => step.node === node))
      sourceOf.set(output, sourceOf.get(input) ?? input);
  }
  const owner: (TensorId | null)[] = new Array(arena.bytes).fill(null);
  const spanOf = (id: TensorId) => {
    const from = arena.offsets.get(id);
    if (from === undefined) throw new Error(`tensor ${id} is not in the arena`);
    assert.equal(from % arena.alignment, 0);
    const to = from + byteLength(tensorAt(graph, id));
    assert.ok(from >= 0 && to <= arena.bytes, `tensor ${id} lies outside of the arena`);
    return { from, to };
  };
  const write = (id: TensorId) => {
    const { from, to } = spanOf(id);
    owner.fill(sourceOf.get(id) ?? id, from, to);
  };
  const isWhole = (id: TensorId) => {
    const { from, to } = spanOf(id);
    return owner.slice(from, to).every((tensor) => tensor === (sourceOf.get(id) ?? id));
  };
  const states = [...arena.offsets.keys()].filter((id) => tensorAt(graph, id).state);

  [...graph.inputs, ...states].forEach(write);
  for (const { name, call, scratchOffset } of plan.steps) {
    const inputs = call.inputs.filter(({ tensor }) => tensorAt(graph, tensor).data === null);
    for (const { tensor } of inputs)
      assert.ok(isWhole(tensor), `${name} reads overwritten bytes of ${tensor}`);
    if (scratchOffset !== null) {
      assert.ok(scratchOffset + call.scratchBytes <= arena.bytes);
      owner.fill(null, scratchOffset, scratchOffset + call.scratchBytes);
      for (const { tensor } of inputs) assert.ok(isWhole(tensor), `${name}'s scratch overwrites its input`);
    }
    for (const { tensor } of call.outputs) write(tensor);
    call.inputs.forEach(({ tensor }, i) => {
      if (tensorAt(graph, tensor).data !== null || isWhole(tensor)) return;
      const distance = call.overlap[i] ?? null;
      const apart = spanOf(tensor).from - spanOf(call.outputs[0]!.tensor).from;
      const allowed = distance === 'exact' ? apart === 0 : distance !== null && apart >= distance;
      assert.ok(allowed, `${name} overwrites its input ${tensor} too early`);
    });
    if (scratchOffset !== null) {
      const scratch = owner.slice(scratchOffset, scratchOffset + call.scratchBytes);
      assert.ok(
        scratch.every((tensor) => tensor === null),
        `${name}'s output overwrites its scratch`,
      );
    }
  }
  for (const id of [...graph.outputs, ...states]) assert.ok(isWhole(id), `${id} does not survive the run`);
}

/** The plan; models with scales so extreme that a kernel refuses them are left out. */
function planOf(graph: Graph, board: string): Plan {
  try {
    return planFor(graph, board, 'random');
  } catch (error) {
    fc.pre(!(error instanceof BitloomError && error.code === 'BL301'));
    throw error;
  }
}

describe('arena', () => {
  it('keeps every byte until its last use, in random models on both backends', () => {
    fc.assert(
      fc.property(
        graphModels(12),
        fc.constantFrom('host', 'web'),
        fc.boolean(),
        (model, board, optimized) => {
          const graph = importTflite(writeTflite(model), 'random');
          simulate(planOf(optimized ? optimize(graph, evaluate) : graph, board));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives an output the memory of its reshaped input', () => {
    const sketch = new Sketch();
    const x = sketch.input('x', [2, 3]);
    const y = sketch.node('RESHAPE', {}, [x], ['y', [6]]);
    const plan = planFor(sketch.graph(y), 'host', 'm');
    assert.deepEqual([plan.steps.length, plan.arena.bytes], [0, 8]);
    assert.equal(plan.arena.offsets.get(x), plan.arena.offsets.get(y));
  });

  it('copies a reshaped constant, which is not in the arena', () => {
    const sketch = new Sketch();
    sketch.input('x', [1]);
    const constant = sketch.constant([4], Int8Array.of(1, 2, 3, 4));
    const y = sketch.node('RESHAPE', {}, [constant], ['y', [2, 2]]);
    const plan = planFor(sketch.graph(y), 'host', 'm');
    assert.deepEqual(
      plan.steps.map(({ call }) => call.kernel),
      ['strided_copy'],
    );
    assert.ok(plan.arena.offsets.has(y) && !plan.arena.offsets.has(constant));
    simulate(plan);
  });

  it('lets an output start below its dying input, but not below one that is read again', () => {
    const build = (again: boolean) => {
      const sketch = new Sketch();
      const x = sketch.input('x', [64]);
      const y = sketch.node('STRIDED_SLICE', { begin: [32], stride: [1] }, [x], ['y', [32]]);
      const z = sketch.node(
        'STRIDED_SLICE',
        { begin: [again ? 32 : 0], stride: [1] },
        [again ? x : y],
        ['z', [32]],
      );
      return planFor(sketch.graph(z, ...(again ? [y] : [])), 'host', 'm').arena.bytes;
    };
    assert.equal(build(false), 64);
    assert.equal(build(true), 96);
  });
});

describe('arena of the public models', () => {
  if (!needsShared('arena of the public models')) return;

  /** Bytes that TensorFlow Lite Micro with CMSIS-NN reports for its arena on a Cortex-M4 (0: not measured). */
  const models: readonly { readonly name: string; readonly arena: number; readonly tflm: number }[] = [
    { name: 'kws', arena: 9776, tflm: 22820 },
    { name: 'vww', arena: 39264, tflm: 100708 },
    { name: 'ic', arena: 37024, tflm: 54996 },
    { name: 'ad', arena: 764, tflm: 2580 },
    { name: 'sww', arena: 3904, tflm: 16596 },
    { name: 'person_detect', arena: 36928, tflm: 82308 },
    { name: 'micro_speech_quantized', arena: 4788, tflm: 6836 },
    { name: 'hello_world_int8', arena: 28, tflm: 772 },
    { name: 'mcunet_vww', arena: 76864, tflm: 0 },
    { name: 'mobilenet_v2_1.0_224', arena: 1204352, tflm: 0 },
  ];
  for (const { name, arena, tflm } of models) {
    it(`is proved the smallest for ${name}: at most ${arena} bytes${tflm > 0 ? `, ${tflm} in TFLM` : ''}`, () => {
      // A board with room for all of them: others run layers row by row where they have too little.
      const plan = planFor(optimizedGraph(name), 'mps2-an386', 'm');
      assert.ok(plan.arena.bytes <= arena, `${plan.arena.bytes} bytes`);
      assert.equal(plan.arena.lowerBound, plan.arena.bytes);
      simulate(plan);
    });
  }
});

function optimizedGraph(name: string): Graph {
  return optimize(sharedGraph(name), evaluate);
}
