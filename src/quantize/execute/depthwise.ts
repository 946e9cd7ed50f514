import { type Graph, outputOf, requireInput } from '../../graph/graph.js';
import type { NodeOf } from '../../graph/ops.js';

/**
 * DEPTHWISE_CONV_2D in float32 without activation. Its filters are too short for a product of matrices.
 * @param filter [1, height, width, channels]
 * @returns NHWC
 */
export function depthwise(
  graph: Graph,
  node: NodeOf<'DEPTHWISE_CONV_2D'>,
  x: Float32Array,
  filter: Float32Array,
  bias: Float32Array | null,
): Float32Array {
  const { stride, dilation, padding, depthMultiplier } = node.attributes;
  const [, height, width, depth] = requireInput(graph, node, 0).shape as [number, number, number, number];
  const [, kernelHeight, kernelWidth] = requireInput(graph, node, 1).shape as [number, number, number];
  const [batch, outputHeight, outputWidth, channels] = outputOf(graph, node).shape as [
    number,
    number,
    number,
    number,
  ];
  const y = new Float32Array(batch * outputHeight * outputWidth * channels);
  let to = 0;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outputHeight; oy++) {
      for (let ox = 0; ox < outputWidth; ox++, to += channels) {
        if (bias) y.set(bias, to);
        for (let ky = 0; ky < kernelHeight; ky++) {
          const iy = oy * stride.height - padding.top + ky * dilation.height;
          if (iy < 0 || iy >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const ix = ox * stride.width - padding.left + kx * dilation.width;
            if (ix < 0 || ix >= width) continue;
            const from = ((n * height + iy) * width + ix) * depth;
            const tap = (ky * kernelWidth + kx) * channels;
            if (depthMultiplier === 1)
              for (let c = 0; c < channels; c++) y[to + c]! += x[from + c]! * filter[tap + c]!;
            else
              for (let c = 0; c < channels; c++)
                y[to + c]! += x[from + Math.floor(c / depthMultiplier)]! * filter[tap + c]!;
          }
        }
      }
    }
  }
  return y;
}
