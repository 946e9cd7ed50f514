/** What the self-test printed; `codegen/c/kits/selftest.c` lists its lines. */
export interface SelfTestReport {
  readonly runs: readonly ReportedRun[];
  readonly layers: readonly ReportedLayer[];
  /** Bytes of what differed. */
  readonly dumps: readonly Dump[];
  /** Trace build only: up to which byte the arena was written, and whether memory beside it is as it was. */
  readonly arena: { readonly touched: number; readonly guarded: boolean } | null;
  /** Cost of measuring nothing. */
  readonly overhead: Time;
  /** The last line came. */
  readonly complete: boolean;
  /** The line of the fault handler, where it printed one. */
  readonly fault: Fault | null;
}

export interface Time {
  readonly ticks: number;
  readonly cycles: number;
}

export interface ReportedRun extends Time {
  readonly run: number;
  readonly pass: boolean;
  readonly stack: number;
}

export interface ReportedLayer extends Time {
  readonly run: number;
  readonly layer: number;
  readonly pass: boolean;
}

export interface Dump {
  readonly what: 'layer' | 'output';
  readonly run: number;
  /** Number of the layer or of the output. */
  readonly index: number;
  readonly data: Uint8Array;
}

export interface Fault {
  readonly exception: number;
  readonly pc: number;
  /** CFSR, the core's reasons; 0 where it has none (Cortex-M0+). */
  readonly status: number;
}

/** Fields of a line, in order; a line is of a kind when it matches whole. */
const LINES = {
  run: /^run (\d+) (pass|fail) ticks=(\d+) cycles=(\d+) stack=(\d+)$/,
  layer: /^layer (\d+) (\d+) (pass|fail) ticks=(\d+) cycles=(\d+)$/,
  overhead: /^overhead ticks=(\d+) cycles=(\d+)$/,
  arena: /^arena touched=(\d+) guards=(whole|broken)$/,
  dump: /^dump (layer|output) (\d+) (\d+) (\d+)$/,
  fault: /^fault exception=0x([0-9a-f]{8}) pc=0x([0-9a-f]{8}) lr=0x[0-9a-f]{8}(?: status=0x([0-9a-f]{8}))?$/,
  done: /^done (pass|fail)$/,
};

/** Reads all lines of the protocol; others, e.g. of the emulator, are skipped. */
export function parseReport(text: string): SelfTestReport {
  const lines = text.split(/\r?\n/);
  const all = (kind: keyof typeof LINES) =>
    lines.flatMap((line, at) => {
      const fields = LINES[kind].exec(line)?.slice(1);
      return fields ? [{ fields, at }] : [];
    });
  const [overhead] = all('overhead');
  const [fault] = all('fault');
  const [arena] = all('arena');
  return {
    runs: all('run').map(({ fields: [run, result, ticks, cycles, stack] }) => ({
      run: int(run),
      pass: result === 'pass',
      ticks: int(ticks),
      cycles: int(cycles),
      stack: int(stack),
    })),
    layers: all('layer').map(({ fields: [run, layer, result, ticks, cycles] }) => ({
      run: int(run),
      layer: int(layer),
      pass: result === 'pass',
      ticks: int(ticks),
      cycles: int(cycles),
    })),
    dumps: all('dump').map(({ fields: [what, run, index, bytes], at }) => ({
      what: what === 'layer' ? 'layer' : 'output',
      run: int(run),
      index: int(index),
      data: hexLines(lines.slice(at + 1), int(bytes)),
    })),
    arena: arena ? { touched: int(arena.fields[0]), guarded: arena.fields[1] === 'whole' } : null,
    overhead: { ticks: int(overhead?.fields[0] ?? '0'), cycles: int(overhead?.fields[1] ?? '0') },
    complete: all('done').length > 0,
    fault: fault ? faultOf(fault.fields) : null,
  };
}

function faultOf([exception, pc, status]: readonly (string | undefined)[]): Fault {
  return { exception: int(exception, 16), pc: int(pc, 16), status: int(status ?? '0', 16) };
}

/** `bytes` bytes from the lines that start with '='; fewer where the output ended early. */
function hexLines(lines: readonly string[], bytes: number): Uint8Array {
  const end = lines.findIndex((line) => !/^=[0-9a-f]+$/.test(line));
  const digits = lines
    .slice(0, end < 0 ? lines.length : end)
    .map((line) => line.slice(1))
    .join('');
  return Uint8Array.from(Buffer.from(digits, 'hex').subarray(0, bytes));
}

function int(digits: string | undefined, base = 10): number {
  return Number.parseInt(digits ?? '', base);
}
