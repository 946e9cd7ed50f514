/** Paths through consecutive layers, piece by piece. Both answers are exact (after msf-CNN, arXiv 2505.11483). */

/** A way to run layers `first` to `last`. */
export interface Piece {
  readonly first: number;
  readonly last: number;
  /** Predicted. */
  readonly time: number;
  /** Bytes of the arena that are live while it runs. */
  readonly room: number;
}

/** The pieces of least time, in all, that run `count` layers and need at most `limit` bytes each; null where there are none. */
export function fastestPath<P extends Piece>(pieces: readonly P[], count: number, limit: number): P[] | null {
  const best: ({ readonly time: number; readonly piece: P } | null)[] = new Array(count + 1).fill(null);
  const timeUpTo = (at: number) => (at === 0 ? 0 : (best[at]?.time ?? Number.POSITIVE_INFINITY));
  // A piece comes after all that end where it begins. Of equal times the shorter last piece wins: no stage where it gains nothing.
  const ordered = pieces.filter(({ room }) => room <= limit).sort((a, b) => a.first - b.first);
  for (const piece of ordered) {
    const time = timeUpTo(piece.first) + piece.time;
    const known = best[piece.last + 1];
    const isShorter = time === known?.time && piece.first > known.piece.first;
    if (time < timeUpTo(piece.last + 1) || isShorter) best[piece.last + 1] = { time, piece };
  }
  if (timeUpTo(count) === Number.POSITIVE_INFINITY) return null;
  const path: P[] = [];
  for (let at = count; at > 0; at = path[0]!.first) path.unshift(best[at]!.piece);
  return path;
}

/** The least limit under which a path takes at most `time`; null where none does. */
export function leastLimit(pieces: readonly Piece[], count: number, time: number): number | null {
  const rooms = [...new Set(pieces.map(({ room }) => room))].sort((a, b) => a - b);
  let found: number | null = null;
  let [low, high] = [0, rooms.length - 1];
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const path = fastestPath(pieces, count, rooms[middle]!);
    if (path && path.reduce((sum, piece) => sum + piece.time, 0) <= time) {
      found = rooms[middle]!;
      high = middle - 1;
    } else low = middle + 1;
  }
  return found;
}
