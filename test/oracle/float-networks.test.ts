import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { checkGraph } from '../../src/graph/check.js';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { importModel } from '../../src/import/index.js';
import { evaluate } from '../../src/oracle/index.js';
import { STAGES } from '../../src/passes/index.js';
import { foldAffine } from '../../src/quantize/fold-affine.js';
import { liteRuntime, onnxRuntime } from '../support/float-engines.js';
import { difference, numbers } from '../support/float-models.js';
import { needsShared, readShared } from '../support/shared.js';

/** Of the range of an output. */
const TOLERANCE = 1e-4;

const FACES = dirname(createRequire(import.meta.url).resolve('@mediapipe/face_detection/package.json'));
const face = (name: string) => readFileSync(join(FACES, `face_detection_${name}.tflite`));

const inputsOf = (graph: Graph) =>
  graph.inputs.map((id) => {
    const { shape } = tensorAt(graph, id);
    return { shape, data: numbers(shape, 5, 1) };
  });

/** The graph as imported and with layers folded gives what the engine gives for the file. */
async function agrees(bytes: Uint8Array, name: string): Promise<void> {
  const graph = importModel(bytes, name);
  const inputs = inputsOf(graph);
  const theirs = name.endsWith('.onnx')
    ? Object.values(await onnxRuntime(bytes, { [tensorAt(graph, graph.inputs[0]).name]: inputs[0]! }))
    : (await liteRuntime(bytes, inputs)).map((data) => ({ data }));
  for (const made of [graph, foldAffine(graph)]) {
    checkGraph(made);
    const contents = evaluate(
      made,
      inputs.map(({ data }) => data),
    );
    for (const [i, id] of made.outputs.entries()) {
      const off = difference({ expected: theirs[i]!.data, actual: contents[id] as Float32Array });
      assert.ok(off <= TOLERANCE, `output ${i} of ${name} is off by ${off}`);
    }
  }
}

describe('whole float networks agree with other engines', () => {
  it("MediaPipe's face detector for short range, of float16", () =>
    agrees(face('short_range'), 'faces.tflite'));

  it('the one for full range, of sparse float16', () =>
    agrees(face('full_range_sparse'), 'faces.tflite')).timeout(60_000);

  describe('keyword spotting', () => {
    if (!needsShared('keyword spotting', 'models/float/')) return;
    for (const name of ['micro_kws_m_fp32.tflite', 'micro_kws_m_static_fp32.onnx'])
      it(name, () => agrees(readShared(`models/float/${name}`), name));
  });
});

describe('passes keep float networks to the bit', () => {
  it('each by itself, on the face detector', () => {
    const graph = importModel(face('short_range'), 'faces.tflite');
    const inputs = inputsOf(graph).map(({ data }) => data);
    const wanted = evaluate(graph, inputs);
    for (const [name, pass] of STAGES) {
      const made = pass(graph, evaluate);
      checkGraph(made);
      const contents = evaluate(made, inputs);
      for (const [i, id] of made.outputs.entries())
        assert.deepEqual(contents[id], wanted[graph.outputs[i]!], name);
    }
  }).timeout(60_000);
});
