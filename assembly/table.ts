// Any function of one 8-bit code, as a table by the code's byte. I and O may be signed or not: bytes are bytes here.

// @ts-ignore: decorator
@inline
export function look_up<I, O>(output: usize, input: usize, codes: usize, size: i32): void {
  for (let n = 0; n < size; n++) store<u8>(output + n, load<u8>(codes + <usize>load<u8>(input + n)));
}
