/** Binaryen's expressions as a tree that can be changed in place. */
import binaryen from 'assemblyscript/binaryen';

export type Ref = binaryen.ExpressionRef;

/** Of each expression that modules are made of, what it evaluates, in order. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  Block: ['children'],
  Break: ['value', 'condition'],
  Binary: ['left', 'right'],
  Call: ['operands'],
  Const: [],
  Drop: ['value'],
  GlobalGet: [],
  GlobalSet: ['value'],
  If: ['condition', 'ifTrue', 'ifFalse'],
  Load: ['ptr'],
  LocalGet: [],
  LocalSet: ['value'],
  Loop: ['body'],
  MemoryCopy: ['dest', 'source', 'size'],
  MemoryFill: ['dest', 'value', 'size'],
  MemorySize: [],
  Nop: [],
  Return: ['value'],
  SIMDExtract: ['vec'],
  SIMDLoad: ['ptr'],
  SIMDLoadStoreLane: ['ptr', 'vec'],
  SIMDReplace: ['vec', 'value'],
  SIMDShift: ['vec', 'shift'],
  SIMDShuffle: ['left', 'right'],
  SIMDTernary: ['a', 'b', 'c'],
  Select: ['ifTrue', 'ifFalse', 'condition'],
  Store: ['ptr', 'value'],
  Switch: ['condition', 'value'],
  Unary: ['value'],
  Unreachable: [],
};

type Accessors = Readonly<Record<string, (ref: Ref, ...values: number[]) => Ref | readonly Ref[]>>;

/** What the declarations of Binaryen lack: its classes of expressions, whose static functions read and write fields. */
const classes = binaryen as unknown as Readonly<Record<string, Accessors>>;

const KINDS = new Map(
  Object.keys(CHILDREN).map((kind) => [
    (binaryen as unknown as Readonly<Record<string, number>>)[`${kind}Id`],
    kind,
  ]),
);

/** Name of an expression's class. @throws Error for one that no module of ours has */
export function kindOf(ref: Ref): string {
  const { id } = binaryen.getExpressionInfo(ref);
  const kind = KINDS.get(id);
  if (kind === undefined) throw new Error(`unexpected WebAssembly expression ${id}`);
  return kind;
}

/** Field of an expression with a list of children, by which functions access it. */
const LISTS: Readonly<Record<string, string>> = { children: 'Child', operands: 'Operand' };

const capital = (field: string): string => field[0]!.toUpperCase() + field.slice(1);

/** What an expression evaluates, in order; 0 where it lacks a child that it may have. */
export function childrenOf(ref: Ref): readonly Ref[] {
  const kind = kindOf(ref);
  return CHILDREN[kind]!.flatMap((field) => classes[kind]![`get${capital(field)}`]!(ref));
}

/** Replaces the child at a position in `childrenOf`. */
export function setChild(ref: Ref, position: number, child: Ref): void {
  const kind = kindOf(ref);
  const fields = CHILDREN[kind]!;
  const list = LISTS[fields[0]!];
  if (list) classes[kind]![`set${list}At`]!(ref, position, child);
  else classes[kind]![`set${capital(fields[position]!)}`]!(ref, child);
}

/** Gives an expression another type. */
export function setType(ref: Ref, type: binaryen.Type): void {
  classes.Expression!.setType!(ref, type);
}

const { SideEffects } = binaryen as unknown as { readonly SideEffects: Readonly<Record<string, number>> };

/** Whether an expression may write the memory, itself or by a call. */
export function writesMemory(ref: Ref, module: binaryen.Module): boolean {
  // Declared with features as its second parameter, which it took before.
  const effects = binaryen.getSideEffects(ref, module as unknown as binaryen.Features);
  return (effects & (SideEffects.WritesMemory! | SideEffects.Calls!)) !== 0;
}

/** Whether an expression sets a local: that of an index, or any. */
export function setsLocal(ref: Ref, index: number | null): boolean {
  if (kindOf(ref) === 'LocalSet' && (index === null || localOf(ref) === index)) return true;
  return childrenOf(ref).some((child) => child !== 0 && setsLocal(child, index));
}

/** Index of the local that an expression gets or sets. */
export function localOf(ref: Ref): number {
  return (binaryen.getExpressionInfo(ref) as binaryen.LocalGetInfo).index;
}
