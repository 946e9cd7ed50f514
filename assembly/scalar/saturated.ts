/** `value`, or the bound that it is beyond. */
export function saturated(value: i32, least: i32, most: i32): i32 {
  return min(max(value, least), most);
}
