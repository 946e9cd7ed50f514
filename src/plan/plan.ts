import type { Board, MemoryRegion } from '../../boards/board.js';
import type { Graph } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import type { TensorId, TypedArray } from '../graph/tensor.js';
import type { CompactConstant, KernelCall } from '../kernels/kernel.js';
import type { Cost } from './cost-model.js';
import type { Objective } from './objective.js';
import type { Source } from './stages/layer.js';
import type { Move } from './stages/rings.js';
import type { Grid } from './tiles/grid.js';
import type { ImageParts } from './tiles/parts.js';

/** A packed constant. Equal contents are stored once, so several steps may name one block. */
export interface ConstantBlock {
  /** C identifier without the model's prefix, unique: `conv_2d_1_filter`. */
  readonly name: string;
  readonly data: TypedArray;
  /** Byte offset in the constants image (WASM's data segment); a multiple of 16. */
  readonly offset: number;
  /** What a module may carry in place of `data`. */
  readonly compact?: CompactConstant;
}

/** One kernel call with everything decided. */
export interface Step {
  /** C identifier without the model's prefix, unique: `conv_2d_1`. */
  readonly name: string;
  readonly node: Node;
  readonly call: KernelCall;
  /** Whether this is the last step of its node: before it the node's outputs are not complete. */
  readonly completes: boolean;
  /** Source file stem of the kernel (`Kernel.source`). */
  readonly source: string;
  /** Index in `Plan.functions` of the specialised function that runs this step. */
  readonly functionIndex: number;
  /** Index in `Plan.constants` per entry of `call.constants`. */
  readonly constants: readonly number[];
  /** Arena offset of the scratch memory, null where none is needed. */
  readonly scratchOffset: number | null;
  readonly cost: StepCost;
}

/**
 * Consecutive steps that run round by round, each some rows of its output further as soon as it can, out of and into rings of rows.
 * A step whose call has the scalars `row_begin` and `row_end` makes all its rows of a round at once; others are called row by row.
 */
export interface Stage {
  /** Indexes in `Plan.steps`, inclusive. */
  readonly first: number;
  readonly last: number;
  /** The image whose rows set the pace, its height, and its rows a round. */
  readonly input: TensorId;
  readonly inputHeight: number;
  readonly rows: number;
  readonly layers: readonly StepRows[];
  /** Images by tensor: rows of the ring that holds it, its height where it is whole, and the bytes of a row. */
  readonly rings: ReadonlyMap<TensorId, Ring>;
  readonly moves: readonly Move[];
  /** By how many bytes the stage's output must start below `input` where both share memory; null where they must not. */
  readonly overlap: number | null;
  /** Whether the caller brings the input row by row, so that the stage stops and goes on: see `Feed`. */
  readonly fed: boolean;
  /** Set where that input never ends; the images of `Plan.graph` are those of which one output is made. */
  readonly stream: Stream | null;
}

/** Of a stage that the caller brings frames without end, the rows of its input. */
export interface Stream {
  /** Frames that an output is made of, and how many frames after one the next comes. */
  readonly window: number;
  readonly stride: number;
  /**
   * By count (see `Feed`): after so many rows each all rings are as they were, so that counts that have reached a window and a period are
   * lowered by it.
   */
  readonly periods: readonly number[];
}

/**
 * How the caller brings the network's input row by row: once for each fed stage, which are the first of the plan's. Where there are
 * several, each is a strip, whose input are those columns that a STRIDED_SLICE cuts, which has no step: the feed itself does that.
 * In the arena lie int32 counts of the input's rows and of those of each layer of the stage whose turn it is, then, of several
 * stages, that one's index.
 */
export interface Feed {
  /** Offset of the counts in the arena; nothing else ever lies there. */
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Consecutive steps that compute an image tile after tile, the halos between them again for each: strips, each of which is a stage, or
 * patches, whose layers run one by one.
 */
export interface TiledSteps {
  /** Indexes in `Plan.steps`, inclusive. */
  readonly first: number;
  readonly last: number;
  readonly grid: Grid;
  /** Names of the layers that they compute: those of the first tile's steps. */
  readonly layers: { readonly first: string; readonly last: string };
  /** What they read and then what each layer makes, as whole layers would. */
  readonly images: readonly TiledImage[];
}

/** An image and the part of it that each tile has. */
export interface TiledImage extends ImageParts {
  /** Of the layer that makes it, or of an input of the network. */
  readonly name: string;
  readonly height: number;
  readonly width: number;
}

/** The rows that the steps of one node make. */
export interface StepRows {
  readonly first: number;
  readonly last: number;
  /** Rows of the output, and those that a round makes at most. */
  readonly height: number;
  readonly most: number;
  /** What it waits for; layers by index in `Stage.layers`. */
  readonly sources: readonly Source[];
}

export interface Ring {
  readonly rows: number;
  readonly rowBytes: number;
  /**
   * Null where the memory stays the image's for the whole stage, row y in row y % rows of it. Else it is a window, there from its maker
   * to its last reader in a round, whose first so many rows are the last of earlier rounds; between rounds these lie at `Arena.keptRows`.
   */
  readonly kept: number | null;
}

/** Predicted. */
export interface StepCost extends Cost {
  readonly macs: number;
  readonly constantBytes: number;
  /** Bytes of the specialised function, counted at the first step that uses it. */
  readonly codeBytes: number;
  /** Bytes of the arena that are live while the step runs. */
  readonly liveBytes: number;
}

/** A kernel with its literal shape: emitted once as a function of pointers and scalars. */
export interface SpecialisedFunction {
  /** `conv_2d_s8_0`: kernel name and a running number. */
  readonly name: string;
  /** The first call that needs it: its parameter names, types and shape describe the function. */
  readonly call: KernelCall;
  readonly source: string;
}

export interface Arena {
  /** Size of the caller's buffer. */
  readonly bytes: number;
  /** Required alignment of the caller's buffer. */
  readonly alignment: number;
  /** Where each activation and state lives. Aliases (RESHAPE) share an offset. Constants have none. */
  readonly offsets: ReadonlyMap<TensorId, number>;
  /** Of windows of stages: where their rows of earlier rounds lie between rounds. */
  readonly keptRows: ReadonlyMap<TensorId, number>;
  /** No placement of these buffers can be smaller; equal to `bytes` when the placement is proved optimal. */
  readonly lowerBound: number;
  /** What was placed, scratch included. Two that are live in one step share bytes only where its call, or a stage, lets its output overlap its input. */
  readonly buffers: readonly PlacedBuffer[];
}

/** A piece of the arena: tensors that share memory, or the scratch of one step (no tensors). */
export interface PlacedBuffer {
  readonly tensors: readonly TensorId[];
  readonly bytes: number;
  readonly offset: number;
  /** First and last step at which its bytes matter. Inputs and states begin at -1; outputs and states end at the number of steps. */
  readonly first: number;
  readonly last: number;
  /** Of rows that a window keeps between rounds: the window's image, and the steps at which they are in it instead. */
  readonly kept?: KeptRows;
}

export interface KeptRows {
  readonly image: TensorId;
  readonly first: number;
  readonly last: number;
}

/** What the memories of a board hold. */
export interface Placement {
  /** The board's map; adjacent RAMs are one where no single one holds the arena. */
  readonly regions: readonly MemoryRegion[];
  /** Vectors and code. */
  readonly code: MemoryRegion;
  readonly constants: MemoryRegion;
  readonly stack: MemoryRegion;
  readonly arena: MemoryRegion;
  /** Variables of the image beside the model. */
  readonly data: MemoryRegion;
  /** Null where no RAM of the board runs code faster than its flash, or nothing fits there. */
  readonly hot: HotCode | null;
}

/** Functions that start-up code copies to RAM. */
export interface HotCode {
  readonly region: MemoryRegion;
  /** Indexes in `Plan.functions`. */
  readonly functions: readonly number[];
  /** Predicted. */
  readonly bytes: number;
  /** Of the predicted time of a run, that of these functions. */
  readonly share: number;
}

/** Everything decided about a model on a board; emitters only write it down. */
export interface Plan {
  readonly graph: Graph;
  readonly board: Board;
  /** C identifier that prefixes every symbol, e.g. `kws`. */
  readonly prefix: string;
  /** SHA-256 of the model file, hexadecimal. */
  readonly modelHash: string;
  /** What the choice of kernels makes small. */
  readonly optimize: Objective;
  /** What was asked for beside the board, as words of the command line; absent where nothing was. */
  readonly told?: readonly string[];
  readonly steps: readonly Step[];
  /** In the order of their steps; they share none. */
  readonly stages: readonly Stage[];
  /** Null where the input is whole in the arena. */
  readonly feed: Feed | null;
  readonly tiles: readonly TiledSteps[];
  readonly functions: readonly SpecialisedFunction[];
  readonly constants: readonly ConstantBlock[];
  /** Constant tensors that kernels read as they are: index in `constants`. Other tensors live in the arena. */
  readonly constantTensors: ReadonlyMap<TensorId, number>;
  readonly arena: Arena;
  /** Which memory holds what; null for boards without a memory map. */
  readonly placement: Placement | null;
  readonly totals: PlanTotals;
}

export interface PlanTotals extends Cost {
  readonly macs: number;
  readonly arenaBytes: number;
  readonly constantBytes: number;
  /** Of the steps, and what they have in common. */
  readonly codeBytes: number;
  /** Predicted stack bytes of the model's own functions. */
  readonly stackBytes: number;
  /** Predicted bytes of flash that an image holds beside code and constants of the model. */
  readonly startUpBytes: number;
}
