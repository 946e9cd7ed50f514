import type { Command } from 'commander';
import ora from 'ora';
import picocolors from 'picocolors';

/** What commands print on: results to stdout, progress and errors to stderr. */
export interface Console {
  /** A line of results. */
  print(text: string): void;
  /** A line for who typed the command, who may have sent the results elsewhere. */
  complain(text: string): void;
  /**
   * Shows `label` with a spinner while `work` runs, or what `work` shows since; silent when stderr is not a terminal.
   */
  progress<T>(label: string, work: (show: Show) => T | Promise<T>): Promise<T>;
  /** For what `complain` shows. */
  readonly colours: ReturnType<typeof picocolors.createColors>;
}

/** Shows another text, at once. */
export type Show = (text: string) => Promise<void>;

/** How a command adds itself to the program. */
export type Register = (program: Command, console: Console, setExitCode: (code: number) => void) => void;

export function terminal(): Console {
  const { stdout, stderr, env } = process;
  const isTerminal = stderr.isTTY === true && env.TERM !== 'dumb';
  // https://no-color.org: set and not empty.
  const isColoured = isTerminal && !env.NO_COLOR;
  return {
    print: (text) => void stdout.write(`${text}\n`),
    complain: (text) => void stderr.write(`${text}\n`),
    progress: async (label, work) => {
      if (!isTerminal) return work(async () => {});
      const spinner = ora({ text: label, stream: stderr, color: isColoured ? 'cyan' : false }).start();
      try {
        // The spinner draws between turns of the event loop: let it appear before synchronous work.
        await new Promise((resolve) => setTimeout(resolve, 20));
        return await work(async (text) => {
          spinner.text = text;
          spinner.render();
          await new Promise((resolve) => setImmediate(resolve));
        });
      } finally {
        spinner.stop();
      }
    },
    colours: picocolors.createColors(isColoured),
  };
}
