import assert from 'node:assert/strict';
import type { Graph } from '../../../src/graph/graph.js';
import { readOnnx } from '../../../src/import/onnx/file.js';
import type { OnnxModel } from '../../../src/import/onnx/model.js';
import { writeOnnx } from '../../support/onnx.js';
import { floatModel, type Values } from '../../support/onnx-float.js';
import { run } from '../../support/onnx-testdata.js';
import { Random } from '../../support/random/random.js';
import { type QonnxOptions, randomQonnx } from '../../support/random-qonnx.js';

/** A random network and how its codes compare with float32 arithmetic: the share that differs and by how many steps at most. */
function compared(
  seed: number,
  options: QonnxOptions,
): { notes: readonly string[]; all: number; off: number } {
  const random = new Random(seed);
  const model: OnnxModel = readOnnx(writeOnnx(randomQonnx(random, options)), 'random');
  const [input] = model.inputs;
  const shape = input!.shape as readonly number[];
  const count = shape.reduce((product, size) => product * size, 1);
  const evaluate = floatModel(model);
  let [all, off] = [0, 0];
  let notes: readonly string[] = [];
  for (let image = 0; image < 3; image++) {
    const data = Float32Array.from({ length: count }, () => 2.4 * random.real() - 0.7);
    const wanted = evaluate([{ shape, data: Float64Array.from(data) }]);
    const { graph, outputs } = run(model, [{ name: 'x', type: 'float', shape, data }]);
    notes = graph.notes ?? [];
    for (const [i, { name }] of model.outputs.entries()) {
      const reals = inOrderOf(graph, name, wanted.get(name)!);
      assert.equal(outputs[i]!.length, reals.length);
      all += reals.length;
      for (const [k, real] of reals.entries()) if (Math.fround(real) !== Number(outputs[i]![k])) off++;
    }
  }
  return { notes, all, off };
}

/** Cubes look the same with channels last, so that `run` leaves them as they lie; the note tells. */
function inOrderOf({ notes = [] }: Graph, name: string, { shape, data }: Values): Float64Array {
  const [, channels = 0, height = 0, width = 0] = shape;
  const cube = channels === height && height === width;
  if (!cube || !notes.some((note) => note.startsWith(`output '${name}' is`))) return data;
  const area = height * width;
  return data.map((_, i) => data[(i % channels) * area + Math.floor(i / channels)]!);
}

describe('random QONNX networks', () => {
  it('give the codes of float32 arithmetic, where thresholds make them', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const { all, off } = compared(seed, { exact: true, bits: 4 });
      assert.equal(off, 0, `seed ${seed}: ${off} of ${all}`);
    }
  });

  it('of 8 bits too, unless a note says that a multiplier or int8 addition makes them', () => {
    let [noted, all, off] = [0, 0, 0];
    for (let seed = 1; seed <= 60; seed++) {
      const found = compared(seed, { exact: true, bits: 8 });
      if (found.notes.some((note) => /multiplier makes its codes|of all pairs of codes/.test(note))) {
        noted++;
        all += found.all;
        off += found.off;
      } else assert.equal(found.off, 0, `seed ${seed}: ${found.off} of ${found.all}`);
    }
    assert.ok(noted < 20 && off <= 0.05 * all, `${noted} networks, ${off} of ${all}`);
  });

  it('nearly, where products are not exact in float32 and the order of additions decides', () => {
    let [all, off] = [0, 0];
    for (let seed = 1; seed <= 60; seed++) {
      const found = compared(seed, { exact: false, bits: 4 });
      all += found.all;
      off += found.off;
    }
    assert.ok(off <= 0.002 * all, `${off} of ${all}`);
  });
});
