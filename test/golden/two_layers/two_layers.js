import { instantiate, joined, runsRelaxed, runsSimd } from './two_layers.model.js';

export { inputs, outputs, runsRelaxed, runsSimd } from './two_layers.model.js';

/**
 * Loads the model: from the .wasm files beside this module, those that suit the engine; or from a URL, a response, bytes or a compiled
 * module. A string is a URL relative to the page, or to this module where there is no page.
 * The other modules lack their constants, which are in the main one: `load(other, main)`.
 */
export async function load(source, constants) {
  if (source !== undefined) return instantiate(await compile(source, constants));
  if (!runsSimd()) throw new Error('two_layers needs WebAssembly SIMD, which this engine does not have');
  if (runsRelaxed()) return load(new URL('./two_layers.relaxed.wasm', import.meta.url), new URL('./two_layers.wasm', import.meta.url));
  return load(new URL('./two_layers.wasm', import.meta.url));
}

async function compile(source, constants) {
  if (source instanceof WebAssembly.Module) return source;
  if (constants !== undefined) {
    const [code, main] = await Promise.all([source, constants].map(async (part) => bytesOf(await open(part))));
    return WebAssembly.compile(joined(code, main));
  }
  const opened = await open(source);
  // Engines cache the machine code of streamed modules, which need this content type.
  const streams = isResponse(opened) && opened.headers.get('content-type') === 'application/wasm';
  return streams ? WebAssembly.compileStreaming(opened) : WebAssembly.compile(await bytesOf(opened));
}

/** Bytes, or a response that brings them. */
async function open(source) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return source;
  if (isResponse(source)) return checked(source);
  const url = new URL(source, globalThis.location?.href ?? import.meta.url);
  if (url.protocol !== 'file:' || !globalThis.process?.versions?.node) return checked(await fetch(url));
  // Not a name that bundlers could look for.
  const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ ['node:fs', 'promises'].join('/'));
  return readFile(url);
}

function isResponse(source) {
  return typeof Response === 'function' && source instanceof Response;
}

function checked(response) {
  if (!response.ok) throw new Error(`cannot load ${response.url}: HTTP status ${response.status}`);
  return response;
}

function bytesOf(opened) {
  return isResponse(opened) ? opened.arrayBuffer() : opened;
}
