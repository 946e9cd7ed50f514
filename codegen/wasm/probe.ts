/**
 * What tells whether an engine computes `i32x4.relaxed_dot_i8x16_i7x16_add_s` as the kernels want it (`assembly/dot.ts`): the first
 * operand signed, the second unsigned, no sum saturated. An engine always chooses the same of the ways that it may.
 */

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

/** Both operands and the result: the ends of what four products can sum up to. */
export const PROBE_RESULTS: readonly (readonly [number, number, number])[] = [
  [127, 255, 4 * 127 * 255],
  [-128, 255, 4 * -128 * 255],
];
