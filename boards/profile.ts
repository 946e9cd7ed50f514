import * as v from 'valibot';
import { type Emulator, holdsData } from './board.js';
import { emulatedRegions, MACHINES } from './machines.js';

/** Addresses are hexadecimal strings and sizes carry a unit, as in data sheets. */
const address = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-f]{8}$/, 'an address is 0x and eight hexadecimal digits'),
  v.transform(Number),
);
const size = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d* (KB|MB)$/, 'a size is a number and KB or MB'),
  v.transform((text) => Number.parseInt(text, 10) * (text.endsWith('MB') ? 1 << 20 : 1 << 10)),
);
const natural = v.pipe(v.number(), v.integer(), v.minValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const region = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9]*$/, 'a memory has a name of capitals and digits')),
  kind: v.picklist(['flash', 'ram']),
  origin: address,
  bytes: size,
  use: v.exactOptional(v.array(v.picklist(['data', 'code']))),
});

const word = v.pipe(v.string(), v.regex(/^[\w./:-]+$/, 'a name of letters, digits and ./:_-'));

/** `Flasher`s. */
const flasher = v.variant('tool', [
  v.strictObject({
    tool: v.literal('openocd'),
    config: v.pipe(v.array(word), v.minLength(1)),
    kilohertz: v.exactOptional(natural),
  }),
  v.strictObject({ tool: v.literal('probe-rs'), chip: word }),
  v.strictObject({ tool: v.literal('pyocd'), target: word }),
  v.strictObject({ tool: v.literal('st-flash') }),
  v.strictObject({ tool: v.literal('STM32_Programmer_CLI'), mode: v.picklist(['UR', 'HOTPLUG']) }),
  v.strictObject({ tool: v.literal('nrfutil') }),
  v.strictObject({ tool: v.literal('picotool') }),
  v.strictObject({
    tool: v.literal('dfu-util'),
    device: v.pipe(v.string(), v.regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, 'vendor and product: 0483:df11')),
  }),
  v.strictObject({ tool: v.literal('arduino-cli'), fqbn: word }),
  v.strictObject({ tool: v.literal('drive'), label: word, image: v.picklist(['uf2', 'hex']) }),
]);

const regions = v.pipe(
  v.array(region),
  v.check(
    (list) =>
      list.length === 0 ||
      (list.find((r) => r.kind === 'flash')?.name === 'FLASH' &&
        list.filter(holdsData).at(-1)?.name === 'RAM'),
    'the first flash of a memory map is FLASH, and its last RAM for data is RAM',
  ),
);

/** The JSON of a profile, read into a `Board`. */
export const profile = v.pipe(
  v.strictObject({
    id: v.string(),
    title: v.string(),
    sources: v.array(v.string()),
    target: v.strictObject({
      backend: v.picklist(['c', 'wasm']),
      isa: v.picklist([
        'armv6-m',
        'armv7-m',
        'armv7e-m',
        'armv8-m.main',
        'armv8.1-m.main+mve',
        'armv7-a+neon',
        'armv8-a',
        'x86-64',
        'native',
        'wasm',
        'wasm-simd128',
      ]),
    }),
    core: v.nullable(v.string()),
    clockHertz: v.nullable(natural),
    flashWaitStates: v.nullable(count),
    multiplyCycles: v.nullable(natural),
    compilerFlags: v.array(v.string()),
    variants: v.exactOptional(
      v.array(
        v.strictObject({
          name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]*$/)),
          flags: v.array(v.string()),
          auxiliary: natural,
          bit: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31)),
        }),
      ),
    ),
    regions,
    hardware: v.nullable(
      v.pipe(
        v.strictObject({
          console: v.picklist(['semihosting', 'uart_rp2040', 'uart_nrf']),
          consolePins: v.exactOptional(v.strictObject({ transmit: count, receive: count })),
          timer: v.picklist(['timer_dwt', 'timer_systick']),
          boot: v.nullable(v.string()),
          uf2Family: v.exactOptional(address),
          flash: v.array(flasher),
        }),
        v.check(
          ({ uf2Family, flash }) =>
            uf2Family !== undefined || flash.every((way) => way.tool !== 'drive' || way.image !== 'uf2'),
          'a drive that takes UF2 needs the uf2Family of its chip',
        ),
      ),
    ),
    emulator: v.strictObject({
      runner: v.picklist(['qemu', 'qemu-user', 'rp2040js', 'host', 'node']),
      machine: v.exactOptional(v.string()),
      processors: v.exactOptional(v.array(v.string())),
    }),
  }),
  v.check(
    ({ target, multiplyCycles }) => target.isa !== 'armv6-m' || multiplyCycles !== null,
    'multiplyCycles: cores of Armv6-M have a multiplier of 1 cycle or of 32',
  ),
  v.rawTransform(({ dataset, addIssue }) => {
    const { emulator: stated, ...board } = dataset.value;
    const emulator: Emulator = stated;
    const name = emulator.machine ?? emulator.runner;
    const machine = MACHINES[name];
    if (!machine || board.regions.length === 0) {
      if (machine) addIssue({ message: 'regions: what is emulated has a FLASH and a RAM' });
      else if (emulator.runner === 'qemu')
        addIssue({ message: `emulator.machine: one of ${Object.keys(MACHINES).join(', ')}` });
      return { ...board, emulator };
    }
    try {
      const emulated = { ...emulator, regions: emulatedRegions(board.regions, machine) };
      return { ...board, emulator: machine.timer ? { ...emulated, timer: machine.timer } : emulated };
    } catch (error) {
      addIssue({ message: `regions: ${error instanceof Error ? error.message : error}` });
      return { ...board, emulator };
    }
  }),
);
