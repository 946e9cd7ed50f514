/**
 * One format for each layer, of least loss within budgets: an integer program (as in CalibTIP, arXiv 2006.10518), solved by HiGHS.
 */
import highs from 'highs';

export interface Candidate {
  /** Of the network's outputs; losses of layers add up. */
  readonly loss: number;
  /** Bytes of constants. */
  readonly bytes: number;
  /** Predicted, in the board's unit of time. */
  readonly time: number;
}

export interface Budget {
  readonly bytes?: number;
  readonly time?: number;
}

export interface Allocation {
  /** Index of the candidate by layer. */
  readonly choice: readonly number[];
  readonly loss: number;
  readonly bytes: number;
  readonly time: number;
}

/** Its types are declared as a CommonJS module's, where the default export of its ES module is meant. */
const loadHighs = highs as unknown as typeof highs.default;

type Solver = Awaited<ReturnType<typeof loadHighs>>;

/** Share by which a choice may be worse than the best: to prove the last thousandth takes far longer than to find it. */
const GAP = 1e-3;

export class Allocator {
  private constructor(private readonly solver: Solver) {}

  static async create(): Promise<Allocator> {
    return new Allocator(await loadHighs());
  }

  /**
   * @param layers candidates of each layer, at least one
   * @returns null where no choice is within the budget
   */
  allocate(layers: readonly (readonly Candidate[])[], budget: Budget): Allocation | null {
    const { Status, Columns } = this.solver.solve(program(layers, budget), { mip_rel_gap: GAP });
    if (Status !== 'Optimal') return null;
    const choice = layers.map((candidates, layer) =>
      candidates.findIndex((_, i) => Columns[variable(layer, i)]!.Primal > 0.5),
    );
    return totalled(layers, choice);
  }

  /** Of fewest bytes, whatever the loss. */
  smallest(layers: readonly (readonly Candidate[])[]): Allocation {
    return totalled(
      layers,
      layers.map((candidates) => {
        const bytes = candidates.map((candidate) => candidate.bytes);
        return bytes.indexOf(Math.min(...bytes));
      }),
    );
  }

  /** Allocations from the smallest to that of least loss, each of less loss and more bytes than the one before it. */
  front(layers: readonly (readonly Candidate[])[], { time }: Budget, points: number): readonly Allocation[] {
    const low = this.smallest(layers).bytes;
    const high = layers.reduce(
      (sum, candidates) => sum + Math.max(...candidates.map(({ bytes }) => bytes)),
      0,
    );
    const found: Allocation[] = [];
    for (let i = 0; i < points; i++) {
      const bytes = Math.ceil(low + ((high - low) * i) / (points - 1));
      const next = this.allocate(layers, time === undefined ? { bytes } : { bytes, time });
      if (next && next.loss < (found.at(-1)?.loss ?? Number.POSITIVE_INFINITY)) found.push(next);
    }
    return found;
  }
}

function totalled(layers: readonly (readonly Candidate[])[], choice: readonly number[]): Allocation {
  const chosen = layers.map((candidates, layer) => candidates[choice[layer]!]!);
  const total = (of: (candidate: Candidate) => number) =>
    chosen.reduce((sum, candidate) => sum + of(candidate), 0);
  return {
    choice,
    loss: total(({ loss }) => loss),
    bytes: total(({ bytes }) => bytes),
    time: total(({ time }) => time),
  };
}

/** In CPLEX's LP format. Losses are scaled to a greatest of 1000, beside which the solver's tolerances are small. */
function program(layers: readonly (readonly Candidate[])[], { bytes, time }: Budget): string {
  const greatest = Math.max(...layers.flat().map(({ loss }) => loss), Number.MIN_VALUE);
  const sum = (of: (candidate: Candidate) => number) =>
    layers
      .flatMap((candidates, layer) =>
        candidates.map((candidate, i) => `${of(candidate)} ${variable(layer, i)}`),
      )
      .join('\n + ');
  const limits = [
    ...(bytes === undefined ? [] : [`bytes: ${sum((candidate) => candidate.bytes)} <= ${bytes}`]),
    ...(time === undefined ? [] : [`time: ${sum((candidate) => candidate.time)} <= ${time}`]),
  ];
  const one = layers.map(
    (candidates, layer) => `layer${layer}: ${candidates.map((_, i) => variable(layer, i)).join(' + ')} = 1`,
  );
  const binary = layers.flatMap((candidates, layer) => candidates.map((_, i) => variable(layer, i)));
  return [
    'Minimize',
    `loss: ${sum(({ loss }) => (1000 * loss) / greatest)}`,
    'Subject To',
    ...limits,
    ...one,
    'Binary',
    ...binary,
    'End',
  ].join('\n');
}

function variable(layer: number, candidate: number): string {
  return `x${layer}_${candidate}`;
}
