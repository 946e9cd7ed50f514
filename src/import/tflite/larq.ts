/** What the file does not say about Larq's bit-packed tensors: how many signs their rows of words hold. */
import type { FileOperator, ModelFile } from './file.js';

/** The tensors of words in which operators of Larq Compute Engine keep signs, each with its number of channels. */
export function bitpackedTensors(file: ModelFile): ReadonlyMap<number, number> {
  const depths = new Map<number, number>();
  for (const operator of file.operators) {
    const depth = depthOf(file, operator, depths);
    const output = operator.outputs[0] ?? -1;
    if (depth !== undefined && file.tensors[output]?.type === 'INT32') depths.set(output, depth);
  }
  return depths;
}

function depthOf(
  file: ModelFile,
  { operator, inputs }: FileOperator,
  depths: ReadonlyMap<number, number>,
): number | undefined {
  const shapeOf = (i: number) => file.tensors[inputs[i] ?? -1]?.shape;
  switch (operator) {
    case "CUSTOM 'LceQuantize'":
      return shapeOf(0)?.at(-1);
    case "CUSTOM 'LceBconv2d'":
      return shapeOf(1)?.[0];
    case "CUSTOM 'LceBMaxPool2d'":
      return depths.get(inputs[0] ?? -1);
    default:
      return undefined;
  }
}
