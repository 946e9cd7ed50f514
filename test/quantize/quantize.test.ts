import assert from 'node:assert/strict';
import { loadBoard } from '../../boards/index.js';
import { toTflite } from '../../src/export/tflite/graph.js';
import { writeTflite } from '../../src/export/tflite/writer.js';
import { tensorAt } from '../../src/graph/graph.js';
import { isWeighted } from '../../src/graph/ops.js';
import { weightFormat } from '../../src/graph/weight-format.js';
import {
  type FrontPoint,
  type GridName,
  type Quantized,
  type QuantizeOptions,
  quantize,
  type Solver,
} from '../../src/quantize/index.js';
import { inferences, smallFloatNetwork } from '../support/float-networks.js';

const GIVEN: QuantizeOptions = {
  calibration: inferences(16, 1),
  comparison: inferences(16, 2),
  weights: 'int8',
  solver: 'descent',
};

describe('quantize', () => {
  let wide: Quantized;
  before(async () => {
    wide = await quantize(smallFloatNetwork(), GIVEN);
  });

  it('makes an int8 network whose outputs are near those of the float one', () => {
    const { graph, report } = wide;
    const ends = [...graph.inputs, ...graph.outputs].map((id) => tensorAt(graph, id).format.type);
    assert.deepEqual(ends, ['int8', 'int8']);
    assert.ok(report.agreement.decibels > 30, `${report.agreement.decibels} dB`);
    assert.ok(report.agreement.same >= 15);
    assert.equal(report.agreement.calibrated, false);
  });

  it('makes the same bytes of the same data, and counts right answers where there are labels', async () => {
    const labels = GIVEN.comparison!.map(() => 0);
    const again = await quantize(smallFloatNetwork(), { ...GIVEN, labels });
    assert.deepEqual(writeTflite(toTflite(again.graph)), writeTflite(toTflite(wide.graph)));
    assert.equal(again.report.agreement.right!.labelled, 16);
  });

  it('gives filters the format asked for, and layers that are named theirs', async () => {
    const [first] = wide.layers.keys();
    const layers = new Map<string, GridName>([[first!, 'int8']]);
    const { graph } = await quantize(smallFloatNetwork(), { ...GIVEN, weights: 'ternary', layers });
    const bits = graph.nodes
      .filter(isWeighted)
      .map(({ inputs }) => weightFormat(tensorAt(graph, inputs[1]).data as Int8Array).bits);
    assert.equal(bits[0], 8);
    assert.ok(
      bits.slice(1).every((own) => own <= 2),
      `${bits}`,
    );
  });

  it('loses less in the layers by coordinate descent than by rounding', async () => {
    const lastLayer = async (solver: Solver) => {
      const { report } = await quantize(smallFloatNetwork(), { ...GIVEN, weights: 'int3', solver });
      return report.layers.at(-1)!.decibels;
    };
    assert.ok((await lastLayer('descent')) > (await lastLayer('round')) + 3);
  });

  it('chooses formats that keep constants within a limit, and says what others would cost', async () => {
    const board = loadBoard('pico');
    const free = await quantize(smallFloatNetwork(), { ...GIVEN, weights: 'mixed', board });
    assert.deepEqual([...new Set(free.layers.values())], ['int8'], 'all fits');
    const flash = free.report.board!.constantBytes - 100;
    const { layers, report } = await quantize(smallFloatNetwork(), {
      ...GIVEN,
      weights: 'mixed',
      board,
      flash,
    });
    assert.ok(report.choice!.fits && report.board!.constantBytes <= flash);
    assert.ok(new Set(layers.values()).size > 1);
    const { front } = report.choice!;
    const rises = (of: (point: FrontPoint) => number) =>
      front.every((point, i) => i === 0 || of(point) > of(front[i - 1]!));
    assert.ok(front.length > 2 && rises(({ bytes }) => bytes) && rises(({ loss }) => -loss));
  });
});
