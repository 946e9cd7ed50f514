/** Stable JSON for scripts: two-space indent, typed arrays as arrays, maps left out. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, v) => (ArrayBuffer.isView(v) ? Array.from(v as Uint8Array) : v), 2);
}
