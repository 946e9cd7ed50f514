/** All kits, and the way from a plan's C files to the project of one. */
import type { Board } from '../../../boards/board.js';
import { BitloomError } from '../../../src/graph/diagnostics.js';
import type { Artifact } from '../../../src/plan/artifact.js';
import type { Plan } from '../../../src/plan/plan.js';
import { aar } from './aar/index.js';
import { arduino } from './arduino/index.js';
import { bare } from './bare/index.js';
import { cmake } from './cmake/index.js';
import { cmsisPack } from './cmsis-pack/index.js';
import { espIdf } from './esp-idf/index.js';
import type { Kit } from './kit.js';
import { licensed } from './licence.js';
import { picoSdk } from './pico-sdk/index.js';
import { platformio } from './platformio/index.js';
import { reactNative } from './react-native/index.js';
import type { SelfTest } from './selftest.js';
import { stm32Cube } from './stm32cube/index.js';
import { zephyr } from './zephyr/index.js';

export const KITS: readonly Kit[] = [
  bare,
  cmake,
  arduino,
  platformio,
  zephyr,
  picoSdk,
  espIdf,
  cmsisPack,
  stm32Cube,
  aar,
  reactNative,
];

/**
 * The kit of a name for a board.
 * @param id `bare` unless given
 * @throws BitloomError BL308 where there is none, naming those that fit
 */
export function kitFor(board: Board, id: string = bare.id): Kit {
  const kit = KITS.find((one) => one.id === id);
  if (kit?.fits(board)) return kit;
  const fitting = KITS.filter(({ fits }) => fits(board)).map((one) => one.id);
  throw new BitloomError(
    'BL308',
    kit ? `kit '${id}' is not for ${board.id}` : `no kit '${id}'`,
    fitting.length > 0
      ? `Kits for ${board.id}: ${fitting.join(', ')}`
      : `${board.id} has one form only: leave --kit out`,
  );
}

/**
 * The project of a kit around a model's C files.
 * @param model what `emitC` made of the plan
 */
export function emitKit(kit: Kit, plan: Plan, model: Artifact, selfTest: SelfTest): Artifact {
  const encoder = new TextEncoder();
  const files = kit.files({ plan, model, selfTest });
  return new Map(
    [...files].map(([path, content]) => [
      path,
      typeof content === 'string' ? encoder.encode(licensed(path, content)) : content,
    ]),
  );
}

/** The project that runners build; see `bare`. */
export function emitFirmware(plan: Plan, model: Artifact, selfTest: SelfTest): Artifact {
  return emitKit(bare, plan, model, selfTest);
}
