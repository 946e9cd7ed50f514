// ARG_MAX: the index of the largest code, the lowest of equals.
import { at } from './lanes';

// @ts-ignore: decorator
@inline
export function arg_max<T>(output: usize, input: usize, outer: i32, axis: i32, inner: i32): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const x = at<T>(input, o * axis * inner + i);
      let best = 0;
      let largest = load<T>(x);
      for (let k = 1; k < axis; k++) {
        const value = load<T>(at<T>(x, k * inner));
        if (value > largest) {
          best = k;
          largest = value;
        }
      }
      store<i32>(output, best);
      output += 4;
    }
  }
}
