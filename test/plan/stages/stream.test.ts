import assert from 'node:assert/strict';
import { loadBoard } from '../../../boards/index.js';
import { emitC } from '../../../codegen/c/index.js';
import { fedImage } from '../../../codegen/feed.js';
import { checkGraph } from '../../../src/graph/check.js';
import { type Graph, tensorAt } from '../../../src/graph/graph.js';
import { perTensor, toBytes } from '../../../src/graph/tensor.js';
import { verify } from '../../../src/index.js';
import { evaluate } from '../../../src/oracle/index.js';
import { planModel } from '../../../src/plan/index.js';
import type { Plan } from '../../../src/plan/plan.js';
import { fedGraph } from '../../../src/plan/stages/feed.js';
import { findTool } from '../../../src/verify/tools.js';
import { Folders, run, STRICT_C } from '../../support/artifacts.js';
import { loadAll } from '../../support/node-wasm.js';
import { Random } from '../../support/random/random.js';
import { randomStream } from '../../support/random-stream.js';
import { Sketch } from '../../support/sketch.js';

const HEIGHT = 40;
const ENDINGS = ['rows', 'mean', 'pool', 'convolution'] as const;
const SANITIZERS = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** A network on a stream; null for one whose branches take frames at different pace. */
function streamed(seed: number): { readonly source: Graph; readonly graph: Graph } | null {
  const ending = ENDINGS[seed % ENDINGS.length]!;
  const { graph: source } = randomStream(seed, ending === 'rows' ? HEIGHT : 4 + (seed % 9), ending);
  try {
    const { graph } = fedGraph(source, 'frames');
    checkGraph(graph);
    return { source, graph };
  } catch (error) {
    assert.match((error as Error).message, /BL306/);
    return null;
  }
}

function frames(graph: Graph, count: number, seed: number): Int8Array {
  const random = new Random(seed);
  const length = count * frameLength(graph);
  return Int8Array.from({ length }, () => random.integer(-128, 127));
}

function frameLength(graph: Graph): number {
  const [, , width, channels] = tensorAt(graph, graph.inputs[0]).shape;
  return width! * channels!;
}

function outputOf(graph: Graph, input: Int8Array): Uint8Array {
  return toBytes(evaluate(graph, [input])[graph.outputs[0]!]!).slice();
}

function planStream(graph: Graph, board: string): Plan {
  const options = { prefix: 'stream', modelHash: '0'.repeat(64), feed: 'frames', minRam: 0.2 } as const;
  return planModel(graph, loadBoard(board), options);
}

/** What the oracle says of each window of a stream that goes through all rings more than once. */
function expected({ graph, ...plan }: Plan, seed: number) {
  const { window, stride, periods } = plan.stages[0]!.stream!;
  const stream = frames(graph, window + periods[0]! + 3 * stride + (seed % 3), seed);
  const length = frameLength(graph);
  const count = Math.floor((stream.length / length - window) / stride) + 1;
  const outputs = Array.from({ length: count }, (_, i) =>
    outputOf(graph, stream.subarray(i * stride * length, (i * stride + window) * length)),
  );
  return { stream, outputs, window, stride };
}

/** A program that is given numbers of frames with their bytes, and writes how many outputs each made and the last one. */
function buildPusher(planned: Plan, folders: Folders): string {
  const main = `#include <stdio.h>
#include "stream.h"
static STREAM_ALIGNED(STREAM_ARENA_ALIGNMENT) uint8_t arena[STREAM_ARENA_BYTES];
int main(void)
{
    int count;
    static int8_t frames[255 * STREAM_INPUT_FRAME_LENGTH];
    stream_reset(arena);
    while ((count = getchar()) != EOF) {
        if (count == 0) stream_reset(arena);
        if (fread(frames, STREAM_INPUT_FRAME_LENGTH, (size_t)count, stdin) != (size_t)count) return 1;
        putchar((int)stream_push_frames(arena, frames, count));
        fwrite(stream_output(arena), 1, STREAM_OUTPUT_BYTES, stdout);
    }
    return 0;
}
`;
  const artifact = emitC(planned);
  const folder = folders.write(artifact, new Map([['main.c', new TextEncoder().encode(main)]]));
  const sources = [...artifact.keys(), 'main.c'].filter((path) => path.endsWith('.c'));
  run('gcc', [...STRICT_C, ...SANITIZERS, '-o', 'model', ...sources], folder);
  return `${folder}/model`;
}

describe('networks on a stream of frames', () => {
  const folders = new Folders();
  after(() => folders.remove());

  it('are the padded network, row by row, wherever padding does not reach', () => {
    let compared = 0;
    for (let seed = 0; seed < 160; seed += ENDINGS.length) {
      const found = streamed(seed);
      if (!found) continue;
      const { source, graph } = found;
      const input = frames(source, HEIGHT, seed);
      const [, rows = 1, ...rest] = tensorAt(source, source.outputs[0]).shape;
      const rowBytes = rest.reduce((a, b) => a * b, 1);
      const whole = Buffer.from(outputOf(source, input));
      const { window, stride } = planStream(source, 'host').stages[0]!.stream!;
      if (window + stride > HEIGHT) continue;
      const length = frameLength(graph);
      const rowsFrom = (phase: number) =>
        Array.from({ length: Math.floor((HEIGHT - phase - window) / stride) + 1 }, (_, i) => {
          const first = (phase + i * stride) * length;
          return outputOf(graph, input.subarray(first, first + window * length));
        });
      // Of every second row it is padding that says which.
      const isThere = Array.from({ length: stride }, (_, phase) => Buffer.concat(rowsFrom(phase))).some(
        (inside) =>
          Array.from({ length: rows }, (_, row) => whole.subarray(row * rowBytes)).some((from) =>
            from.subarray(0, inside.length).equals(inside),
          ),
      );
      assert.ok(isThere, `network ${seed}`);
      compared++;
    }
    assert.ok(compared >= 20, `only ${compared} networks were compared`);
  });

  it('give in C at each frame the bytes of the window that ends there, however frames come', function () {
    if (findTool('gcc') === null) this.skip();
    this.timeout(300_000);
    let ran = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const found = streamed(seed);
      if (!found) continue;
      const planned = planStream(found.source, ['host', 'nucleo-f446re', 'pico'][seed % 3]!);
      const { stream, outputs, window, stride } = expected(planned, seed);
      const random = new Random(seed);
      const length = frameLength(planned.graph);
      // A stream that is given up, then one frame by frame and in larger pieces.
      const pushes: Buffer[] = [
        Buffer.from([7 % window, ...stream.subarray(0, (7 % window) * length)]),
        Buffer.of(0),
      ];
      const wanted: (Uint8Array | null)[] = [null, null];
      const made = [0, 0];
      for (let at = 0; at < stream.length / length; ) {
        const count = Math.min(stream.length / length - at, random.pick([1, 1, 1, 2, 9]));
        pushes.push(Buffer.from([count, ...stream.subarray(at * length, (at + count) * length)]));
        const outputsBy = (frame: number) => Math.max(0, Math.floor((frame - window) / stride) + 1);
        const [before, after] = [outputsBy(at), outputsBy(at + count)];
        made.push(after - before);
        wanted.push(after > before ? outputs[after - 1]! : null);
        at += count;
      }
      const actual = run(buildPusher(planned, folders), [], '.', Buffer.concat(pushes));
      const record = actual.length / made.length;
      for (const [i, count] of made.entries()) {
        const seen = actual.subarray(i * record, (i + 1) * record);
        assert.equal(seen[0], count, `network ${seed}, push ${i}`);
        if (wanted[i])
          assert.deepEqual(seen.subarray(1), Buffer.from(wanted[i]), `network ${seed}, push ${i}`);
      }
      ran++;
    }
    assert.ok(ran >= 6, `only ${ran} networks ran`);
  });

  it('give the same in WASM', async function () {
    this.timeout(300_000);
    for (let seed = 21; seed <= 25; seed++) {
      const found = streamed(seed);
      if (!found) continue;
      const planned = planStream(found.source, 'web');
      const { stream, outputs, window, stride } = expected(planned, seed);
      const { rowLength } = fedImage(planned)!;
      for (const model of await loadAll(planned, folders)) {
        const seen: Buffer[] = [];
        for (let at = 0; at < stream.length; at += rowLength) {
          const isOutput = model.pushFrames(stream.subarray(at, at + rowLength)) !== null;
          const frame = at / rowLength + 1;
          assert.equal(isOutput, frame >= window && (frame - window) % stride === 0, `network ${seed}`);
          if (isOutput) seen.push(Buffer.from(toBytes(model.outputs[0]!)));
        }
        assert.deepEqual(seen, outputs.map(Buffer.from), `network ${seed}`);
      }
    }
  });

  it('are verified as they are used, sums of int16 included, and with no padding are the model itself', async function () {
    this.timeout(300_000);
    const format = perTensor('int16', 0.05, 0);
    const sketch = new Sketch();
    const image = sketch.input('frames', [1, 6, 3, 11], format);
    const window = { height: 4, width: 2 };
    const stride = { height: 1, width: 1 };
    const padding = { top: 0, bottom: 0, left: 0, right: 0 };
    const clamp = { min: -32768, max: 32767 };
    const largest = sketch.node(
      'MAX_POOL_2D',
      { filter: { height: 2, width: 1 }, stride, padding, clamp },
      [image],
      ['largest', [1, 5, 3, 11], format],
    );
    const ends = [
      () => sketch.node('MEAN', { axes: [1, 2] }, [largest], ['mean', [1, 11], format]),
      () =>
        sketch.node(
          'AVERAGE_POOL_2D',
          { filter: { ...window, height: 5 }, stride, padding, clamp },
          [largest],
          ['average', [1, 1, 2, 11], format],
        ),
    ];
    for (const end of ends) {
      const made = sketch.graph(end());
      const graph = { ...made, nodes: [made.nodes[0]!, made.nodes.at(-1)!] };
      assert.ok(fedGraph(graph, 'frames').isSame);
      const model = { name: 'sums', hash: '0'.repeat(64), source: graph, graph };
      for (const board of ['host', 'web']) {
        const verdict = await verify(model, board, { feed: 'frames' });
        assert.ok(verdict.equal, board);
        assert.equal(verdict.vectors, 13);
      }
    }
  });
});
