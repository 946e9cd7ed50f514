import { BitloomError } from '../../graph/diagnostics.js';
import { elementCount, type Tensor, type TypedArray } from '../../graph/tensor.js';
import { codesOfReals } from './codes.js';

/**
 * 16-bit samples as the tensor stores them: as they are for an int16 input, as real values in [-1, 1) for a float32 one. Other
 * inputs take features of sound, which this cannot compute as training did.
 * @throws BitloomError BL503 where the input does not take these samples
 */
export function codesOfSamples(tensor: Tensor, samples: Int16Array, path: string): TypedArray {
  const { type } = tensor.format;
  const refusal = (problem: string) =>
    new BitloomError(
      'BL503',
      `'${path}' has ${samples.length} samples, but input '${tensor.name}' ${problem}`,
      'Compute what the model takes as in training and give a .npy',
    );
  if (type !== 'int16' && type !== 'float32') throw refusal(`is ${type}: it takes features and not samples`);
  const count = elementCount(tensor.shape);
  if (count !== samples.length) throw refusal(`takes ${count} elements`);
  return type === 'int16'
    ? samples
    : codesOfReals(
        tensor,
        Float32Array.from(samples, (s) => s / 32768),
      );
}
