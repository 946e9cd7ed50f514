import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Graph } from '../../src/graph/graph.js';
import type { Node } from '../../src/graph/ops.js';
import { type Convolution, convolutionOf, isDense } from '../../src/kernels/convolution/convolution.js';
import { selectKernel } from '../../src/kernels/index.js';
import type { KernelCall } from '../../src/kernels/kernel.js';
import { type Linear, linearLayers } from '../support/linear-layers.js';

const CORTEX_M4 = { backend: 'c', isa: 'armv7e-m' } as const;
const WASM = { backend: 'wasm', isa: 'wasm-simd128' } as const;
const CORTEX_M55 = { backend: 'c', isa: 'armv8.1-m.main+mve' } as const;

/** One read of an input element or one write of an output element, in elements of one type. */
type Access = readonly ['read' | 'write', number];

/**
 * What DEPTHWISE_CONV_2D accesses by the DSP extension, which takes blocks of four channels, the last of which ends with
 * the last channel.
 */
function* blockAccesses(c: Convolution, pixel: number, taps: readonly number[]): Generator<Access> {
  const { channels } = c.output;
  for (let block = 0; block < channels; block += 4) {
    const first = Math.min(block, channels - 4);
    for (const tap of taps) for (let k = 0; k < 4; k++) yield ['read', tap + first + k];
    for (let k = 0; k < 4; k++) yield ['write', pixel * channels + first + k];
  }
}

/** What it accesses over planes: each four channels by bands of rows, all that a band's windows meet before its outputs. */
function* planeAccesses(c: Convolution, bandRows: number): Generator<Access> {
  const { height, width, channels } = c.output;
  for (let image = 0; image < c.batches; image++) {
    for (let first = 0; first < channels; first += 4) {
      let read = 0;
      for (let y = 0; y < height; y += bandRows) {
        const end = Math.min(height, y + bandRows);
        const last = Math.min(c.input.height, (end - 1) * c.stride.height - c.padding.top + c.filter.height);
        for (; read < last; read++) {
          for (let x = 0; x < c.input.width; x++)
            for (let k = 0; k < 4; k++)
              yield ['read', ((image * c.input.height + read) * c.input.width + x) * channels + first + k];
        }
        for (let pixel = y * width; pixel < end * width; pixel++)
          for (let k = 0; k < 4; k++)
            yield ['write', (image * height * width + pixel) * channels + first + k];
      }
    }
  }
}

/** How many output channels a kernel computes at once from the same reads. */
function blockOf(kernel: string, outputs: number): number {
  if (kernel.endsWith('_mve_gathered')) return outputs;
  if (kernel.startsWith('depthwise')) return kernel.endsWith('_mve') ? 16 : 1;
  return kernel.includes('_mve') ? 8 : 4;
}

/** What a C kernel accesses for one pixel, in its order, told from the definition of the operators. */
function* pixelAccesses(graph: Graph, node: Node, kernel: string, pixel: number): Generator<Access> {
  const c = convolutionOf(graph, node);
  const depthwise = node.kind === 'DEPTHWISE_CONV_2D' && !isDense(graph, node);
  const block = blockOf(kernel, c.output.channels);
  // A depthwise kernel of blocks reads as many groups at once as it writes.
  const together = depthwise ? block : 1;
  const outputs = (c.output.channels / c.groups) * together;
  const inputs = c.filter.channels * together;
  const meets = (position: number, tap: number, stride: number, dilation: number, pad: number) =>
    c.transposed ? (position + pad - tap) / stride : position * stride - pad + tap * dilation;
  const x = pixel % c.output.width;
  const y = Math.floor(pixel / c.output.width) % c.output.height;
  const batch = Math.floor(pixel / c.output.width / c.output.height);
  const taps: number[] = [];
  for (let ky = 0; ky < c.filter.height; ky++) {
    const iy = meets(y, ky, c.stride.height, c.dilation.height, c.padding.top);
    for (let kx = 0; kx < c.filter.width; kx++) {
      const ix = meets(x, kx, c.stride.width, c.dilation.width, c.padding.left);
      const inside = iy >= 0 && iy < c.input.height && ix >= 0 && ix < c.input.width;
      if (!inside || !Number.isInteger(iy) || !Number.isInteger(ix)) continue;
      taps.push(((batch * c.input.height + iy) * c.input.width + ix) * c.input.channels);
    }
  }
  if (kernel === 'depthwise_conv_2d_s8_simd32') {
    yield* blockAccesses(c, pixel, taps);
    return;
  }
  for (let group = 0; group * together < c.groups; group++) {
    const outputsHere = Math.min(outputs, c.output.channels - group * outputs);
    const end = Math.min((group + 1) * inputs, c.input.channels);
    for (let first = 0; first < outputsHere; first += block) {
      for (const tap of taps) for (let k = group * inputs; k < end; k++) yield ['read', tap + k];
      for (let n = first; n < Math.min(outputsHere, first + block); n++) {
        yield ['write', pixel * c.output.channels + group * outputs + n];
      }
    }
  }
}

/** Pixels of each image by blocks that are read before they are written: `pixels`, and the last ones one by one. */
function* runsOfPixels({ batches, output }: Convolution, pixels: number): Generator<number[]> {
  const image = output.height * output.width;
  for (let pixel = 0; pixel < batches * image; ) {
    const count = image - (pixel % image) >= pixels ? pixels : 1;
    yield Array.from({ length: count }, (_, i) => pixel + i);
    pixel += count;
  }
}

/** Pixels of each image by four tiles of 2x2, which are read before they are written. */
function* foursOfTiles({ batches, output }: Convolution): Generator<number[]> {
  const columns = Math.ceil(output.width / 2);
  const tiles = Math.ceil(output.height / 2) * columns;
  for (let batch = 0; batch < batches; batch++) {
    for (let first = 0; first < tiles; first += 4) {
      const members = Array.from({ length: Math.min(4, tiles - first) }, (_, i) => first + i);
      yield members.flatMap((tile) => {
        const [y, x] = [2 * Math.floor(tile / columns), 2 * (tile % columns)];
        return [y, y + 1].flatMap((row) =>
          [x, x + 1]
            .filter((column) => row < output.height && column < output.width)
            .map((column) => (batch * output.height + row) * output.width + column),
        );
      });
    }
  }
}

function* accesses(graph: Graph, node: Node, { kernel, shape }: KernelCall): Generator<Access> {
  const conv = convolutionOf(graph, node);
  if (kernel.endsWith('_planes')) {
    yield* planeAccesses(conv, shape.band_rows!);
    return;
  }
  const tiled = kernel === 'conv_2d_s8_winograd';
  for (const pixels of tiled ? foursOfTiles(conv) : runsOfPixels(conv, shape.block_pixels ?? 1)) {
    const block = pixels.flatMap((pixel) => [...pixelAccesses(graph, node, kernel, pixel)]);
    if (tiled || shape.block_pixels) block.sort(([x], [y]) => (x === y ? 0 : x === 'read' ? -1 : 1));
    yield* block;
  }
}

/** What DEPTHWISE_CONV_2D of 3x3 accesses in WASM: bands of rows by blocks of eight channels, each read before it is written. */
function* bandAccesses(c: Convolution, { scalars }: KernelCall): Generator<Access> {
  const { batches, input, output, stride, padding } = c;
  const depth = output.channels;
  for (let row = 0; row < batches * output.height; row++) {
    const [batch, y] = [Math.floor(row / output.height), row % output.height];
    if (y % scalars.band_rows! > 0) continue;
    const rows = Math.min(scalars.band_rows!, output.height - y);
    for (let block = 0; block < depth; block += 8) {
      const first = Math.max(0, Math.min(block, depth - 8));
      const channels = Array.from({ length: Math.min(8, depth) }, (_, k) => first + k);
      for (let line = 0; line < (rows - 1) * stride.height + 3; line++) {
        const iy = y * stride.height - padding.top + line;
        if (iy < 0 || iy >= input.height) continue;
        for (let x = 0; x < input.width; x++) {
          for (const k of channels)
            yield ['read', ((batch * input.height + iy) * input.width + x) * depth + k];
        }
      }
      for (let pixel = 0; pixel < rows * output.width; pixel++) {
        for (const k of channels) yield ['write', (row * output.width + pixel) * depth + k];
      }
    }
  }
}

/** Whether no element is read after an output `distance` elements below the input has overwritten it. */
function passes(order: readonly Access[], distance: number): boolean {
  const poisoned = new Set<number>();
  return order.every(([kind, at]) => {
    if (kind === 'read') return !poisoned.has(at);
    poisoned.add(at - distance);
    return true;
  });
}

const KINDS: readonly Linear[] = ['CONV_2D', 'DEPTHWISE_CONV_2D', 'TRANSPOSE_CONV', 'FULLY_CONNECTED'];

/** Layers that Winograd's kernel takes, for the most part. */
const BY_3 = { kind: 'CONV_2D', types: ['s8'], channels: [12, 16, 20], windows: '3x3' } as const;

/** Layers that are filtered over planes, for the most part. */
const SQUARES = {
  kind: 'DEPTHWISE_CONV_2D',
  types: ['s8'],
  channels: [4, 8, 12],
  windows: 'squares',
} as const;

describe('an output may lie over its input', () => {
  it('from the least distance on at which nothing is overwritten before its last read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS, BY_3, SQUARES), fc.nat(10000), (kind, seed) => {
        const graph =
          typeof kind === 'string' ? linearLayers(kind, seed, 1) : linearLayers(kind.kind, seed, 1, kind);
        const node = graph.nodes[0]!;
        const bytes = graph.tensors[graph.inputs[0]!]!.format.type === 'int16' ? 2 : 1;
        const call = selectKernel(graph, node, CORTEX_M4).lower(graph, node);
        const order = [...accesses(graph, node, call)];
        const [overlap] = call.overlap;
        if (typeof overlap !== 'number') {
          assert.ok(call.kernel.endsWith('_planes'), `${call.kernel} must not lie over its input`);
          assert.ok(overlap === null || passes(order, 0), 'the output takes the place of what is read again');
          return;
        }
        const distance = overlap / bytes;
        assert.ok(passes(order, distance), `${distance} elements are too few`);
        assert.ok(
          distance === 0 || !passes(order, distance - 1),
          `${distance} elements are more than needed`,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('at a distance that is enough on Helium', () => {
    const options = { types: ['s8'], channels: [1, 3, 8, 9, 16, 17, 24, 32] } as const;
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.nat(10000), (kind, seed) => {
        const graph = linearLayers(kind, seed, 1, options);
        const node = graph.nodes[0]!;
        const call = selectKernel(graph, node, CORTEX_M55).lower(graph, node);
        const [distance] = call.overlap;
        assert.ok(
          typeof distance === 'number' && passes([...accesses(graph, node, call)], distance),
          `${call.overlap[0]} elements are too few`,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('at a distance that is enough in bands by channels', () => {
    const options = { types: ['s8'], channels: [1, 3, 8, 9, 16, 17], taps: [3] } as const;
    fc.assert(
      fc.property(fc.nat(10000), (seed) => {
        const graph = linearLayers('DEPTHWISE_CONV_2D', seed, 1, options);
        const node = graph.nodes[0]!;
        const call = selectKernel(graph, node, WASM).lower(graph, node);
        fc.pre(call.kernel === 'depthwise_conv_2d_s8_3x3');
        const [distance] = call.overlap;
        assert.ok(
          typeof distance === 'number' &&
            passes([...bandAccesses(convolutionOf(graph, node), call)], distance),
          `${distance} elements are too few`,
        );
      }),
      { numRuns: 60 },
    );
  });
});
