/** The engines, by the interfaces that their packages publish, in Node and in a browser. One thread each. */
import { type Comparison, compare, type Runner } from './compare.js';

/** One model, in the form of each engine, and its input. */
export interface Subject {
  /** Of the generated ES module. */
  readonly module: string;
  readonly tflite: Uint8Array;
  /** Codes of type `type`, 'int8' or 'uint8'. */
  readonly input: Uint8Array;
  readonly type: 'int8' | 'uint8';
  readonly shape: readonly number[];
  /** See onnx.ts. */
  readonly onnx: {
    readonly model: Uint8Array;
    readonly input: Uint8Array;
    readonly shape: readonly number[];
  };
}

export interface Engines {
  readonly liteRt: LiteRt;
  readonly onnxRuntime: OnnxRuntime;
}

interface LiteRtTensor {
  data(): Promise<Int8Array | Uint8Array>;
  delete(): void;
}

/** Of @litertjs/core, as far as it is used. */
export interface LiteRt {
  loadLiteRt(path: string): Promise<unknown>;
  loadAndCompile(
    model: Uint8Array,
    options: { readonly accelerator: 'wasm' },
  ): Promise<{
    run(inputs: readonly LiteRtTensor[]): Promise<LiteRtTensor[]>;
  }>;
  readonly Tensor: new (data: Int8Array | Uint8Array, shape: readonly number[]) => LiteRtTensor;
}

/** Of onnxruntime-web, as far as it is used. */
export interface OnnxRuntime {
  readonly env: { readonly wasm: { numThreads: number; wasmPaths?: string } };
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      run(feeds: object): Promise<Record<string, { readonly data: Uint8Array; dispose(): void }>>;
    }>;
  };
  readonly Tensor: new (type: 'uint8', data: Uint8Array, shape: readonly number[]) => object;
}

/** LiteRT.js' public interface knows float32, int32 and uint8 only: its source with one more row in the table of types. */
export function withInt8Tensors(source: string): string {
  const head = 'var DATATYPES = Object.freeze([';
  if (!source.includes(head)) throw new Error('@litertjs/core has another table of types');
  return source.replace(
    head,
    `${head}{ dtype: 'int8', typedArrayConstructor: Int8Array, elementType: ElementType.INT8 },`,
  );
}

/** Measures a model on all of them. Outputs of ONNX Runtime are in its own coding. */
export async function compareEngines(engines: Engines, subject: Subject): Promise<Comparison> {
  return compare({
    bitloom: await bitloomRunner(subject),
    liteRt: await liteRtRunner(engines.liteRt, subject),
    onnxRuntime: await onnxRunner(engines.onnxRuntime, subject.onnx),
  });
}

export async function bitloomRunner({ module, input }: Pick<Subject, 'module' | 'input'>): Promise<Runner> {
  const { load } = await import(module);
  const model = await load();
  const bytes = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const target = bytes(model.input);
  const run = () => {
    target.set(input);
    model.run();
  };
  return {
    run,
    output: async () => {
      run();
      return bytes(model.output).slice();
    },
  };
}

export async function liteRtRunner(
  engine: LiteRt,
  { tflite, input, type, shape }: Omit<Subject, 'module' | 'onnx'>,
): Promise<Runner> {
  const model = await engine.loadAndCompile(tflite, { accelerator: 'wasm' });
  const codes = type === 'int8' ? Int8Array.from(input) : input;
  const tensor = new engine.Tensor(codes, shape);
  return {
    run: async () => {
      for (const result of await model.run([tensor])) result.delete();
    },
    output: async () => {
      const [result] = await model.run([tensor]);
      const data = await result!.data();
      result!.delete();
      return Uint8Array.from(data);
    },
  };
}

async function onnxRunner(engine: OnnxRuntime, { model, input, shape }: Subject['onnx']): Promise<Runner> {
  const session = await engine.InferenceSession.create(model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  const feeds = { [session.inputNames[0]!]: new engine.Tensor('uint8', input, shape) };
  return {
    run: async () => {
      const results = await session.run(feeds);
      for (const result of Object.values(results)) result.dispose();
    },
    output: async () => (await session.run(feeds))[session.outputNames[0]!]!.data.slice(),
  };
}
