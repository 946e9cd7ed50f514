// Any function of one 8-bit code, as a table by the code's byte. Signed or not, bytes are bytes here.

// @ts-ignore: decorator
@inline
function table(output: usize, input: usize, codes: usize, size: i32): void {
  for (let n = 0; n < size; n++) store<u8>(output + n, load<u8>(codes + <usize>load<u8>(input + n)));
}

// @ts-ignore: decorator
@inline
export function table_s8_s8(output: usize, input: usize, codes: usize, size: i32): void {
  table(output, input, codes, size);
}

// @ts-ignore: decorator
@inline
export function table_s8_u8(output: usize, input: usize, codes: usize, size: i32): void {
  table(output, input, codes, size);
}

// @ts-ignore: decorator
@inline
export function table_u8_s8(output: usize, input: usize, codes: usize, size: i32): void {
  table(output, input, codes, size);
}

// @ts-ignore: decorator
@inline
export function table_u8_u8(output: usize, input: usize, codes: usize, size: i32): void {
  table(output, input, codes, size);
}
