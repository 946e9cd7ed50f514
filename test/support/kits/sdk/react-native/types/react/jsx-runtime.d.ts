export declare namespace JSX {
  type Element = object;
  type IntrinsicElements = Record<never, never>;
  interface ElementChildrenAttribute {
    children: unknown;
  }
}
