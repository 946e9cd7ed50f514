import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { emitC } from '../../codegen/c/index.js';
import { emitFirmware } from '../../codegen/c/kits/index.js';
import { openProject, type Project } from '../../src/flash/index.js';
import type { Artifact } from '../../src/plan/artifact.js';
import { selfTestOf, testVector } from '../../src/verify/index.js';
import { findTool } from '../../src/verify/tools.js';
import { type Folders, planFor } from './artifacts.js';
import { ALL_BYTES, Sketch } from './sketch.js';

/** The firmware of a network of one ADD for a board. */
export function sumFirmware(board: string): Artifact {
  const sketch = new Sketch();
  const x = sketch.input('x', [1, 20]);
  const graph = sketch.graph(sketch.node('ADD', { clamp: ALL_BYTES }, [x, x], ['sum', [1, 20]]));
  const plan = planFor(graph, board, 'sum');
  return emitFirmware(plan, emitC(plan), selfTestOf(graph, plan, [testVector(graph, 0)]));
}

export function sumProject(folders: Folders, board: string): Project {
  return openProject(folders.write(sumFirmware(board)), null);
}

/** Skips a test, saying so, where programs are missing. */
export function needs(test: Mocha.Context, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => findTool(program) === null);
  if (missing.length === 0) return;
  console.log(`      skipped: ${missing.join(', ')} missing`);
  test.skip();
}

/** Vector table and two instructions of a program that does nothing, for the start of a machine that waits for a debugger. */
const IDLE = Uint8Array.of(0, 0x10, 0, 0x20, 9, 0, 0, 0, 0xfe, 0xe7, 0xfe, 0xe7);

/** A machine of QEMU that has stopped before its first instruction, with a debug server. */
export class WaitingMachine {
  private constructor(
    private readonly child: ChildProcess,
    /** Host and port of the debug server. */
    readonly remote: string,
    /** What it said when it started: where its serial port is, if that was asked for. */
    readonly greeting: string,
  ) {}

  /** @param serial what its serial port is: `none` or `pty` */
  static async start(folder: string, machine: string, serial: 'none' | 'pty'): Promise<WaitingMachine> {
    const idle = join(folder, 'idle.bin');
    writeFileSync(idle, IDLE);
    const port = await freePort();
    const child = spawn('qemu-system-arm', [
      ...['-M', machine, '-display', 'none', '-monitor', 'none', '-serial', serial],
      ...[
        '-semihosting-config',
        'enable=on,target=gdb',
        '-kernel',
        idle,
        '-S',
        '-gdb',
        `tcp:localhost:${port}`,
      ],
    ]);
    let greeting = '';
    child.stdout.on('data', (chunk: Buffer) => {
      greeting += chunk.toString();
    });
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline && serial === 'pty' && !greeting.includes('/dev/'))
      await new Promise((resolve) => setTimeout(resolve, 20));
    // Its debug server is set up right after it has said so.
    await new Promise((resolve) => setTimeout(resolve, 300));
    return new WaitingMachine(child, `localhost:${port}`, greeting);
  }

  /** Device of its serial port. */
  get serialPort(): string {
    return /\/dev\/\S+/.exec(this.greeting)?.[0] ?? '';
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
