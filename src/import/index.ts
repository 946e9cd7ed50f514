import { BitloomError } from '../graph/diagnostics.js';
import type { Graph } from '../graph/graph.js';
import { importTflite, isTflite } from './tflite/index.js';

/**
 * The graph of a model file of any format that Bitloom reads, which its first bytes tell. Today: TFLite.
 * Errors: BL101 for other formats; otherwise as `importTflite`.
 * @param fileName for messages; its stem becomes the graph's name
 */
export function importModel(bytes: Uint8Array, fileName: string): Graph {
  const base = fileName.split(/[\\/]/).at(-1) ?? fileName;
  if (isTflite(bytes)) return importTflite(bytes, base.replace(/\.tflite$/i, ''));
  throw new BitloomError(
    'BL101',
    `'${fileName}' is not in a format that Bitloom reads`,
    'Pass a quantized TensorFlow Lite model (.tflite)',
  );
}
