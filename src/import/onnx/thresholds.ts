/** Where functions that never fall reach their codes: the numbers that integer code compares with. */

/** What a sum is compared with whose code is reached by none: no accumulator gets there. */
const NEVER = 2 ** 31 - 1;

/**
 * For each code above `least` up to `most`, the least integer of `low` to `high` whose code reaches it; 2^31 - 1 where none does.
 * @param codeOf never falls
 */
export function integerThresholds(
  codeOf: (integer: number) => number,
  { low, high }: Ends,
  { least, most }: Codes,
): Int32Array {
  const out = new Int32Array(most - least).fill(NEVER);
  const top = codeOf(high);
  let from = low;
  for (let code = least + 1; code <= Math.min(most, top); code++) {
    from = firstOf((integer) => codeOf(integer) >= code, from, high);
    out[code - least - 1] = from;
  }
  return out;
}

/**
 * The same of float32 numbers. Codes that the least of them has already have the threshold minus infinity; those that none reaches
 * have none.
 */
export function floatThresholds(codeOf: (real: number) => number, { least, most }: Codes): Float32Array {
  const [low, high] = [placeOf(-GREATEST), placeOf(GREATEST)];
  const places: number[] = [];
  const [bottom, top] = [codeOf(-GREATEST), codeOf(GREATEST)];
  let from = low;
  for (let code = least + 1; code <= Math.min(most, top); code++) {
    if (code <= bottom) places.push(Number.NEGATIVE_INFINITY);
    else {
      from = firstOf((place) => codeOf(floatAt(place)) >= code, from, high);
      places.push(floatAt(from));
    }
  }
  return Float32Array.from(places);
}

interface Ends {
  readonly low: number;
  readonly high: number;
}

interface Codes {
  readonly least: number;
  readonly most: number;
}

/** The least integer of low to high for which `reached` holds, which it does for `high` and all above the first. */
function firstOf(reached: (integer: number) => boolean, low: number, high: number): number {
  let [a, b] = [low, high];
  while (a < b) {
    const middle = Math.floor((a + b) / 2);
    if (reached(middle)) b = middle;
    else a = middle + 1;
  }
  return a;
}

/** The greatest float32. */
const GREATEST = (2 - 2 ** -23) * 2 ** 127;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Number of a float32 among all, in rising order; both zeros are 0. */
function placeOf(real: number): number {
  float[0] = real;
  return bits[0]! < 0 ? -(bits[0]! & 0x7fffffff) : bits[0]!;
}

function floatAt(place: number): number {
  bits[0] = place < 0 ? -place | 0x80000000 : place;
  return float[0]!;
}
