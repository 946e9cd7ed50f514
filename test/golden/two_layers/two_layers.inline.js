import { instantiate, joined, runsRelaxed, runsSimd } from './two_layers.model.js';

export { inputs, outputs, runsRelaxed, runsSimd } from './two_layers.model.js';

/** Loads the model from the bytes in this module. */
export async function load() {
  if (!runsSimd()) throw new Error('two_layers needs WebAssembly SIMD, which this engine does not have');
  if (runsRelaxed()) return compiled(joined(decode('BAUGBw=='), main()));
  return compiled(main());
}

async function compiled(bytes) {
  return instantiate(await WebAssembly.compile(bytes));
}

function main() {
  return decode('AQID');
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
