/** Which function of `assembly/scalar` an instruction on vectors becomes, and what that takes beside the vectors. */
import binaryen from 'assemblyscript/binaryen';
import { childrenOf, kindOf, type Ref } from './tree.js';

/** Names of operations by kind of expression: Binaryen counts each kind from 0. */
const NAMES: Readonly<Record<string, RegExp>> = {
  Unary:
    /^(Splat|Not|AnyTrue|AllTrue|Bitmask|Abs|Neg|Popcnt|Sqrt|Ceil|Floor|Trunc|Nearest|ExtAdd|Convert|Extend)\w*Vec/,
  Binary:
    /^(Eq|Ne(?=V)|[LG][te]|And|Or|Xor|Add|Sub|Mul|Div|Min|Max|PMin|PMax|Avgr|Q15|ExtMul|Dot|Narrow|Swizzle)\w*Vec/,
  SIMDExtract: /^ExtractLane/,
  SIMDReplace: /^ReplaceLane/,
  SIMDTernary: /^BitselectVec/,
  SIMDShift: /^Sh[lr]\w*Vec/,
  SIMDLoad: /^Load(?!\d+Lane)\w+Vec128$/,
  SIMDLoadStoreLane: /^(Load|Store)\d+LaneVec128$/,
};

const OPERATIONS = new Map(
  Object.entries(NAMES).map(([kind, pattern]) => {
    const found = Object.entries(binaryen).filter(
      ([name, code]) => typeof code === 'number' && pattern.test(name),
    );
    return [kind, new Map(found.map(([name, code]) => [code as number, name]))];
  }),
);

/** A call that stands for an expression: of the function `name`, with `immediates` behind the operands. */
export interface Operation {
  readonly name: string;
  /** What is evaluated, in order. */
  readonly operands: readonly Ref[];
  readonly immediates: readonly (number | bigint)[];
}

/** The operation of an expression that takes or makes vectors; null where it only moves them, or has none. */
export function operationOf(ref: Ref): Operation | null {
  const own = simpleOperation(ref);
  if (own?.name !== 'AddVecI32x4') return own;
  // Most of what hot loops do: one call in place of two.
  const [sums, products] = own.operands;
  const dot = simpleOperation(products!);
  if (dot?.name !== 'DotSVecI16x8ToVecI32x4') return own;
  return { name: 'AddDotSVecI16x8ToVecI32x4', operands: [sums!, ...dot.operands], immediates: [] };
}

function simpleOperation(ref: Ref): Operation | null {
  const kind = kindOf(ref);
  const operands = childrenOf(ref);
  const info = binaryen.getExpressionInfo(ref) as binaryen.ExpressionInfo & {
    readonly op: number;
    readonly index: number;
    readonly mask: readonly number[];
    readonly value: unknown;
  };
  if (kind === 'Const' && info.type === binaryen.v128) {
    return { name: 'ConstVec128', operands, immediates: halves(info.value as readonly number[]) };
  }
  if (kind === 'SIMDShuffle') return { name: 'ShuffleVec128', operands, immediates: halves(info.mask) };
  const name = OPERATIONS.get(kind)?.get(info.op);
  if (name === undefined) {
    if (kind.startsWith('SIMD')) throw new Error(`unexpected WebAssembly operation ${kind} ${info.op}`);
    return null;
  }
  const hasLane = ['SIMDExtract', 'SIMDReplace', 'SIMDLoadStoreLane'].includes(kind);
  return { name, operands, immediates: hasLane ? [info.index] : [] };
}

/** Sixteen bytes as two numbers of 64 bits. */
function halves(bytes: readonly number[]): readonly bigint[] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return [view.getBigUint64(0, true), view.getBigUint64(8, true)];
}
