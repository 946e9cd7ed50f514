// A change of code that is a flip of bits: between uint8 and int8 of one scale, the byte's highest. Types are bytes here.

// @ts-ignore: decorator
@inline
export function flip_bits(output: usize, input: usize, mask: i32, size: i32): void {
  const masks = i8x16.splat(<i8>mask);
  let n = 0;
  for (; n <= size - 16; n += 16) v128.store(output + n, v128.xor(v128.load(input + n), masks));
  for (; n < size; n++) store<u8>(output + n, load<u8>(input + n) ^ <u8>mask);
}
