/**
 * How the elements of an activation lie in memory, seen from ONNX.
 *
 * ONNX puts channels before rows, Bitloom's operators want them last. Instead of transposing at every border, each value remembers
 * the order in which its elements lie. A value's shape in ONNX is factored into *atoms*: the sizes of its dimensions in row-major
 * order, without those of size 1; a dimension that was joined from several (as Flatten does) has several atoms. `order` lists the atoms
 * as they lie in memory. Transpose then only renames dimensions, and reshapes only regroup atoms: neither moves an element.
 */
export class Layout {
  /** Sizes of the atoms of each dimension, all greater than 1. */
  readonly dims: readonly (readonly number[])[];
  /** Indices of the atoms (counted through all dimensions) from the outermost to the innermost in memory. */
  readonly order: readonly number[];

  constructor(dims: readonly (readonly number[])[], order: readonly number[]) {
    this.dims = dims;
    this.order = order;
  }

  /** Elements in ONNX's own order. */
  static rowMajor(shape: readonly number[]): Layout {
    const dims = shape.map((size) => (size === 1 ? [] : [size]));
    return new Layout(
      dims,
      dims.flat().map((_, i) => i),
    );
  }

  /** Elements in the order of the dimensions `perm`, outermost first: [0, 2, 3, 1] for images with channels last. */
  static permuted(shape: readonly number[], perm: readonly number[]): Layout {
    const { dims } = Layout.rowMajor(shape);
    return new Layout(
      dims,
      perm.flatMap((d) => atomsOf(dims, d)),
    );
  }

  /** The value's shape in ONNX. */
  get shape(): number[] {
    return this.dims.map((atoms) => atoms.reduce((product, size) => product * size, 1));
  }

  get sizes(): readonly number[] {
    return this.dims.flat();
  }

  /** Indices of the atoms of dimension `d`, in ONNX's order. */
  atoms(d: number): number[] {
    return atomsOf(this.dims, d);
  }

  /** The value whose dimension i is this one's dimension perm[i]; no element moves. */
  transposed(perm: readonly number[]): Layout {
    const renamed = new Map(perm.flatMap((d) => this.atoms(d)).map((old, atom) => [old, atom]));
    return new Layout(
      perm.map((d) => this.dims[d]!),
      this.order.map((atom) => renamed.get(atom)!),
    );
  }

  /** The value in another shape of as many elements; no element moves. Null where an atom would have to be cut unevenly. */
  reshaped(shape: readonly number[]): Layout | null {
    if (this.isRowMajor()) return Layout.rowMajor(shape);
    const pieces: number[][] = this.sizes.map(() => []);
    const dims: number[][] = [];
    let atom = 0;
    let rest = this.sizes[0] ?? 1;
    for (const size of shape) {
      const parts: number[] = [];
      let need = size;
      while (need > 1) {
        const part = need % rest === 0 ? rest : rest % need === 0 ? need : 0;
        if (part === 0) return null;
        parts.push(part);
        pieces[atom]!.push(part);
        need /= part;
        rest /= part;
        if (rest === 1) rest = this.sizes[++atom] ?? 1;
      }
      dims.push(parts);
    }
    const firsts = pieces.map((_, i) => pieces.slice(0, i).flat().length);
    return new Layout(
      dims,
      this.order.flatMap((old) => pieces[old]!.map((_, i) => firsts[old]! + i)),
    );
  }

  /** The atoms in memory's order, those of the last dimension apart: in this order rows lie in one piece. */
  rowsFirst(): { readonly inRows: readonly number[]; readonly inDepth: readonly number[] } {
    const columns = new Set(this.atoms(this.dims.length - 1));
    return {
      inRows: this.order.filter((atom) => !columns.has(atom)),
      inDepth: this.order.filter((atom) => columns.has(atom)),
    };
  }

  isRowMajor(): boolean {
    return this.order.every((atom, place) => atom === place);
  }

  /**
   * The dimensions in the order in which they lie in memory, or null where one does not lie in one piece. Dimensions of size 1 lie
   * anywhere: where ONNX's order fits it is taken, then channels last.
   */
  dimOrder(): readonly number[] | null {
    const rank = this.dims.length;
    const identity = Array.from({ length: rank }, (_, d) => d);
    const channelsLast = [0, ...identity.slice(2), 1];
    for (const perm of rank > 2 ? [identity, channelsLast] : [identity]) if (this.lies(perm)) return perm;
    const large = identity.filter((d) => this.dims[d]!.length > 0);
    const place = (d: number) => this.order.indexOf(this.atoms(d)[0]!);
    const perm = [
      ...identity.filter((d) => this.dims[d]!.length === 0),
      ...large.sort((a, b) => place(a) - place(b)),
    ];
    return this.lies(perm) ? perm : null;
  }

  /** Whether the elements lie in the order of the dimensions `perm`. */
  lies(perm: readonly number[]): boolean {
    const order = perm.flatMap((d) => this.atoms(d));
    return order.every((atom, place) => atom === this.order[place]);
  }
}

function atomsOf(dims: readonly (readonly number[])[], d: number): number[] {
  const first = dims.slice(0, d).flat().length;
  return dims[d]!.map((_, i) => first + i);
}

/** What a TRANSPOSE needs to bring elements of `layout` into another order of its atoms; neighbours that stay together are one. */
export interface Movement {
  readonly from: readonly number[];
  readonly perm: readonly number[];
  readonly to: readonly number[];
}

/** The movement from the order in which elements lie to `order`; null where they lie so already. */
export function movement(layout: Layout, order: readonly number[]): Movement | null {
  if (order.every((atom, place) => atom === layout.order[place])) return null;
  const sources = order.map((atom) => layout.order.indexOf(atom));
  const runs: { first: number; size: number }[] = [];
  for (const [i, source] of sources.entries()) {
    const size = layout.sizes[order[i]!]!;
    const last = runs.at(-1);
    if (last && i > 0 && source === sources[i - 1]! + 1) last.size *= size;
    else runs.push({ first: source, size });
  }
  const inMemory = [...runs].sort((a, b) => a.first - b.first);
  return {
    from: inMemory.map(({ size }) => size),
    perm: runs.map((run) => inMemory.indexOf(run)),
    to: runs.map(({ size }) => size),
  };
}
