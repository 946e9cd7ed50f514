import type { Board } from '../../../boards/board.js';

/** What frameworks call the boards, where they know them: names as in their own lists of boards. */
export interface FrameworkNames {
  /** Fully qualified board name of arduino-cli. */
  readonly arduino?: string;
  /** Platform and board of PlatformIO, with its Arduino framework. */
  readonly platformio?: readonly [platform: string, board: string];
  /** Of `west build -b`. */
  readonly zephyr?: string;
}

const stm32 = (series: string, name: string, platformio: string): FrameworkNames => ({
  arduino: `STMicroelectronics:stm32:${series}:pnum=${name}`,
  platformio: ['ststm32', platformio],
  zephyr: platformio,
});

const NAMES: Readonly<Record<string, FrameworkNames>> = {
  'blue-pill': {
    arduino: 'STMicroelectronics:stm32:GenF1:pnum=BLUEPILL_F103C8',
    platformio: ['ststm32', 'bluepill_f103c8'],
  },
  'ek-ra8d1': { zephyr: 'ek_ra8d1' },
  microbit: {
    arduino: 'sandeepmistry:nRF5:BBCmicrobit',
    platformio: ['nordicnrf51', 'bbcmicrobit'],
    zephyr: 'bbc_microbit',
  },
  'microbit-v2': { arduino: 'sandeepmistry:nRF5:BBCmicrobitV2', zephyr: 'bbc_microbit_v2' },
  'mps2-an385': { zephyr: 'mps2/an385' },
  'mps2-an386': { zephyr: 'mps2/an386' },
  'mps2-an500': { zephyr: 'mps2/an500' },
  'mps3-an547': { zephyr: 'mps3/corstone300/an547' },
  'nano-33-ble-sense': {
    platformio: ['nordicnrf52', 'nano33ble'],
    zephyr: 'arduino_nano_33_ble/nrf52840/sense',
  },
  'nrf52840-dk': { platformio: ['nordicnrf52', 'nrf52840_dk'], zephyr: 'nrf52840dk/nrf52840' },
  'nrf5340-dk': { zephyr: 'nrf5340dk/nrf5340/cpuapp' },
  'nucleo-f446re': stm32('Nucleo_64', 'NUCLEO_F446RE', 'nucleo_f446re'),
  'nucleo-f746zg': stm32('Nucleo_144', 'NUCLEO_F746ZG', 'nucleo_f746zg'),
  'nucleo-h743zi': stm32('Nucleo_144', 'NUCLEO_H743ZI', 'nucleo_h743zi'),
  'nucleo-l4r5zi': stm32('Nucleo_144', 'NUCLEO_L4R5ZI', 'nucleo_l4r5zi'),
  'nucleo-n657x0': { zephyr: 'nucleo_n657x0_q' },
  'nucleo-u575zi': {
    arduino: 'STMicroelectronics:stm32:Nucleo_144:pnum=NUCLEO_U575ZI_Q',
    zephyr: 'nucleo_u575zi_q',
  },
  pico: { arduino: 'rp2040:rp2040:rpipico', platformio: ['raspberrypi', 'pico'], zephyr: 'rpi_pico' },
  pico2: { arduino: 'rp2040:rp2040:rpipico2', zephyr: 'rpi_pico2/rp2350a/m33' },
  'portenta-h7': {
    platformio: ['ststm32', 'portenta_h7_m7'],
    zephyr: 'arduino_portenta_h7/stm32h747xx/m7',
  },
  'stm32f746g-disco': {
    arduino: 'STMicroelectronics:stm32:Disco:pnum=DISCO_F746NG',
    platformio: ['ststm32', 'disco_f746ng'],
    zephyr: 'stm32f746g_disco',
  },
};

/** Of a board that no framework knows, or that is outside the package: none, but for what its profile gives arduino-cli. */
export function frameworkNames({ id, hardware }: Board): FrameworkNames {
  const arduino = hardware?.flash.flatMap((flasher) =>
    flasher.tool === 'arduino-cli' ? flasher.fqbn : [],
  )[0];
  return { ...NAMES[id], ...(arduino === undefined ? {} : { arduino }) };
}
