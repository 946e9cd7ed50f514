/** Reads the self-test's verdict from what a board prints. */
import type { Readable } from 'node:stream';
import { BitloomError } from '../graph/diagnostics.js';
import { parseReport, type SelfTestReport } from '../verify/protocol.js';

/** What ends the self-test, and what a fault handler prints. */
const END = /^(done (pass|fail)|fault exception=.*)\r?$/m;
/** How the self-test begins. */
const BEGINNING = /^selftest (\w+) runs=\d+ layers=\d+\r?$/gm;

/** Listens to the streams one of which carries what the board prints. */
export class Listener {
  readonly #texts: string[];
  readonly #ends: Promise<void>;

  constructor(
    streams: readonly Readable[],
    private readonly model: string,
  ) {
    this.#texts = streams.map(() => '');
    this.#ends = new Promise((resolve) => {
      let open = streams.length;
      streams.forEach((stream, i) => {
        stream.on('data', (chunk: Buffer) => {
          this.#texts[i] += chunk.toString('latin1');
          if (END.test(this.#ofThisRun())) resolve();
        });
        // A port or a program that ends says no more.
        stream
          .on('error', () => {})
          .on('close', () => {
            open--;
            if (open === 0) resolve();
          });
      });
    });
  }

  /** Forgets what was said so far: it may be of another image. */
  forget(): void {
    this.#texts.fill('');
  }

  /** Everything that was said. */
  get text(): string {
    return this.#texts.join('\n');
  }

  /**
   * The report of the model's self-test.
   * @throws BitloomError BL505 where it does not come to its end
   */
  async report(seconds: number): Promise<SelfTestReport> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, seconds * 1000);
    });
    await Promise.race([this.#ends, timeout]);
    clearTimeout(timer);
    const report = parseReport(this.#ofThisRun());
    if (report.complete || report.fault) return report;
    const last = this.text.trimEnd().split('\n').at(-1)?.trim();
    throw new BitloomError(
      'BL505',
      last
        ? `the self-test of '${this.model}' did not come to its end; the last line is '${last}'`
        : `nothing was heard in ${seconds} s`,
      'Reset the board; check the port, and that the board prints there: docs/flash.md says where each does',
    );
  }

  /** From the latest start of the model's self-test on; empty before. */
  #ofThisRun(): string {
    for (const text of this.#texts) {
      const starts = [...text.matchAll(BEGINNING)].filter(([, model]) => model === this.model);
      const last = starts.at(-1);
      if (last) return text.slice(last.index);
    }
    return '';
  }
}
