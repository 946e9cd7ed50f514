/** Takes SIMD out of a module: function by function, and then what only SIMD needed. */
import binaryen from 'assemblyscript/binaryen';
import { HEAP_BASE } from './entry.js';
import { exported, LoweredFunction } from './function.js';
import { childrenOf, kindOf, type Ref } from './tree.js';

const { Features } = binaryen;

/** What modules have beyond WebAssembly 1.0, all of it older than SIMD. */
const FEATURES =
  Features.MutableGlobals |
  Features.SignExt |
  Features.NontrappingFPToInt |
  Features.BulkMemory |
  Features.BulkMemoryOpt;

const PASSES = [
  'remove-unused-module-elements',
  'merge-blocks',
  'optimize-instructions',
  'vacuum',
  'reorder-locals',
];

/** A module without SIMD. */
export interface Lowered {
  readonly wasm: Uint8Array;
  /** First address behind the places of vectors. */
  readonly end: number;
}

/**
 * @param wasm module of a `scalarEntry`
 * @param exports those to keep
 * @throws Error for what modules of ours do not have
 */
export function lowered(wasm: Uint8Array, exports: ReadonlySet<string>): Lowered {
  const module = binaryen.readBinary(wasm);
  try {
    module.setFeatures(FEATURES | Features.SIMD128);
    const end = lowerFunctions(module, heapBase(module));
    const names = Array.from({ length: module.getNumExports() }, (_, i) => {
      return binaryen.getExportInfo(module.getExportByIndex(i)).name;
    });
    for (const name of names) if (!exports.has(name)) module.removeExport(name);
    module.setFeatures(FEATURES);
    module.runPasses(PASSES);
    return { wasm: module.emitBinary(), end };
  } finally {
    module.dispose();
  }
}

function heapBase(module: binaryen.Module): number {
  const { body } = binaryen.getFunctionInfo(module.getFunction(exported(module, HEAP_BASE)));
  if (kindOf(body) !== 'Const') throw new Error(`${HEAP_BASE} is no constant`);
  return (binaryen.getExpressionInfo(body) as binaryen.ConstInfo).value as number;
}

/** Lowers callees before their callers, whose places lie behind theirs. @returns first address behind all places */
function lowerFunctions(module: binaryen.Module, start: number): number {
  const ends = new Map<string, number>();
  const visit = (name: string): number => {
    const known = ends.get(name);
    if (known !== undefined) return known;
    const info = binaryen.getFunctionInfo(module.getFunction(name));
    ends.set(name, Number.NaN);
    const base = Math.max(start, ...[...calleesOf(info.body)].map(visit));
    if (Number.isNaN(base)) throw new Error('a function of a module calls itself');
    const end = new LoweredFunction(module, info, base).replace();
    ends.set(name, end);
    return end;
  };
  const names = Array.from({ length: module.getNumFunctions() }, (_, i) => {
    return binaryen.getFunctionInfo(module.getFunctionByIndex(i)).name;
  });
  return Math.max(start, ...names.map(visit));
}

function calleesOf(ref: Ref, found = new Set<string>()): ReadonlySet<string> {
  if (kindOf(ref) === 'Call') found.add((binaryen.getExpressionInfo(ref) as binaryen.CallInfo).target);
  for (const child of childrenOf(ref)) if (child) calleesOf(child, found);
  return found;
}
