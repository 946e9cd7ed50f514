import type { RelaxedNeed } from '../../src/kernels/kernel.js';
import { fillLines } from '../text.js';
import type { Interface } from './descriptors.js';
import { type Modules, shares } from './modules.js';
import { PROBE, PROBE_RESULTS, SIMD_PROBE } from './probe.js';

/** The part of `<prefix>.model.js` that asks the engine what it can do, and that joins modules to what they share. */
export function engineText(model: Interface, modules: Modules): string {
  const parts = [
    RUNS_SIMD,
    ...(model.relaxed ? [runsRelaxedText(model.relaxed)] : []),
    ...(shares(modules) ? [joinText(modules.dataAt)] : []),
  ];
  return parts.join('\n');
}

const probeBytes = (probe: Uint8Array): string => fillLines('    ', [...probe].map(String));

const RUNS_SIMD = `/** Whether this engine has WebAssembly SIMD. */
export function runsSimd() {
  const probe = Uint8Array.of(
${probeBytes(SIMD_PROBE)}
  );
  return WebAssembly.validate(probe);
}
`;

const joinText = (
  dataAt: number,
): string => `/** A module that comes without its constants, and these out of the main module, where they are the end. */
export function joined(code, main) {
  const bytes = (source) => new Uint8Array(source.buffer ?? source, source.byteOffset ?? 0, source.byteLength);
  const constants = bytes(main).subarray(${dataAt});
  const module = new Uint8Array(code.byteLength + constants.length);
  module.set(bytes(code));
  module.set(constants, code.byteLength);
  return module;
}
`;

const RUNS_RELAXED: Readonly<Record<RelaxedNeed, string>> = {
  dot_u8: 'runs the module with relaxed SIMD to the bit: signed by unsigned bytes, nothing saturated',
  dot_u7: 'runs the module with relaxed SIMD to the bit: signed bytes by those of seven bits',
  swizzle: 'has relaxed SIMD, of which the module takes only what is the same on every engine',
};

function runsRelaxedText(need: RelaxedNeed): string {
  const results = PROBE_RESULTS[need];
  const asks = `
  if (!WebAssembly.validate(probe)) return false;
  const { dot } = new WebAssembly.Instance(new WebAssembly.Module(probe)).exports;
  return ${results.map(([signed, unsigned, sum]) => `dot(${signed}, ${unsigned}) === ${sum}`).join(' && ')};`;
  return `/** Whether this engine ${RUNS_RELAXED[need]}. */
export function runsRelaxed() {
  const probe = Uint8Array.of(
${probeBytes(PROBE)}
  );${results.length > 0 ? asks : '\n  return WebAssembly.validate(probe);'}
}
`;
}
