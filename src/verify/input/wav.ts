import { BitloomError } from '../../graph/diagnostics.js';
import { elementCount, fromBytes, type Tensor, type TypedArray } from '../../graph/tensor.js';
import { codesOfReals } from './codes.js';

const PCM = 1;

/**
 * The samples of a 16-bit mono WAV: as they are for an int16 input, as real values in [-1, 1) for a float32 one. Other
 * inputs take features of sound, which this cannot compute as training did.
 * @throws BitloomError BL603 for another kind of file, BL503 where the input does not take its samples
 */
export function readWav(bytes: Uint8Array, tensor: Tensor, path: string): TypedArray {
  const samples = fromBytes('int16', pcmData(bytes, path)) as Int16Array;
  const { type } = tensor.format;
  const mismatch = (problem: string) =>
    new BitloomError(
      'BL503',
      `'${path}' has ${samples.length} samples, but input '${tensor.name}' ${problem}`,
      'Compute what the model takes as in training and give a .npy',
    );
  if (type !== 'int16' && type !== 'float32') throw mismatch(`is ${type}: it takes features and not samples`);
  const count = elementCount(tensor.shape);
  if (count !== samples.length) throw mismatch(`takes ${count} elements`);
  return type === 'int16'
    ? samples
    : codesOfReals(
        tensor,
        Float32Array.from(samples, (s) => s / 32768),
      );
}

/** Contents of the `data` chunk. */
function pcmData(bytes: Uint8Array, path: string): Uint8Array {
  const fault = (problem: string) =>
    new BitloomError('BL603', `'${path}' ${problem}`, 'Save it as WAV with 16-bit PCM, mono');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw fault('is not a WAV file');
  let understood = false;
  // Chunks are padded to an even length.
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (body + length > bytes.length) throw fault(`ends inside its chunk '${tag(at).trim()}'`);
    if (tag(at) === 'fmt ' && length >= 16) {
      const [format, channels, bits] = [body, body + 2, body + 14].map((place) =>
        view.getUint16(place, true),
      );
      if (format !== PCM || channels !== 1 || bits !== 16)
        throw fault(`has format ${format}, ${channels} channels and ${bits} bits`);
      understood = true;
    } else if (tag(at) === 'data') {
      if (!understood) throw fault('has data before its format');
      return bytes.subarray(body, body + length);
    }
    at = body + length + (length & 1);
  }
  throw fault('has no data');
}
