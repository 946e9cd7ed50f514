import wabt from 'wabt';

/** What the modules use beyond WebAssembly 1.0. */
const FEATURES = {
  simd: true,
  bulk_memory: true,
  sign_extension: true,
  mutable_globals: true,
  sat_float_to_int: true,
};

/** Checks a module with wabt. @param relaxed whether it may use relaxed SIMD @throws Error with wabt's message */
export async function checkModule(bytes: Uint8Array, relaxed: boolean): Promise<void> {
  await withModule(bytes, relaxed, (module) => module.validate());
}

/** A module in the text format. */
export async function wasmText(bytes: Uint8Array): Promise<string> {
  return withModule(bytes, true, (module) => {
    module.generateNames();
    module.applyNames();
    return module.toText({ foldExprs: false, inlineExport: false });
  });
}

type WasmModule = ReturnType<Awaited<ReturnType<typeof wabt>>['readWasm']>;

async function withModule<T>(
  bytes: Uint8Array,
  relaxed: boolean,
  use: (module: WasmModule) => T,
): Promise<T> {
  const features = { ...FEATURES, relaxed_simd: relaxed };
  const module = (await wabt()).readWasm(bytes, { readDebugNames: false, ...features });
  try {
    return use(module);
  } finally {
    module.destroy();
  }
}
