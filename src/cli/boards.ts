import { holdsData, type MemoryRegion } from '../../boards/board.js';
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
      const kilobytes = (regions: readonly MemoryRegion[]) => {
        const bytes = regions.reduce((sum, region) => sum + region.bytes, 0);
        return bytes === 0 ? '-' : `${grouped(bytes / 1024)} kB`;
      };
      console.print(
        table(
          [
            { title: 'board', align: 'left' },
            { title: 'core', align: 'left' },
            { title: 'MHz', align: 'right' },
            { title: 'wait', align: 'right' },
            { title: 'mul', align: 'right' },
            { title: 'flash', align: 'right' },
            { title: 'RAM', align: 'right' },
            { title: 'verified in', align: 'left' },
            { title: '', align: 'left' },
          ],
          boards.map((board) => [
            board.id,
            board.core ?? '-',
            board.clockHertz === null ? '-' : String(board.clockHertz / 1e6),
            board.flashWaitStates === null ? '-' : String(board.flashWaitStates),
            board.multiplyCycles === null ? '-' : String(board.multiplyCycles),
            kilobytes(board.regions.filter(({ kind }) => kind === 'flash')),
            kilobytes(board.regions.filter(holdsData)),
            [board.emulator.runner, board.emulator.machine].filter(Boolean).join(' '),
            board.title,
          ]),
        ),
      );
    });
};
