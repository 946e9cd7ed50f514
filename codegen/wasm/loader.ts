/** The entries of a package: ES modules that find the WebAssembly modules and instantiate the one that the engine runs best. */
import type { Interface } from './descriptors.js';
import { type Form, type Modules, moduleFile, shares } from './modules.js';

const ENGINE: Readonly<Record<Form, string>> = { relaxed: 'runsRelaxed()', scalar: '!runsSimd()' };

/** `<prefix>.js` below its header: modules are files. */
export function loaderText(model: Interface, modules: Modules): string {
  const { prefix } = model;
  const url = (form?: Form) => `new URL('./${moduleFile(prefix, form)}', import.meta.url)`;
  const main = url();
  const parameters = shares(modules) ? 'source, constants' : 'source';
  const others = modules.others.map(
    ({ form, isWhole }) =>
      `  if (${ENGINE[form]}) return load(${[url(form), ...(isWhole ? [] : [main])].join(', ')});\n`,
  );
  return `${shared(model, modules)}
/**
 * Loads the model: from the .wasm files beside this module, those that suit the engine; or from a URL, a response, bytes or a compiled
 * module. A string is a URL relative to the page, or to this module where there is no page.${shares(modules) ? CONSTANTS : ''}
 */
export async function load(${parameters}) {
  if (source !== undefined) return instantiate(await compile(${parameters}));
${needsSimd(model, modules)}${others.join('')}  return load(${main});
}

async function compile(${parameters}) {
  if (source instanceof WebAssembly.Module) return source;
${shares(modules) ? COMPILE_JOINED : ''}  const opened = await open(source);
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
  if (!response.ok) throw new Error(\`cannot load \${response.url}: HTTP status \${response.status}\`);
  return response;
}

function bytesOf(opened) {
  return isResponse(opened) ? opened.arrayBuffer() : opened;
}
`;
}

/**
 * `<prefix>.js` of the inline package below its header: modules within it, read without fetch, URL, atob or any other interface of a page, for engines that
 * have none of them. These have SIMD, so that a module without is not worth its bytes.
 */
export function inlineText(model: Interface, modules: Modules): string {
  const carried = { ...modules, others: modules.others.filter(({ form }) => form !== 'scalar') };
  const others = carried.others.map(({ form, bytes, isWhole }) => {
    const code = `decode('${base64(bytes)}')`;
    return `  if (${ENGINE[form]}) return compiled(${isWhole ? code : `joined(${code}, main())`});\n`;
  });
  return `${shared(model, carried)}
/** Loads the model from the bytes in this module. */
export async function load() {
${needsSimd(model, carried)}${others.join('')}  return compiled(main());
}

async function compiled(bytes) {
  return instantiate(await WebAssembly.compile(bytes));
}

function main() {
  return decode('${base64(modules.main)}');
}

/** Of base64. */
function decode(text) {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const values = new Uint8Array(128);
  for (let i = 0; i < 64; i++) values[digits.charCodeAt(i)] = i;
  const bytes = new Uint8Array((3 * text.length) >> 2);
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let bits = 0;
    for (let j = i; j < i + 4; j++) bits = (bits << 6) | values[text.charCodeAt(j)];
    bytes[at++] = bits >> 16;
    bytes[at++] = bits >> 8;
    bytes[at++] = bits;
  }
  return bytes.subarray(0, bytes.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0));
}
`;
}

const CONSTANTS = `
 * The other modules lack their constants, which are in the main one: \`load(other, main)\`.`;

const COMPILE_JOINED = `  if (constants !== undefined) {
    const [code, main] = await Promise.all([source, constants].map(async (part) => bytesOf(await open(part))));
    return WebAssembly.compile(joined(code, main));
  }
`;

/** What both entries take from `<prefix>.model.js`, and what of it they show. */
function shared(model: Interface, modules: Modules): string {
  const file = `./${model.prefix}.model.js`;
  const shown = [
    'inputs',
    'outputs',
    ...(model.feed && model.feed.passes.length > 1 ? ['passes'] : []),
    ...(model.relaxed ? ['runsRelaxed'] : []),
    'runsSimd',
    ...(model.steps ? ['steps'] : []),
  ];
  const used = [
    'instantiate',
    ...(shares(modules) ? ['joined'] : []),
    ...(model.relaxed ? ['runsRelaxed'] : []),
    ...(model.isScalar ? [] : ['runsSimd']),
  ];
  return `import { ${used.join(', ')} } from '${file}';

export { ${shown.join(', ')} } from '${file}';
`;
}

/** Refuses engines that none of the modules is for. */
function needsSimd({ prefix, isScalar }: Interface, { others }: Modules): string {
  if (isScalar || others.some(({ form }) => form === 'scalar')) return '';
  return `  if (!runsSimd()) throw new Error('${prefix} needs WebAssembly SIMD, which this engine does not have');
`;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
