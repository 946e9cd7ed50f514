import { BitloomError } from '../graph/diagnostics.js';
import type { Graph } from '../graph/graph.js';
import { importOnnx, isOnnx } from './onnx/index.js';
import { importTflite, isTflite } from './tflite/index.js';

/**
 * The graph of a model file of any format that Bitloom reads: TFLite, which its first bytes tell, or ONNX, which has no such bytes and
 * is known by its fields or, where it is damaged, by its name.
 * Errors: BL101 for other formats; otherwise as `importTflite` and `importOnnx`.
 * @param fileName for messages; its stem becomes the graph's name
 */
export function importModel(bytes: Uint8Array, fileName: string): Graph {
  const base = fileName.split(/[\\/]/).at(-1) ?? fileName;
  if (isTflite(bytes)) return importTflite(bytes, base.replace(/\.tflite$/i, ''));
  if (isOnnx(bytes) || (bytes.length > 0 && /\.onnx$/i.test(base)))
    return importOnnx(bytes, base.replace(/\.onnx$/i, ''));
  throw new BitloomError(
    'BL101',
    `'${fileName}' is not in a format that Bitloom reads`,
    'Pass a quantized TensorFlow Lite model (.tflite) or ONNX model (.onnx)',
  );
}
