/**
 * Every message that a user can meet, by number. BL1xx reading and writing models, BL2xx graph contract, BL3xx planning,
 * BL4xx generating and building, BL5xx verifying, flashing and their tools, BL6xx command line and files.
 * `docs/diagnostics.md` explains each; a test holds the two together.
 */
export const DIAGNOSTICS = {
  BL101: 'not a model file',
  BL102: 'damaged model file',
  BL103: 'unsupported operator',
  BL104: 'unsupported form of an operator',
  BL105: 'unsupported tensor',
  BL106: 'model too large',
  BL107: 'unsupported quantization',
  BL108: 'no such type of input or output',
  BL109: 'nothing like it in TFLite',
  BL201: 'graph breaks its contract',
  BL202: 'accumulator may overflow',
  BL301: 'no kernel for an operator',
  BL302: 'does not fit the board',
  BL303: 'unknown board',
  BL304: 'unknown layer or kernel',
  BL305: 'model cannot be fed by rows',
  BL306: 'model cannot run on a stream of frames',
  BL307: 'board profile is not valid',
  BL308: 'no such kit for the board',
  BL309: 'network computes in float',
  BL401: 'C compiler failed',
  BL402: 'AssemblyScript compiler failed',
  BL403: 'output not writable',
  BL501: 'tool missing',
  BL502: 'emulator failed',
  BL503: 'input does not match the model',
  BL504: 'board not written',
  BL505: 'no verdict from the board',
  BL506: 'serial port not usable',
  BL601: 'file not readable',
  BL602: 'wrong usage',
  BL603: 'input file not understood',
  BL604: 'formats of another model',
  BL605: 'nothing to flash',
  BL610: 'preprocessing not declared',
  BL611: 'preprocessing not valid',
  BL612: 'calibration data of no use',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;

/** An error meant for the user: what is wrong, where, and the way out. */
export class BitloomError extends Error {
  override readonly name = 'BitloomError';

  /**
   * @param code number of the diagnostic
   * @param problem what is wrong, naming operator, node, tensor or file
   * @param wayOut what the user can do about it
   */
  constructor(
    readonly code: DiagnosticCode,
    readonly problem: string,
    readonly wayOut: string,
  ) {
    super(`${code} ${DIAGNOSTICS[code]}: ${problem}. ${wayOut}`);
  }
}
