import { BitloomError } from '../graph/diagnostics.js';

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
