/** Constants that the module carries in a smaller form and expands when it is instantiated. */
import { toBytes } from '../../src/graph/tensor.js';
import type { ConstantBlock, Plan } from '../../src/plan/plan.js';
import type { Layout } from './layout.js';
import type { Segment } from './link.js';

/** Bytes that `widen` of `assembly/widen.ts` reads at once. */
const STEP = 8;
/** Below this a call costs as much as it saves. */
const LEAST = 64;

/** A call that expands a constant where it lies. */
export interface Expansion {
  readonly expand: string;
  readonly source: string;
  readonly parameters: readonly number[];
}

/** int16 of which each is an int8 is carried as such. */
function narrowed({ data }: ConstantBlock): Int8Array | null {
  if (!(data instanceof Int16Array) || data.length < LEAST || data.length % STEP !== 0) return null;
  if (data.some((value) => value < -128 || value > 127)) return null;
  return Int8Array.from(data);
}

export function expansions(plan: Plan, layout: Layout): readonly Expansion[] {
  return plan.constants.flatMap((block): Expansion[] => {
    const { compact } = block;
    const address = layout.constants + block.offset;
    if (compact) {
      const { expand, source, parameters } = compact;
      return [{ expand, source, parameters: [address, layout.arena, ...parameters] }];
    }
    const narrow = narrowed(block);
    return narrow ? [{ expand: 'widen', source: 'widen', parameters: [address, narrow.length] }] : [];
  });
}

/** The constants at their addresses: compact ones at the end of their memory, the others in runs. */
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
    const compact = block.compact?.data ?? narrowed(block);
    if (compact && compact.length < block.data.byteLength) {
      flush();
      const bytes = toBytes(compact);
      const end = layout.constants + block.offset + block.data.byteLength;
      segments.push({ address: end - bytes.length, bytes });
    } else {
      others.push(block);
    }
  }
  flush();
  return segments;
}
