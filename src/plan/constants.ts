import type { Board } from '../../boards/board.js';
import { type Graph, tensorAt } from '../graph/graph.js';
import { type TensorId, type TypedArray, toBytes } from '../graph/tensor.js';
import type { CompactConstant } from '../kernels/kernel.js';
import type { LoweredStep } from './lower.js';
import { uniqueName } from './names.js';
import type { ConstantBlock } from './plan.js';

/** Offsets in the constants image are multiples of this, so that SIMD loads and `memcpy` runs are aligned. */
const ALIGNMENT = 16;
/** Where a linker places each array by itself, on Cortex-M, it takes whole words. */
const WORD = 4;

export interface PlacedConstants {
  readonly blocks: readonly ConstantBlock[];
  /** Per step: index in `blocks` per entry of `call.constants`. */
  readonly ofSteps: readonly (readonly number[])[];
  /** Constant tensors that kernels read as they are. */
  readonly tensors: ReadonlyMap<TensorId, number>;
  /** Per step: bytes of the blocks that no earlier step names. */
  readonly newBytes: readonly number[];
  /** Bytes of the constants image, or of the arrays of a Cortex-M's firmware. */
  readonly bytes: number;
}

/** Stores each distinct constant once. Arrays of different element type stay apart: C gives each block one type. */
export function placeConstants(graph: Graph, steps: readonly LoweredStep[], board: Board): PlacedConstants {
  const blocks: ConstantBlock[] = [];
  const known = new Map<string, number>();
  const names = new Set<string>();
  const tensors = new Map<TensorId, number>();
  let bytes = 0;

  const store = (data: TypedArray, name: string, compact?: CompactConstant): number => {
    const expansion = compact ? `${compact.expand} ${compact.parameters}` : '';
    const key = `${data.constructor.name}:${expansion}:${Buffer.from(toBytes(data)).toString('latin1')}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const offset = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const index =
      blocks.push({ name: uniqueName(name, names), data, offset, ...(compact && { compact }) }) - 1;
    bytes = offset + data.byteLength;
    known.set(key, index);
    return index;
  };

  const newBytes: number[] = [];
  const ofSteps = steps.map((step) => {
    const first = blocks.length;
    const indices = step.call.constants.map((c) => store(c.data, `${step.name}_${c.name}`, c.compact));
    for (const { name, tensor } of step.call.inputs) {
      const { data } = tensorAt(graph, tensor);
      if (data !== null) tensors.set(tensor, store(data, `${step.name}_${name}`));
    }
    newBytes.push(blocks.slice(first).reduce((sum, block) => sum + block.data.byteLength, 0));
    return indices;
  });
  const words = blocks.reduce((sum, { data }) => sum + Math.ceil(data.byteLength / WORD), 0);
  return { blocks, ofSteps, tensors, newBytes, bytes: board.hardware ? words * WORD : bytes };
}
