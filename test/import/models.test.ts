import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { checkGraph } from '../../src/graph/check.js';
import { type Graph, tensorAt } from '../../src/graph/graph.js';
import { importModel } from '../../src/import/index.js';
import { needsShared, readShared, sharedPath } from '../support/shared.js';

/** Operators of public models as their files list them; QUANTIZE at the boundary of legacy uint8 models is ours. */
const OPERATORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ad: { FULLY_CONNECTED: 10 },
  aww: { CONV_2D: 5, DEPTHWISE_CONV_2D: 4, AVERAGE_POOL_2D: 1, RESHAPE: 1, FULLY_CONNECTED: 1, SOFTMAX: 1 },
  hello_world_int8: { FULLY_CONNECTED: 3 },
  ic: { CONV_2D: 9, ADD: 3, AVERAGE_POOL_2D: 1, RESHAPE: 1, FULLY_CONNECTED: 1, SOFTMAX: 1 },
  ic_large: { CONV_2D: 9, ADD: 3, AVERAGE_POOL_2D: 1, RESHAPE: 1, FULLY_CONNECTED: 1, SOFTMAX: 1 },
  kws: { CONV_2D: 5, DEPTHWISE_CONV_2D: 4, AVERAGE_POOL_2D: 1, RESHAPE: 1, FULLY_CONNECTED: 1, SOFTMAX: 1 },
  mcunet_vww: {
    QUANTIZE: 1,
    PAD: 4,
    CONV_2D: 30,
    DEPTHWISE_CONV_2D: 15,
    ADD: 8,
    TRANSPOSE: 1,
    MEAN: 2,
    FULLY_CONNECTED: 1,
    DEQUANTIZE: 1,
  },
  micro_speech_quantized: { RESHAPE: 2, DEPTHWISE_CONV_2D: 1, FULLY_CONNECTED: 1, SOFTMAX: 1 },
  'mobilenet_v1_0.25_128_uint8': {
    QUANTIZE: 2,
    CONV_2D: 15,
    DEPTHWISE_CONV_2D: 13,
    AVERAGE_POOL_2D: 1,
    RESHAPE: 1,
    SOFTMAX: 1,
  },
  'mobilenet_v2_1.0_224': {
    QUANTIZE: 2,
    CONV_2D: 36,
    DEPTHWISE_CONV_2D: 17,
    ADD: 10,
    MEAN: 1,
    RESHAPE: 1,
    SOFTMAX: 1,
  },
  person_detect: { DEPTHWISE_CONV_2D: 14, CONV_2D: 14, AVERAGE_POOL_2D: 1, RESHAPE: 1, SOFTMAX: 1 },
  sww: { DEPTHWISE_CONV_2D: 4, CONV_2D: 4, RESHAPE: 1, FULLY_CONNECTED: 1, SOFTMAX: 1 },
  vww: { CONV_2D: 14, DEPTHWISE_CONV_2D: 13, AVERAGE_POOL_2D: 1, RESHAPE: 1, FULLY_CONNECTED: 1, SOFTMAX: 1 },
};

function load(path: string): Graph {
  const graph = importModel(readShared(path), path);
  checkGraph(graph);
  return graph;
}

function countKinds(graph: Graph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of graph.nodes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const typesOf = (graph: Graph, ids: readonly number[]) => ids.map((id) => tensorAt(graph, id).format.type);

describe('public models become graphs', () => {
  if (!needsShared('public models', 'models/tflite/')) return;

  for (const [name, expected] of Object.entries(OPERATORS)) {
    it(name, () => {
      const graph = load(`models/tflite/${name}.tflite`);
      assert.deepEqual(countKinds(graph), expected);
      assert.equal(graph.name, name);
    });
  }

  it('inputs and outputs keep the types of the file', () => {
    const boundary = (name: string) => {
      const graph = load(`models/tflite/${name}.tflite`);
      return [...typesOf(graph, graph.inputs), ...typesOf(graph, graph.outputs)];
    };
    assert.deepEqual(boundary('kws'), ['int8', 'int8']);
    assert.deepEqual(boundary('mobilenet_v2_1.0_224'), ['uint8', 'uint8']);
    assert.deepEqual(boundary('mobilenet_v1_0.25_128_uint8'), ['uint8', 'uint8']);
    assert.deepEqual(boundary('mcunet_vww'), ['float32', 'float32']);
  });

  it('single 16-bit operators', () => {
    const root = sharedPath('models/int16_ops/')!;
    for (const folder of readdirSync(root)) {
      const files = readdirSync(`${root}${folder}`).filter((file) => file.endsWith('.tflite'));
      assert.ok(files.length > 0, folder);
      for (const file of files) {
        const graph = load(`models/int16_ops/${folder}/${file}`);
        assert.deepEqual(countKinds(graph), { [folder === 'conv' ? 'CONV_2D' : folder.toUpperCase()]: 1 });
      }
    }
  });

  it('a float model is one of float32 throughout', () => {
    const graph = load('models/float/micro_kws_m_fp32.tflite');
    assert.ok(graph.nodes.every(({ outputs }) => graph.tensors[outputs[0]!]!.format.type === 'float32'));
  });
});
