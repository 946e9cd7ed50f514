import type { Command } from 'commander';
import ora from 'ora';
import colours from 'picocolors';

/** What commands print on: results to stdout, progress and errors to stderr. */
export interface Console {
  /** A line of results. */
  print(text: string): void;
  /** Shows `label` with a spinner while `work` runs; silent when stderr is not a terminal. */
  progress<T>(label: string, work: () => T | Promise<T>): Promise<T>;
  readonly colours: typeof colours;
}

/** How a command adds itself to the program. */
export type Register = (program: Command, console: Console, setExitCode: (code: number) => void) => void;

export function terminal(): Console {
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    progress: async (label, work) => {
      if (!process.stderr.isTTY) return work();
      const spinner = ora({ text: label, stream: process.stderr }).start();
      try {
        // The spinner draws between turns of the event loop: let it appear before synchronous work.
        await new Promise((resolve) => setTimeout(resolve, 20));
        return await work();
      } finally {
        spinner.stop();
      }
    },
    colours,
  };
}
