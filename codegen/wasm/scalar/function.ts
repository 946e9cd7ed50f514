/**
 * Takes SIMD out of a function. A vector becomes the address of sixteen bytes: each local of type v128 has a place in memory, and so have
 * the results of nested instructions, by their depth. An instruction becomes a call of a function in `assembly/scalar`, which reads the
 * places of its operands and writes that of its result; a vector that is loaded is read where it lies.
 */
import binaryen from 'assemblyscript/binaryen';
import { operationOf } from './operations.js';
import { childrenOf, kindOf, localOf, type Ref, setChild, setsLocal, setType, writesMemory } from './tree.js';

const { v128, i32 } = binaryen;

/** Bytes of a vector. */
const VECTOR = 16;

/** Name within the module of a function that it exports. */
export function exported(module: binaryen.Module, name: string): string {
  const found = module.getExport(name);
  if (!found) throw new Error(`assembly/scalar has no ${name}`);
  return binaryen.getExportInfo(found).value;
}

const isVector = (ref: Ref): boolean => binaryen.getExpressionInfo(ref).type === v128;
const lowerType = (type: binaryen.Type): binaryen.Type => (type === v128 ? i32 : type);

/** A function whose places begin at `base`: first those of its locals, then those of results by their depth. */
export class LoweredFunction {
  readonly #places = new Map<number, number>();
  readonly #results: number;
  #end: number;

  constructor(
    readonly module: binaryen.Module,
    readonly info: binaryen.FunctionInfo,
    readonly base: number,
  ) {
    const locals = [...binaryen.expandType(info.params), ...info.vars];
    for (const [i, type] of locals.entries()) {
      if (type === v128) this.#places.set(i, base + VECTOR * this.#places.size);
    }
    this.#results = base + VECTOR * this.#places.size;
    this.#end = this.#results;
  }

  /** Puts the function in the place of that with SIMD. @returns first address behind its places */
  replace(): number {
    const { module } = this;
    const { name, params, results, vars, body } = this.info;
    const types = binaryen.expandType(params);
    const parameters = types.flatMap((type, i) =>
      type === v128 ? [module.drop(this.#move(this.#places.get(i)!, module.local.get(i, i32)))] : [],
    );
    const code = this.#lower(body, 0);
    const whole = module.block(null, [...this.#clear(), ...parameters, code], lowerType(results));
    const newParams = binaryen.createType(types.map(lowerType));
    module.removeFunction(name);
    module.addFunction(name, newParams, lowerType(results), vars.map(lowerType), whole);
    return this.#end;
  }

  /** Locals are zero where a function begins, but their places have what the last call left there. */
  #clear(): readonly Ref[] {
    const { module, base } = this;
    const bytes = this.#results - base;
    const fill = () =>
      module.memory.fill(module.i32.const(base), module.i32.const(0), module.i32.const(bytes));
    return bytes > 0 ? [fill()] : [];
  }

  /** @param depth of how many results before it in the same expression the places are taken */
  #lower(ref: Ref, depth: number): Ref {
    const { module } = this;
    if (operationOf(ref)) return this.#operation(ref, depth);
    switch (kindOf(ref)) {
      case 'LocalGet':
        return isVector(ref) ? this.#address(this.#places.get(localOf(ref))!) : ref;
      case 'LocalSet': {
        const { isTee, value } = binaryen.getExpressionInfo(ref) as binaryen.LocalSetInfo;
        if (!isVector(value)) break;
        const set = this.#into(value, this.#places.get(localOf(ref))!, depth);
        return isTee ? set : module.drop(set);
      }
      case 'Load':
        if (!isVector(ref)) break;
        return this.#pointer(ref, this.#lower(childrenOf(ref)[0]!, depth));
      case 'Store': {
        if (!isVector(childrenOf(ref)[1]!)) break;
        const [pointer, value] = this.#operands(childrenOf(ref), depth);
        return module.drop(this.#call('MoveVec128', [this.#pointer(ref, pointer!), value!], i32));
      }
      case 'Break':
        if (isVector(ref)) throw new Error('a vector leaves a block of a module by a branch');
        break;
      case 'Call': {
        const isMoved = isVector(ref);
        this.#lowerChildren(ref, this.#operands(childrenOf(ref), depth));
        // The next call may overwrite what this one returns.
        return isMoved ? this.#move(this.#result(depth), ref) : ref;
      }
      case 'Select':
        return this.#lowerChildren(ref, this.#operands(childrenOf(ref), depth));
    }
    const children = childrenOf(ref).map((child) => (child ? this.#lower(child, depth) : child));
    return this.#lowerChildren(ref, children);
  }

  /** Gives an expression lowered children, and the type that goes with them. */
  #lowerChildren(ref: Ref, children: readonly Ref[]): Ref {
    if (isVector(ref)) setType(ref, i32);
    for (const [i, child] of children.entries()) if (child) setChild(ref, i, child);
    return ref;
  }

  /** A vector at a place. */
  #into(ref: Ref, place: number, depth: number): Ref {
    return operationOf(ref) ? this.#operation(ref, depth, place) : this.#move(place, this.#lower(ref, depth));
  }

  #operation(ref: Ref, depth: number, place?: number): Ref {
    const { module } = this;
    const { name, operands, immediates } = operationOf(ref)!;
    const { type } = binaryen.getExpressionInfo(ref);
    const isLoad = kindOf(ref).startsWith('SIMDLoad');
    const [first, ...others] = this.#operands(operands, depth);
    const values = first === undefined ? [] : [isLoad ? this.#pointer(ref, first) : first, ...others];
    const constants = immediates.map((value) =>
      typeof value === 'bigint' ? module.i64.const(value as unknown as number) : module.i32.const(value),
    );
    const to = type === v128 ? [this.#address(place ?? this.#result(depth))] : [];
    return this.#call(name, [...to, ...values, ...constants], lowerType(type));
  }

  /** Expressions that are evaluated one after the other, each vector safe from what those after it write. */
  #operands(refs: readonly Ref[], depth: number): readonly Ref[] {
    return refs.map((ref, i) => {
      const isSafe = !isVector(ref) || !refs.slice(i + 1).some((later) => this.#overwrites(later, ref));
      return isSafe ? this.#lower(ref, depth + i) : this.#into(ref, this.#result(depth + i), depth + i);
    });
  }

  /** Whether an expression may write where the vector of one before it lies. */
  #overwrites(later: Ref, ref: Ref): boolean {
    const kind = kindOf(ref);
    if (operationOf(ref) || kind === 'Call') return false;
    if (kind === 'LocalGet' || kind === 'LocalSet') return setsLocal(later, localOf(ref));
    if (kind === 'Load') return writesMemory(later, this.module);
    return setsLocal(later, null) || writesMemory(later, this.module);
  }

  #pointer(ref: Ref, pointer: Ref): Ref {
    const { offset } = binaryen.getExpressionInfo(ref) as binaryen.LoadInfo;
    return offset === 0 ? pointer : this.module.i32.add(pointer, this.module.i32.const(offset));
  }

  #result(depth: number): number {
    const place = this.#results + VECTOR * depth;
    this.#end = Math.max(this.#end, place + VECTOR);
    return place;
  }

  #move(place: number, from: Ref): Ref {
    return this.#call('MoveVec128', [this.#address(place), from], i32);
  }

  #address(place: number): Ref {
    return this.module.i32.const(place);
  }

  #call(name: string, operands: Ref[], type: binaryen.Type): Ref {
    return this.module.call(exported(this.module, name), operands, type);
  }
}
