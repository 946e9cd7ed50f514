/** How many tiles an image is cut into: one row of them for strips, which have all rows of some columns; else patches. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
}
