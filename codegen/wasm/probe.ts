/**
 * What tells whether an engine computes `i32x4.relaxed_dot_i8x16_i7x16_add_s` as a module wants it: the first operand signed, the
 * second unsigned, no sum saturated. An engine always chooses the same of the ways that it may.
 */
import type { RelaxedNeed } from '../../src/kernels/kernel.js';

/** `dot(a, b)`: the first lane of the sums of products where all bytes of the operands are a and b. */
export const PROBE_TEXT = `(module
  (func (export "dot") (param i32 i32) (result i32)
    (i32x4.extract_lane 0
      (i32x4.relaxed_dot_i8x16_i7x16_add_s
        (i8x16.splat (local.get 0))
        (i8x16.splat (local.get 1))
        (i32x4.splat (i32.const 0))))))
`;

/** That module. */
export const PROBE: Uint8Array = Buffer.from(
  '0061736d0100000001070160027f7f017f0302010007070103646f' +
    '7400000a160114002000fd0f2001fd0f4100fd11fd9302fd1b000b',
  'hex',
);

/** Both operands and the result: the ends of what four products can sum up to in a module of that need. */
export const PROBE_RESULTS: Readonly<Record<RelaxedNeed, readonly (readonly [number, number, number])[]>> = {
  dot_u8: resultsUpTo(255),
  dot_u7: resultsUpTo(127),
  swizzle: [],
};

function resultsUpTo(unsigned: number): readonly (readonly [number, number, number])[] {
  return [127, -128].map((signed) => [signed, unsigned, 4 * signed * unsigned] as const);
}

/** A module that only engines with WebAssembly SIMD take. */
export const SIMD_PROBE_TEXT = `(module
  (func (result v128)
    (i8x16.splat (i32.const 0))))
`;

/** That module. */
export const SIMD_PROBE: Uint8Array = Buffer.from(
  '0061736d010000000105016000017b030201000a080106004100fd0f0b',
  'hex',
);
