import type { Flasher, FlashTool } from '../../boards/flasher.js';
import { checkTool, findTool, type Tool } from '../verify/tools.js';

interface FlashProgram {
  /** Names of the program, the first that is found. */
  readonly programs: readonly string[];
  readonly purpose: string;
  readonly install: string;
  readonly versionArguments?: readonly string[];
}

const PROGRAMS: Readonly<Record<Exclude<FlashTool, 'drive'>, FlashProgram>> = {
  openocd: {
    programs: ['openocd'],
    purpose: 'flash by ST-Link, CMSIS-DAP or J-Link',
    install: 'Debian: apt install openocd',
  },
  'probe-rs': {
    programs: ['probe-rs'],
    purpose: 'flash by ST-Link, CMSIS-DAP or J-Link',
    install: 'https://probe.rs, or cargo install probe-rs-tools',
  },
  pyocd: {
    programs: ['pyocd'],
    purpose: 'flash by CMSIS-DAP or ST-Link',
    install: 'pip install pyocd; chips that it does not know: pyocd pack install <target>',
  },
  'st-flash': {
    programs: ['st-flash'],
    purpose: 'flash STM32 by ST-Link',
    install: 'Debian: apt install stlink-tools',
  },
  STM32_Programmer_CLI: {
    programs: ['STM32_Programmer_CLI'],
    purpose: 'flash STM32 by ST-Link',
    install: "ST's STM32CubeProgrammer, https://st.com/stm32cubeprog",
  },
  nrfutil: {
    programs: ['nrfutil'],
    purpose: "flash Nordic's kits by J-Link",
    install: 'https://nordicsemi.com/nRF-Util, then nrfutil install device',
  },
  picotool: {
    programs: ['picotool'],
    purpose: 'flash Picos by USB',
    install: 'Debian 13: apt install picotool, or https://github.com/raspberrypi/picotool',
    versionArguments: ['version'],
  },
  'dfu-util': {
    programs: ['dfu-util'],
    purpose: 'flash portenta-h7 by USB',
    install: 'Debian: apt install dfu-util',
  },
  'arduino-cli': {
    programs: ['arduino-cli'],
    purpose: "flash Arduino's boards by USB",
    install: 'https://arduino.github.io/arduino-cli, then arduino-cli core install <core>',
    versionArguments: ['version'],
  },
  gdb: {
    programs: ['gdb-multiarch', 'arm-none-eabi-gdb'],
    purpose: 'flash by a debug server: --tool gdb',
    install: 'Debian: apt install gdb-multiarch',
  },
};

/** Which of the tools that write to boards are there, and how to get the others. None is needed for anything else. */
export function checkFlashTools(): readonly Tool[] {
  return Object.values(PROGRAMS).map(({ programs, versionArguments, ...needs }) => {
    const [name] = programs;
    return checkTool(name!, needs, findFirst(programs), versionArguments);
  });
}

/** Whether its program is on PATH. */
export function isHere(tool: Exclude<FlashTool, 'drive'>): boolean {
  return findFirst(PROGRAMS[tool].programs) !== null;
}

/** What gets a tool that is missing. */
export function howToGet({ tool }: Flasher): string {
  return tool === 'drive'
    ? 'connect the board so that it appears as a drive'
    : `${tool}: ${PROGRAMS[tool].install}`;
}

/** gdb as it is called here. */
export function gdbFlasher(): Flasher {
  const { programs } = PROGRAMS.gdb;
  return { tool: 'gdb', program: programs.find((name) => findTool(name) !== null) ?? programs[0]! };
}

function findFirst(programs: readonly string[]): string | null {
  return programs.map(findTool).find((path) => path !== null) ?? null;
}
