import assert from 'node:assert/strict';
import { join } from 'node:path';
import { kernelFiles } from '../../codegen/c/kernel-files.js';
import { C_TYPE } from '../../codegen/c/types.js';
import { elementTypeOf } from '../../codegen/ports.js';
import type { Graph } from '../../src/graph/graph.js';
import { type TypedArray, toBytes } from '../../src/graph/tensor.js';
import { type Convolution, convolutionOf } from '../../src/kernels/convolution/convolution.js';
import { selectKernel } from '../../src/kernels/index.js';
import type { Parameters, Target } from '../../src/kernels/kernel.js';
import { evaluate } from '../../src/oracle/index.js';
import { findTool } from '../../src/verify/tools.js';
import { Folders, run, STRICT_C } from '../support/artifacts.js';
import { type LayerOptions, linearInputs, linearLayers } from '../support/linear-layers.js';

const TARGETS = [
  { backend: 'c', isa: 'armv7e-m' },
  { backend: 'c', isa: 'armv6-m' },
] as const;
const BY_3: LayerOptions = { types: ['s8'], channels: [12, 16, 17, 20], windows: '3x3' };
const SQUARES: LayerOptions = { types: ['s8'], channels: [4, 8], windows: 'squares' };
const CASES = [
  ['CONV_2D', 'CONV_2D', {}],
  ['CONV_2D by 3x3', 'CONV_2D', BY_3],
  ['DEPTHWISE_CONV_2D', 'DEPTHWISE_CONV_2D', {}],
  ['DEPTHWISE_CONV_2D of square filters', 'DEPTHWISE_CONV_2D', SQUARES],
  ['TRANSPOSE_CONV', 'TRANSPOSE_CONV', {}],
] as const;

/** Rows of the input that one row of the output can meet, and the last one that row `y` meets. */
function ringOf({ input, filter, stride, dilation, padding, transposed }: Convolution) {
  const extent = transposed
    ? Math.floor((filter.height - 1) / stride.height) + 1
    : (filter.height - 1) * dilation.height + 1;
  const last = (y: number) =>
    transposed
      ? Math.floor((y + padding.top) / stride.height)
      : y * stride.height - padding.top + (filter.height - 1) * dilation.height;
  return {
    rows: Math.min(extent, input.height),
    last: (y: number) => Math.min(last(y), input.height - 1),
  };
}

const listed = (data: TypedArray) => `{${Array.from(data, String).join(', ')}}`;

/** A function that computes the node by bands of rows, of which the first has one: from a ring of as few rows as can be, into one of a band. */
function streaming(
  graph: Graph,
  target: Target,
  input: TypedArray,
  index: number,
  band: number,
): { text: string; source: string } {
  const node = graph.nodes[0]!;
  const kernel = selectKernel(graph, node, target);
  const call = kernel.lower(graph, node);
  const conv = convolutionOf(graph, node);
  const ring = ringOf(conv);
  const ringRows = ring.rows + (band - 1) * (conv.transposed ? 1 : conv.stride.height);
  const type = C_TYPE[elementTypeOf(input)];
  const inputRow = conv.input.width * conv.input.channels;
  const outputRow = conv.output.width * conv.output.channels;
  /** Kernels have the rings' sizes among their literals, or where layers share a function among their scalars. */
  const inRings = (parameters: Parameters) =>
    Object.entries(parameters).map(([name, n]): [string, number] => {
      if (name === 'input_ring_rows') return [name, ringRows];
      return [name, name === 'output_ring_rows' ? band : n];
    });
  const members = inRings(call.shape);
  const scalars = inRings(call.scalars).filter(([name]) => !name.startsWith('row_'));
  const constants = call.constants.map(({ name, data }) => ({
    type: C_TYPE[elementTypeOf(data)],
    name: `${name}_${index}`,
    data,
  }));
  const lasts = Array.from({ length: conv.output.height }, (_, y) => ring.last(y));
  const text = `
${constants.map(({ type, name, data }) => `static const ${type} ${name}[] = ${listed(data)};`).join('\n')}
static const ${type} image_${index}[] = ${listed(input)};
static const int32_t last_${index}[] = {${lasts.join(', ')}};
static void stream_${index}(void)
{
    static const bl_${call.kernel}_shape shape = {${members.map(([name, n]) => `.${name} = ${n}`).join(', ')}};
    static ${type} ring[${ringRows * inputRow}], rows[${band * outputRow}];
${call.scratchBytes > 0 ? `    static uint32_t scratch[${Math.ceil(call.scratchBytes / 4)}];\n` : ''}    int32_t next = 0;
    for (int32_t y = 0, end = 1; y < ${conv.output.height}; y = end, end += ${band}) {
        if (end > ${conv.output.height})
            end = ${conv.output.height};
        for (; next <= last_${index}[end - 1]; next++)
            memcpy(ring + next % ${ringRows} * ${inputRow}, image_${index} + next * ${inputRow}, sizeof ring / ${ringRows});
        bl_${call.kernel}(${['rows', 'ring', ...(call.scratchBytes > 0 ? ['scratch'] : []), ...constants.map(({ name }) => name), 'y', 'end', ...scalars.map(([, n]) => n), '&shape'].join(', ')});
        for (; y < end; y++)
            fwrite(rows + y % ${band} * ${outputRow}, sizeof rows[0], ${outputRow}, stdout);
    }
}`;
  return { text, source: kernel.source };
}

describe('kernels of images compute rows from a ring of input rows', () => {
  const folders = new Folders();
  after(() => folders.remove());

  for (const [name, kind, options, target] of CASES.flatMap((c) => TARGETS.map((t) => [...c, t] as const))) {
    it(`${name} for ${target.isa}, some rows at a time, gives the bytes of the whole image`, function () {
      if (findTool('gcc') === null) this.skip();
      const cases = Array.from({ length: 24 }, (_, seed) => linearLayers(kind, seed, 1, options))
        .filter((graph) => convolutionOf(graph, graph.nodes[0]!).batches === 1)
        .map((graph, i) => ({ graph, inputs: linearInputs(graph, i) }));
      const functions = cases.map(({ graph, inputs }, i) =>
        streaming(graph, target, inputs[0]!, i, 1 + (i % 3)),
      );
      const sources = [...new Set(functions.map(({ source }) => source))];
      const main = [
        '#include <stdio.h>',
        '#include <string.h>',
        ...sources.map((source) => `#include "${source}.h"`),
        ...functions.map(({ text }) => text),
        `int main(void)\n{\n${functions.map((_, i) => `    stream_${i}();`).join('\n')}\n    return 0;\n}`,
      ].join('\n');
      const encoder = new TextEncoder();
      const files = new Map([['main.c', encoder.encode(main)]]);
      for (const [name, text] of kernelFiles(sources)) files.set(name, encoder.encode(text));
      const folder = folders.write(files);
      run('gcc', [...STRICT_C, '-O1', '-fsanitize=address,undefined', '-o', 'rings', 'main.c'], folder);
      const actual = run(join(folder, 'rings'), [], folder);
      const expected = cases.map(({ graph, inputs }) => toBytes(evaluate(graph, inputs)[graph.outputs[0]!]!));
      assert.deepEqual(actual, Buffer.concat(expected));
    });
  }
});
