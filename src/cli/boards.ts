import { boardIds, loadBoard } from '../../boards/index.js';
import { toJson } from '../report/json.js';
import { grouped, table } from '../report/text.js';
import type { Register } from './console.js';

export const registerBoards: Register = (program, console) => {
  program
    .command('boards')
    .description('List the boards: core, memory, and what stands for them in verify')
    .option('--json', 'one JSON array')
    .addHelpText('after', '\nExample:\n  bitloom boards')
    .action((options: { json?: boolean }) => {
      const boards = boardIds().map(loadBoard);
      if (options.json) {
        console.print(toJson(boards));
        return;
      }
      const total = (board: (typeof boards)[number], kind: 'flash' | 'ram') =>
        board.regions.filter((r) => r.kind === kind).reduce((sum, r) => sum + r.bytes, 0);
      const kilobytes = (bytes: number) => (bytes === 0 ? '-' : `${grouped(bytes / 1024)} kB`);
      console.print(
        table(
          [
            { title: 'board', align: 'left' },
            { title: 'core', align: 'left' },
            { title: 'MHz', align: 'right' },
            { title: 'flash', align: 'right' },
            { title: 'RAM', align: 'right' },
            { title: 'verified in', align: 'left' },
            { title: '', align: 'left' },
          ],
          boards.map((board) => [
            board.id,
            board.core ?? '-',
            board.clockHertz === null ? '-' : String(board.clockHertz / 1e6),
            kilobytes(total(board, 'flash')),
            kilobytes(total(board, 'ram')),
            [board.emulator.runner, board.emulator.machine].filter(Boolean).join(' '),
            board.title,
          ]),
        ),
      );
    });
};
