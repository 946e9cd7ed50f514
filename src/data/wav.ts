import { BitloomError } from '../graph/diagnostics.js';
import { fromBytes } from '../graph/tensor.js';

const PCM = 1;

/**
 * The samples of a 16-bit mono WAV.
 * @throws BitloomError BL603 for another kind of file
 */
export function readWav(bytes: Uint8Array, path: string): Int16Array {
  return fromBytes('int16', pcmData(bytes, path)) as Int16Array;
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
