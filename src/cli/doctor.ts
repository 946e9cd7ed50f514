import { checkFlashTools } from '../flash/index.js';
import { toJson } from '../report/json.js';
import { table } from '../report/text.js';
import { checkTools } from '../verify/index.js';
import type { Register } from './console.js';

export const registerDoctor: Register = (program, console) => {
  program
    .command('doctor')
    .description('Say which tools are here, what needs them, and how to get the others')
    .option('--json', 'one JSON array')
    .addHelpText('after', '\nExample:\n  bitloom doctor')
    .action((options: { json?: boolean }) => {
      const tools = [...checkTools(), ...checkFlashTools()];
      console.print(
        options.json
          ? toJson(tools)
          : table(
              [
                { title: 'tool', align: 'left' },
                { title: 'needed for', align: 'left' },
                { title: 'found', align: 'left' },
              ],
              tools.map(({ tool, purpose, found, version, install }) => [
                tool,
                purpose,
                found ? (version ?? 'yes') : `no. ${install}`,
              ]),
            ),
      );
    });
};
