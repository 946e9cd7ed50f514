/** memcpy of `bytes`, a constant at each call: small runs are one load and store. */
// @ts-ignore: decorator
@inline
export function copy(to: usize, from: usize, bytes: i32): void {
  if (bytes == 1) store<u8>(to, load<u8>(from));
  else if (bytes == 2) store<u16>(to, load<u16>(from));
  else if (bytes == 4) store<u32>(to, load<u32>(from));
  else if (bytes == 8) store<u64>(to, load<u64>(from));
  else if (bytes == 16) v128.store(to, v128.load(from));
  else memory.copy(to, from, bytes);
}
