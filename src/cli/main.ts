#!/usr/bin/env node
import { BitloomError } from '../graph/diagnostics.js';
import { terminal } from './console.js';
import { reportError, run } from './run.js';

process.on('uncaughtException', (error) => process.exit(reportError(error, terminal())));

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, e.g. `head`, ends the output and not the command: its exit code still counts.
  if (error.code === 'EPIPE') return;
  const problem = `cannot write to standard output (${error.code})`;
  process.exit(reportError(new BitloomError('BL403', problem, 'Send it elsewhere'), terminal()));
});
// Nothing is left to complain on.
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2));
