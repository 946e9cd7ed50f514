import wabt from 'wabt';

/** What the modules use beyond WebAssembly 1.0 and SIMD. */
const FEATURES = {
  bulk_memory: true,
  sign_extension: true,
  mutable_globals: true,
  sat_float_to_int: true,
};

/** Which instructions a module may use on vectors. */
export type VectorFeatures = 'none' | 'simd' | 'relaxed';

/** Checks a module with wabt. @throws Error with wabt's message */
export async function checkModule(bytes: Uint8Array, vectors: VectorFeatures): Promise<void> {
  await withModule(bytes, vectors, (module) => module.validate());
}

/** A module in the text format. */
export async function wasmText(bytes: Uint8Array): Promise<string> {
  return withModule(bytes, 'relaxed', (module) => {
    module.generateNames();
    module.applyNames();
    return module.toText({ foldExprs: false, inlineExport: false });
  });
}

type WasmModule = ReturnType<Awaited<ReturnType<typeof wabt>>['readWasm']>;

async function withModule<T>(
  bytes: Uint8Array,
  vectors: VectorFeatures,
  use: (module: WasmModule) => T,
): Promise<T> {
  const features = { ...FEATURES, simd: vectors !== 'none', relaxed_simd: vectors === 'relaxed' };
  const module = (await wabt()).readWasm(bytes, { readDebugNames: false, ...features });
  try {
    return use(module);
  } finally {
    module.destroy();
  }
}
