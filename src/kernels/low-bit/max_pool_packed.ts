import { outputOf, requireInput } from '../../graph/graph.js';
import { byteLength, isPacked, sameFormat } from '../../graph/tensor.js';
import type { Kernel } from '../kernel.js';
import { inputArgument, outputArgument } from '../operands.js';
import { windowOverlap } from '../overlap.js';
import { poolOf, poolShape, windowStarts, windowsMeetImage } from '../reduction/pool.js';
import { fullWord, packedRows, tailOf, wordsOf } from './rows.js';

/** MAX_POOL_2D of packed codes. */
export const maxPoolPackedKernel: Kernel = {
  id: 'max_pool_packed',
  source: 'max_pool_packed',
  codeBytes: 240,
  ops: ['MAX_POOL_2D'],
  accepts(graph, node) {
    const x = requireInput(graph, node, 0);
    if (!isPacked(x.format.type) || !sameFormat(x.format, outputOf(graph, node).format)) return false;
    return x.shape.length === 4 && windowsMeetImage(poolShape(graph, node));
  },
  lower(graph, node) {
    const y = outputOf(graph, node);
    const { batches, channels, ...image } = poolShape(graph, node);
    const rows = packedRows(y);
    const words = wordsOf(rows);
    const { bits } = rows;
    const { clamp } = poolOf(node);
    const wordStarts = windowStarts({ batches, ...image, channels: words });
    const pixels = byteLength(y) / 4;
    const perTap = bits === 1 ? 4 : 16;
    return {
      kernel: 'max_pool_packed',
      outputs: [outputArgument(node)],
      inputs: [inputArgument(node)],
      scratchBytes: 0,
      constants: [],
      scalars: { row_begin: 0, row_end: image.output_height },
      shape: {
        batches,
        words,
        bits,
        high: fullWord(2 ** (bits - 1), bits),
        tail: tailOf(rows),
        ...image,
        act_min: bits === 1 ? -1 : fullWord(clamp.min, bits),
        act_max: bits === 1 ? 0 : fullWord(clamp.max, bits),
      },
      overlap: [windowOverlap(wordStarts, words, 4)],
      macs: 0,
      instructions: pixels * (16 + image.filter_height * (6 + perTap * image.filter_width)),
    };
  },
};
