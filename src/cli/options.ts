import { Option } from 'commander';
import { BitloomError } from '../graph/diagnostics.js';
import { OBJECTIVES, type Overrides } from '../index.js';

/** Parses a whole number of at least 1 for an option; BL602 otherwise. */
export function positiveInteger(option: string): (text: string) => number {
  return (text) => {
    if (!/^[1-9]\d{0,5}$/.test(text))
      throw new BitloomError('BL602', `${option} got '${text}'`, 'Give a whole number from 1 to 999999');
    return Number(text);
  };
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** `--kernel layer=name`, repeated: `PlanOptions.kernels`. */
export function kernelOption(): Option {
  return new Option(
    '--kernel <layer=name>',
    'compute a layer by this kernel (see `plan --why`); once per layer',
  ).argParser((text: string, previous: Overrides = {}): Overrides => {
    const [layer, name, ...rest] = text.split('=');
    if (!layer || !name || rest.length > 0)
      throw new BitloomError(
        'BL602',
        `--kernel got '${text}'`,
        'Give the layer and the kernel: --kernel conv_2d_0=conv_2d_s8',
      );
    return { ...previous, [layer]: name };
  });
}

/** What the choice of kernels makes small (`PlanOptions`). */
export function optimizeOption(): Option {
  return new Option(
    '--optimize <what>',
    'what the choice of kernels makes small; speed as far as the board has room',
  )
    .choices(OBJECTIVES)
    .default('speed');
}
