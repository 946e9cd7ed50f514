import { build, type Model } from '../src/index.js';
import type { Plan } from '../src/plan/plan.js';

const WARM_UP = 100;
const RUNS = 200;
/** Long models get fewer runs: this much time is enough for a median. */
const BUDGET_MILLISECONDS = 5000;

/** Builds the WASM module, warms it up and times `run`. */
export async function measureLatency(
  model: Model,
  plan: Plan,
): Promise<{ bytes: number; milliseconds: number }> {
  const wasm = (await build(model, plan)).get(`${plan.prefix}.wasm`)!;
  const { instance } = await WebAssembly.instantiate(new Uint8Array(wasm));
  const run = instance.exports.run as () => void;
  const started = performance.now();
  for (let i = 0; i < WARM_UP && performance.now() - started < BUDGET_MILLISECONDS; i++) run();
  const times: number[] = [];
  const begin = performance.now();
  while (times.length < RUNS && performance.now() - begin < BUDGET_MILLISECONDS) {
    const before = performance.now();
    run();
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  return { bytes: wasm.length, milliseconds: times[times.length >> 1]! };
}
