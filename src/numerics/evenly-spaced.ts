/** At most `most` of `count` indices, as far apart as they can be. */
export function evenlySpaced(count: number, most: number): readonly number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, i) => Math.floor(((i + 0.5) * count) / taken));
}
