/** Times of several engines side by side, in Node and in a browser. */

export interface Runner {
  readonly run: () => void | Promise<void>;
  /** Bytes of what a run writes. */
  readonly output: () => Promise<Uint8Array>;
}

export interface Comparison {
  /** Milliseconds of a run by engine, a value a round. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, Uint8Array>>;
}

const WARM_UP_RUNS = 120;
const ROUNDS = 60;
/** A sample is as many runs as take this long: the clock is too coarse for short ones. */
const SAMPLE_MILLISECONDS = 2;
/** Of one engine: long models get fewer warm-up runs and rounds. */
const BUDGET_MILLISECONDS = 10_000;

/** Warms all up, then takes a sample of each in each of many rounds, in an order by chance. */
export async function compare(runners: Readonly<Record<string, Runner>>): Promise<Comparison> {
  const contestants = [];
  for (const [name, runner] of Object.entries(runners)) {
    const first = await time(runner, 2);
    const each = await time(runner, Math.ceil(Math.min(WARM_UP_RUNS, BUDGET_MILLISECONDS / 2 / first)));
    const runs = Math.max(1, Math.ceil(SAMPLE_MILLISECONDS / each));
    contestants.push({ name, runner, runs, times: [] as number[] });
  }
  const end = performance.now() + BUDGET_MILLISECONDS * contestants.length;
  for (let round = 0; round < ROUNDS && performance.now() < end; round++) {
    for (const { runner, runs, times } of shuffled(contestants)) times.push(await time(runner, runs));
  }
  const outputs: Record<string, Uint8Array> = {};
  for (const { name, runner } of contestants) outputs[name] = await runner.output();
  return { times: Object.fromEntries(contestants.map(({ name, times }) => [name, times])), outputs };
}

/** Milliseconds of one run, out of `runs`. */
async function time(runner: Runner, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) {
    // No turn of the event loop for what does not need one.
    const pending = runner.run();
    if (pending) await pending;
  }
  return (performance.now() - start) / runs;
}

function shuffled<T>(list: readonly T[]): readonly T[] {
  const keyed = list.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
