/**
 * The formats that networks are trained in: what of a latent weight enters the product (the gradient passes straight through), and what
 * an activation becomes. OneBit's vectors of inputs and outputs are the batch normalizations before and behind a layer. Sources: BitNet b1.58 (arXiv 2402.17764) for absmean, b1.58 Reloaded (arXiv 2407.09527) for absmedian,
 * OneBit (arXiv 2402.11295) for signs between two vectors, XNOR-Net (arXiv 1603.05279) for binary activations.
 */
export const FORMATS = ['int8', 'ternary', 'ternary-median', 'one-bit', 'xnor'] as const;

export type Format = (typeof FORMATS)[number];

export const LABELS: Readonly<Record<Format, string>> = {
  int8: 'int8',
  ternary: 'ternary, absmean (BitNet b1.58)',
  'ternary-median': 'ternary, absmedian (b1.58 Reloaded)',
  'one-bit': '1 bit between two vectors (OneBit)',
  xnor: '1 bit x 1 bit, thresholds (XNOR)',
};

/** Integer values of weights and the real scale of each row: `weight = scales[row] * values[i]`. */
export interface Quantized {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** Smallest scale, so that a row of zeros divides by something. */
const LEAST = 1e-8;

/** Rows of latent weights in a format. */
export function quantizeWeights(format: Format, weights: Float32Array, rows: number): Quantized {
  const depth = weights.length / rows;
  switch (format) {
    case 'int8': {
      const scales = new Float32Array(rows).fill(LEAST);
      for (const [i, weight] of weights.entries()) {
        const row = Math.floor(i / depth);
        scales[row] = Math.max(scales[row]!, Math.abs(weight) / 127);
      }
      const values = Int8Array.from(weights, (weight, i) =>
        Math.round(weight / scales[Math.floor(i / depth)]!),
      );
      return { values, scales };
    }
    case 'ternary':
      return ternary(weights, rows, mean(weights.map(Math.abs)));
    case 'ternary-median':
      return ternary(weights, rows, median(weights.map(Math.abs)));
    case 'one-bit':
    case 'xnor':
      return {
        values: Int8Array.from(weights, (w) => (w < 0 ? -1 : 1)),
        scales: new Float32Array(rows).fill(1),
      };
  }
}

function ternary(weights: Float32Array, rows: number, scale: number): Quantized {
  const gamma = Math.max(scale, LEAST);
  const values = Int8Array.from(weights, (w) => Math.max(-1, Math.min(1, roundHalfEven(w / gamma))));
  return { values, scales: new Float32Array(rows).fill(gamma) };
}

/** As the training tools of that family round. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: Float32Array): number {
  const sorted = values.sort();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
