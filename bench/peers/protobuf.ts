/** Protocol buffers, as much as an ONNX model takes (https://protobuf.dev/programming-guides/encoding). */

/** Integers are varints; text, bytes and messages go by length; a list repeats its field. */
export type Value = number | string | Uint8Array | readonly Value[];

/** A message from its fields by number. */
export function message(fields: Readonly<Record<number, Value>>): Uint8Array {
  return Buffer.concat(Object.entries(fields).flatMap(([key, value]) => field(Number(key), value)));
}

function field(key: number, value: Value): readonly Uint8Array[] {
  if (typeof value === 'number') return [varint(key << 3), varint(value)];
  if (typeof value === 'string') return field(key, Buffer.from(value));
  if (value instanceof Uint8Array) return [varint((key << 3) | 2), varint(value.length), value];
  return value.flatMap((item) => field(key, item));
}

/** Seven bits a byte, the lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}
