import { toBytes } from '../../src/graph/tensor.js';
import type { ConstantBlock, Plan } from '../../src/plan/plan.js';
import type { Layout } from './layout.js';
import type { Segment } from './link.js';

/** Bytes that `widen` of `assembly/widen.ts` reads at once. */
const STEP = 8;
/** Below this a call costs as much as it saves. */
const LEAST = 64;

/** Weights that the module carries as int8 and widens to int16 when it is instantiated. */
export interface NarrowBlock {
  readonly address: number;
  /** int8 bytes, a multiple of 8; they lie in the upper half of the block until they are widened. */
  readonly bytes: number;
}

function isNarrow({ data }: ConstantBlock): boolean {
  if (!(data instanceof Int16Array) || data.length < LEAST || data.length % STEP !== 0) return false;
  return data.every((value) => value >= -128 && value <= 127);
}

export function narrowBlocks(plan: Plan, layout: Layout): readonly NarrowBlock[] {
  return plan.constants
    .filter(isNarrow)
    .map(({ offset, data }) => ({ address: layout.constants + offset, bytes: data.length }));
}

/** The constants at their addresses: narrow ones as int8, the others in runs. */
export function constantSegments(plan: Plan, layout: Layout): readonly Segment[] {
  const segments: Segment[] = [];
  let others: ConstantBlock[] = [];
  const flush = () => {
    const [first, last] = [others[0], others.at(-1)];
    if (!first || !last) return;
    const bytes = new Uint8Array(last.offset + last.data.byteLength - first.offset);
    for (const { offset, data } of others) bytes.set(toBytes(data), offset - first.offset);
    segments.push({ address: layout.constants + first.offset, bytes });
    others = [];
  };
  for (const block of plan.constants) {
    if (isNarrow(block)) {
      flush();
      const bytes = toBytes(Int8Array.from(block.data as Int16Array));
      segments.push({ address: layout.constants + block.offset + bytes.length, bytes });
    } else {
      others.push(block);
    }
  }
  flush();
  return segments;
}
