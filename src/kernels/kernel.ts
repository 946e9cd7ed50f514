import type { Graph } from '../graph/graph.js';
import type { Node, OpKind } from '../graph/ops.js';
import type { TensorId, TypedArray } from '../graph/tensor.js';

/** What the code will run on. `plan` picks kernels by it; emitters and boards name it. */
export interface Target {
  readonly backend: 'c' | 'wasm';
  /** ARM's names; `native` is the machine's own C compiler. */
  readonly isa:
    | 'armv6-m'
    | 'armv7-m'
    | 'armv7e-m'
    | 'armv8-m.main'
    | 'armv8.1-m.main+mve'
    | 'armv7-a+neon'
    | 'armv8-a'
    | 'x86-64'
    | 'native'
    | 'wasm'
    | 'wasm-simd128';
}

/** Integers in a fixed order: the order is the order of a kernel's parameters. */
export type Parameters = Readonly<Record<string, number>>;

export interface TensorArgument {
  /** Parameter name, e.g. `input`, `output`, `state`. */
  readonly name: string;
  /** An activation or state in the arena, or a constant tensor, which the planner then stores as it is. */
  readonly tensor: TensorId;
}

/** A constant in the layout that this kernel wants. Element type = C type of the pointer. */
export interface ConstantArgument {
  readonly name: string;
  readonly data: TypedArray;
  /** What a module may carry in its place. */
  readonly compact?: CompactConstant;
  /** Whether it is a few numbers a channel (biases, thresholds), so that there is room to widen it: `narrow.ts`. */
  readonly isNarrowable?: boolean;
  /** Where `data` has its values in few bits: what the kernel reads. */
  readonly widened?: { readonly type: 'int16' | 'int32'; readonly values: number };
}

/**
 * A smaller form of a constant, or another one of its size, from which an AssemblyScript function makes the constant before anything
 * runs.
 */
export interface CompactConstant {
  readonly data: Int8Array;
  /**
   * Function of `assembly/<source>.ts` that takes the constant's address, at the end of whose memory `data` lies, the
   * address of the arena, which is free at that time, and `parameters`.
   */
  readonly expand: string;
  readonly source: string;
  readonly parameters: readonly number[];
}

/**
 * What a form with relaxed SIMD asks of the engine, from the most that it may ask to the least:
 * - dot_u8: signed by unsigned bytes are multiplied as `assembly/dot.ts` wants it, which few engines do
 * - dot_u7: signed bytes by those of seven bits are, which are the same for all who keep to the standard
 * - swizzle: nothing (`assembly/look_up.ts`)
 */
export const RELAXED_NEEDS = ['dot_u8', 'dot_u7', 'swizzle'] as const;

export type RelaxedNeed = (typeof RELAXED_NEEDS)[number];

/** A form with relaxed SIMD, of the same constants in the same memory. */
export interface RelaxedForm {
  readonly needs: RelaxedNeed;
  /** `KernelCall.instructions` of that form. */
  readonly instructions: number;
}

/**
 * A kernel bound to one node. The function `bl_<kernel>` in C, `<kernel>` in AssemblyScript, takes, in this order:
 * outputs, inputs, scratch (only where scratchBytes > 0), constants, scalars, shape.
 * In C the shape is one `const bl_<kernel>_shape *`, whose int32_t members are the keys of `shape`; it is a literal
 * at each call, so that the compiler specialises the (always inlined) kernel. In AssemblyScript the members
 * follow as single i32 arguments. Steps with equal kernel and shape share one specialised function, so put
 * into `scalars` whatever differs among layers of the same shape without changing the inner loops.
 */
export interface KernelCall {
  readonly kernel: string;
  readonly outputs: readonly TensorArgument[];
  readonly inputs: readonly TensorArgument[];
  readonly scratchBytes: number;
  /**
   * Set where rows `row_begin` up to `row_end` are those of its first input, which it sums up in scratch memory from call to call. `all`:
   * the call that takes the last row makes the output; `window`: rows may go on without end, and each call makes the output of as many
   * last ones as the input has, once there are as many.
   */
  readonly accumulates?: 'all' | 'window';
  readonly constants: readonly ConstantArgument[];
  readonly scalars: Parameters;
  readonly shape: Parameters;
  /**
   * Per input: the least number of bytes by which the first output must start below that input when both share
   * memory (0: exactly in place allowed, and any place below). null: they must not overlap. 'exact': only as one buffer,
   * for an output of the input's size.
   */
  readonly overlap: readonly (number | 'exact' | null)[];
  /** The faster form that the AssemblyScript function has with relaxed SIMD. */
  readonly relaxed?: RelaxedForm;
  /** Multiply-accumulates of one run. */
  readonly macs: number;
  /** Rough executed instructions of one run in portable C on Thumb-2, for `plan`'s prediction. */
  readonly instructions: number;
  /** Where those are, instead, counted in the x64 code that V8 makes of the AssemblyScript function. */
  readonly counted?: 'V8';
  /** Rows of the output that it computes together, where fewer take as long; 1 unless given. */
  readonly rowsAtOnce?: number;
}

/** One row of the kernel table. */
export interface Kernel {
  /** Name of the function; unique. */
  readonly id: string;
  /** File stem: `codegen/c/kernels/<source>.h` and `assembly/<source>.ts`. */
  readonly source: string;
  /** Predicted Thumb-2 bytes of one specialised copy. */
  readonly codeBytes: number;
  readonly ops: readonly OpKind[];
  /** Whether this kernel computes that node exactly on that target. */
  accepts(graph: Graph, node: Node, target: Target): boolean;
  /**
   * How many calls the node takes, where that is not one: CONCATENATION is one copy an input. The planner makes
   * them consecutive steps of the node, whose outputs are complete after the last.
   */
  calls?(graph: Graph, node: Node): number;
  /** Packs constants and derives parameters. Only called after `accepts`. `part` counts the node's calls from 0. */
  lower(graph: Graph, node: Node, part?: number): KernelCall;
  /** The call for bands of at most `rows` rows, where these need less scratch memory than the whole image. */
  inBands?(call: KernelCall, rows: number): KernelCall;
}
