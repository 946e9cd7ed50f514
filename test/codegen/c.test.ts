import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { type TypedArray, toBytes } from '../../src/graph/tensor.js';
import { evaluate, initialState } from '../../src/oracle/index.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, planFor, run, STRICT_C, text } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { manyPorts, someInputs, stateful, twoLayers } from '../support/small-models.js';

const GRAPHS = { twoLayers, manyPorts, stateful };
const RUNS = [0, 1, 2, 3, 4, 5];

describe('generated C', () => {
  const folders = new Folders();
  after(() => folders.remove());
  if (findTool('gcc') === null) {
    it.skip('compiles and runs: skipped, gcc is missing');
    return;
  }

  for (const [name, make] of Object.entries(GRAPHS)) {
    it(`of ${name} runs as the oracle says, run after run`, () => {
      const graph = make();
      const plan = planFor(graph, 'host', 'model');
      const program = buildHostProgram(plan, folders);
      const inputs = RUNS.map((k) => someInputs(graph, k));
      const state = initialState(graph);
      const expected = inputs.map((input) => {
        const contents = evaluate(graph, input, state);
        return Buffer.concat(graph.outputs.map((id) => toBytes(contents[id]!)));
      });
      const actual = runHostProgram(
        program,
        plan,
        inputs.map((input) => Buffer.concat(input.map(toBytes))),
      );
      assert.deepEqual(actual, expected);
    });

    it(`of ${name} compiles for Cortex-M without a warning, traced or not`, function () {
      if (findTool('arm-none-eabi-gcc') === null) this.skip();
      const folder = folders.write(emitC(planFor(make(), 'pico', 'model')));
      for (const define of ['-DMODEL_TRACE', '-UMODEL_TRACE']) {
        const flags = [...STRICT_C, '-ffreestanding', '-mcpu=cortex-m0plus', '-mthumb', '-Os', define, '-c'];
        run('arm-none-eabi-gcc', [...flags, 'model.c', 'model_weights.c'].filter(present(folder)), folder);
      }
    });
  }

  it('of two models links into one program, which runs both', () => {
    const graphs = [twoLayers(), stateful()] as const;
    const names = ['first', 'second'] as const;
    const artifacts = graphs.map((graph, i) => emitC(planFor(graph, 'host', names[i]!)));
    const main = `#include <stdio.h>
#include "first.h"
#include "second.h"
static FIRST_ALIGNED(FIRST_ARENA_ALIGNMENT) uint8_t one[FIRST_ARENA_BYTES];
static SECOND_ALIGNED(SECOND_ARENA_ALIGNMENT) uint8_t two[SECOND_ARENA_BYTES];
int main(void)
{
    second_reset(two);
    fread(first_input(one), 1, FIRST_INPUT_BYTES, stdin);
    fread(second_input(two), 1, SECOND_INPUT_BYTES, stdin);
    first_run(one);
    second_run(two);
    fwrite(first_output(one), 1, FIRST_OUTPUT_BYTES, stdout);
    fwrite(second_output(two), 1, SECOND_OUTPUT_BYTES, stdout);
    return 0;
}
`;
    const folder = folders.write(...artifacts, new Map([['main.c', new TextEncoder().encode(main)]]));
    const sources = artifacts
      .flatMap((artifact) => [...artifact.keys()])
      .filter((path) => path.endsWith('.c'));
    run('gcc', ['-std=c99', '-O1', '-o', 'both', 'main.c', ...sources], folder);
    const inputs = graphs.map((graph) => someInputs(graph, 1));
    const expected = graphs.map((graph, i) => toBytes(evaluate(graph, inputs[i]!)[graph.outputs[0]!]!));
    const input = Buffer.concat(inputs.flat().map(toBytes));
    assert.deepEqual(run('./both', [], folder, input), Buffer.concat(expected));
  });

  it('can be included from C++', function () {
    if (findTool('g++') === null) this.skip();
    const folder = folders.write(emitC(planFor(stateful(), 'host', 'model')));
    const main =
      '#include "model.h"\nint main() { model_reset(0); model_run(0); return *model_output(model_input(0)); }';
    run(
      'g++',
      ['-Wall', '-Wextra', '-Werror', '-x', 'c++', '-c', '-o', 'main.o', '-'],
      folder,
      Buffer.from(main),
    );
    run('gcc', ['-O1', '-o', 'program', 'main.o', 'model.c', 'model_weights.c'], folder);
  });

  it('gives all external names the prefix', () => {
    const folder = folders.write(emitC(planFor(stateful(), 'host', 'model')));
    run('gcc', ['-O1', '-c', 'model.c', 'model_weights.c'], folder);
    const symbols = run(
      'nm',
      ['--defined-only', '-g', '-P', 'model.o', 'model_weights.o'],
      folder,
    ).toString();
    const names = symbols.match(/^\w+ (?=[A-Z] )/gm)!.map((name) => name.trim());
    assert.deepEqual(
      names.filter((name) => !name.startsWith('model_')),
      [],
    );
    assert.ok(names.includes('model_run') && names.includes('model_svdf_0_weights_time'));
    const macros = [
      ...text(emitC(planFor(stateful(), 'host', 'model')), 'model.h').matchAll(/#define (\w+)/g),
    ];
    assert.ok(macros.every(([, name]) => name!.startsWith('MODEL_')));
  });

  it('hands every step to the trace hook when asked', () => {
    const graph = manyPorts();
    const main = `#include <stdio.h>
#include "model.h"
static MODEL_ALIGNED(MODEL_ARENA_ALIGNMENT) uint8_t arena[MODEL_ARENA_BYTES];
void model_trace(int step, const char *name, const void *data, unsigned bytes)
{
    printf("%d %s", step, name);
    for (unsigned i = 0; i < bytes; i++) printf(" %d", ((const int8_t *)data)[i]);
    putchar('\\n');
}
int main(void)
{
    fread(model_input_0(arena), 1, MODEL_INPUT_0_BYTES, stdin);
    fread(model_input_1(arena), 1, MODEL_INPUT_1_BYTES, stdin);
    model_run(arena);
    return 0;
}
`;
    const artifact = emitC(planFor(graph, 'host', 'model'), { trace: true });
    const folder = folders.write(artifact, new Map([['main.c', new TextEncoder().encode(main)]]));
    run('gcc', ['-o', 'traced', 'main.c', 'model.c'], folder);
    const inputs = someInputs(graph, 2);
    const [, , sum, real] = evaluate(graph, inputs);
    const lines = [`0 add_0 ${bytesOf(sum!)}`, `1 dequantize_1 ${bytesOf(real!)}`, ''];
    assert.equal(
      run('./traced', [], folder, Buffer.concat(inputs.map(toBytes))).toString(),
      lines.join('\n'),
    );
  });

  it('links with a trace hook that nobody defines', () => {
    const main = '#include "model.h"\nint main(void) { model_run(0); return 0; }\n';
    const artifact = emitC(planFor(manyPorts(), 'host', 'model'), { trace: true });
    const folder = folders.write(artifact, new Map([['main.c', new TextEncoder().encode(main)]]));
    run('gcc', [...STRICT_C, '-o', 'untraced', 'main.c', 'model.c'], folder);
  });

  it('keeps every constant to the bit', () => {
    const constants: TypedArray[] = [
      Int8Array.from({ length: 256 }, (_, i) => i - 128),
      Uint8Array.from({ length: 256 }, (_, i) => i),
      Int16Array.of(-32768, -1, 0, 32767),
      Int32Array.of(-(2 ** 31), -1, 0, 2 ** 31 - 1),
      BigInt64Array.of(-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n),
      Float32Array.of(-0, 1, Math.PI, 1e30, 2 ** -149, -3.4028234663852886e38),
    ];
    const plan = planFor(manyPorts(), 'host', 'model');
    const blocks = constants.map((data, i) => ({ name: `block_${i}`, data, offset: 0 }));
    const writes = constants.map((_, i) => `fwrite(model_block_${i}, 1, sizeof model_block_${i}, stdout);`);
    const main = `#include <stdio.h>\n#include "model_weights.h"\nint main(void) { ${writes.join(' ')} return 0; }\n`;
    const artifact = emitC({ ...plan, constants: blocks });
    const folder = folders.write(artifact, new Map([['main.c', new TextEncoder().encode(main)]]));
    run('gcc', [...STRICT_C, '-o', 'dump', 'main.c', 'model_weights.c'], folder);
    assert.deepEqual(run('./dump', [], folder), Buffer.concat(constants.map(toBytes)));
  });
});

/** Bytes as the trace program above prints them. */
function bytesOf(data: TypedArray): string {
  return new Int8Array(data.buffer, data.byteOffset, data.byteLength).join(' ');
}

/** Keeps the arguments that are no files, and the files that are there. */
function present(folder: string): (argument: string) => boolean {
  return (argument) => !argument.endsWith('.c') || existsSync(join(folder, argument));
}
