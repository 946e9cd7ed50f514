import { spawn } from 'node:child_process';

export interface Finished {
  /** null where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Runs a program to its end, without a shell, and keeps what it prints. Rejects only when it cannot be started. */
export function runProcess(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly timeoutSeconds: number;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // What it has started may live on and hold its ends of the pipes.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.timeoutSeconds * 1000);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8');
      resolve({ status, stdout: text(stdout), stderr: text(stderr), timedOut });
    });
  });
}
