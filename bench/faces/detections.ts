/**
 * Faces from the outputs of MediaPipe's short-range detector, as its graph decodes them (`SsdAnchorsCalculator`,
 * `TensorsToDetectionsCalculator` and `NonMaxSuppressionCalculator` with the options of `face_detection_short_range`).
 */

/** In pixels of the network's input, 128 x 128. */
export interface Face {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** A probability. */
  readonly score: number;
}

const SIZE = 128;

/** Cells of a grid and anchors in each, which are all at its centre: strides of 8, and three times of 16, with two anchors each. */
const GRIDS = [
  { stride: 8, anchors: 2 },
  { stride: 16, anchors: 6 },
] as const;

/** Centres of the 896 anchors, in pixels. */
const ANCHORS: readonly { readonly x: number; readonly y: number }[] = GRIDS.flatMap(
  ({ stride, anchors }) => {
    const cells = SIZE / stride;
    return Array.from({ length: cells * cells * anchors }, (_, i) => {
      const cell = Math.floor(i / anchors);
      return { x: ((cell % cells) + 0.5) * stride, y: (Math.floor(cell / cells) + 0.5) * stride };
    });
  },
);

/** Numbers of an anchor: centre, width, height and six points of the face. */
const NUMBERS = 16;

const LEAST_SCORE = 0.5;
/** Overlap of boxes that are of one face. */
const SAME_FACE = 0.3;

/**
 * @param regressors 896 x 16, in pixels from the anchor
 * @param classificators 896 logits
 * @returns from the surest on
 */
export function facesIn(regressors: Float32Array, classificators: Float32Array): readonly Face[] {
  const faces = ANCHORS.map((anchor, i): Face => {
    const [x, y, width, height] = regressors.subarray(i * NUMBERS) as unknown as readonly number[];
    const centre = { x: anchor.x + x!, y: anchor.y + y! };
    return {
      x: centre.x - width! / 2,
      y: centre.y - height! / 2,
      width: width!,
      height: height!,
      score: 1 / (1 + Math.exp(-classificators[i]!)),
    };
  });
  return suppressed(faces.filter(({ score }) => score >= LEAST_SCORE));
}

/** Weighted non-maximum suppression: a face's box is the mean of those that overlap the surest one, by their scores. */
function suppressed(faces: readonly Face[]): readonly Face[] {
  const found: Face[] = [];
  for (let left = faces.toSorted((a, b) => b.score - a.score); left.length > 0; ) {
    const [best] = left as [Face, ...Face[]];
    const same = left.filter((face) => face === best || overlap(best, face) > SAME_FACE);
    const whole = same.reduce((sum, { score }) => sum + score, 0);
    const mean = (of: (face: Face) => number) =>
      same.reduce((sum, face) => sum + face.score * of(face), 0) / whole;
    found.push({
      x: mean(({ x }) => x),
      y: mean(({ y }) => y),
      width: mean(({ width }) => width),
      height: mean(({ height }) => height),
      score: best.score,
    });
    left = left.filter((face) => !same.includes(face));
  }
  return found;
}

/** Intersection over union. */
export function overlap(a: Face, b: Face): number {
  const side = (from: number, length: number, otherFrom: number, otherLength: number) =>
    Math.max(0, Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom));
  const both = side(a.x, a.width, b.x, b.width) * side(a.y, a.height, b.y, b.height);
  const either = a.width * a.height + b.width * b.height - both;
  return either > 0 ? both / either : 0;
}

export interface Matches {
  /** Intersection over union of each pair. */
  readonly overlaps: readonly number[];
  /** Scores of faces that only the one or the other has. */
  readonly missed: readonly number[];
  readonly added: readonly number[];
}

/** Pairs of faces in one photograph, the best overlap first; boxes that overlap less than those of one face do are no pair. */
export function match(float: readonly Face[], quantized: readonly Face[]): Matches {
  const pairs = float
    .flatMap((a) => quantized.map((b) => ({ a, b, overlap: overlap(a, b) })))
    .filter((pair) => pair.overlap > SAME_FACE)
    .toSorted((p, q) => q.overlap - p.overlap);
  const taken = new Set<Face>();
  const overlaps: number[] = [];
  for (const pair of pairs) {
    if (taken.has(pair.a) || taken.has(pair.b)) continue;
    taken.add(pair.a).add(pair.b);
    overlaps.push(pair.overlap);
  }
  const alone = (faces: readonly Face[]) =>
    faces.filter((face) => !taken.has(face)).map(({ score }) => score);
  return { overlaps, missed: alone(float), added: alone(quantized) };
}
