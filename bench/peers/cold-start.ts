/** What a fresh page in Chromium runs for bench/cold-start.ts: one engine, from nothing to the first output. */
import { bitloomRunner, liteRtRunner } from './engines.js';
import { fetchBytes, loadLiteRt } from './page.js';

export type Engine = 'bitloom' | 'liteRt';

/** One model; paths are those of the page's server. */
export interface ColdStart {
  readonly engine: Engine;
  /** Of the package's main entry. */
  readonly module: string;
  readonly tflite: string;
  readonly input: readonly number[];
  readonly type: 'int8' | 'uint8';
  readonly shape: readonly number[];
}

export interface ColdStarted {
  /** From before the engine's first import until the output's bytes are there. */
  readonly milliseconds: number;
  readonly output: readonly number[];
  /** Paths of what the engine loaded, and the bytes of each. */
  readonly loaded: readonly (readonly [path: string, bytes: number])[];
}

/** Until the browser's own start is over, milliseconds. */
const SETTLED = 1500;

export async function coldStart(page: ColdStart): Promise<ColdStarted> {
  const input = Uint8Array.from(page.input);
  await new Promise((resolve) => setTimeout(resolve, SETTLED));
  const before = performance.getEntriesByType('resource').length;
  const start = performance.now();
  const runner =
    page.engine === 'bitloom'
      ? await bitloomRunner({ module: page.module, input })
      : await liteRtRunner(await loadLiteRt(), { ...page, tflite: await fetchBytes(page.tflite), input });
  const output = await runner.output();
  const milliseconds = performance.now() - start;
  const resources = performance.getEntriesByType('resource').slice(before) as PerformanceResourceTiming[];
  return {
    milliseconds,
    output: [...output],
    loaded: resources.map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize]),
  };
}
