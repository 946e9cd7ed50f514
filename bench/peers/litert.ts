/** LiteRT.js in plain Node, which its package does not support by itself, with one thread. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'node_modules/@litertjs/core');

export interface Runner {
  readonly run: () => void | Promise<void>;
  /** What the last run wrote. */
  readonly output: () => Promise<Int8Array>;
}

interface Tensor {
  data(): Promise<Int8Array>;
  delete(): void;
}

interface LiteRt {
  loadLiteRt(path: string): Promise<unknown>;
  loadAndCompile(
    model: Uint8Array,
    options: object,
  ): Promise<{
    run(inputs: readonly Tensor[]): Promise<Tensor[]>;
    getInputDetails(): readonly { readonly shape: Int32Array }[];
  }>;
  readonly Tensor: new (data: Int8Array, shape: readonly number[]) => Tensor;
}

/** Loads the engine once. */
export async function loadLiteRt(): Promise<LiteRt> {
  Object.assign(globalThis, {
    self: globalThis,
    require: createRequire(import.meta.url),
    __dirname: join(FOLDER, 'wasm'),
    importScripts: (path: string) => vm.runInThisContext(readFileSync(path, 'utf8'), { filename: path }),
  });
  const engine = (await import(pathToFileURL(int8Copy()).href)) as LiteRt;
  await engine.loadLiteRt(`${join(FOLDER, 'wasm')}/`);
  return engine;
}

/** The public interface knows float32, int32 and uint8 only: a copy of it with one more row in its table of types. */
function int8Copy(): string {
  const path = join(FOLDER, 'dist/index-int8.js');
  const row = "{ dtype: 'int8', typedArrayConstructor: Int8Array, elementType: ElementType.INT8 },";
  const source = readFileSync(join(FOLDER, 'dist/index.js'), 'utf8');
  writeFileSync(
    path,
    source.replace('var DATATYPES = Object.freeze([', (head) => head + row),
  );
  return path;
}

export async function liteRtRunner(engine: LiteRt, file: Uint8Array, input: Int8Array): Promise<Runner> {
  const model = await engine.loadAndCompile(file, { accelerator: 'wasm' });
  const tensor = new engine.Tensor(input, [...model.getInputDetails()[0]!.shape]);
  return {
    run: async () => {
      for (const result of await model.run([tensor])) result.delete();
    },
    output: async () => {
      const [result] = await model.run([tensor]);
      const data = await result!.data();
      result!.delete();
      return data;
    },
  };
}
