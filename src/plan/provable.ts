import { BitloomError } from '../graph/diagnostics.js';

/** What `lower` makes; null where accumulators of the row cannot be proved (BL202): it is no alternative to one whose can. */
export function provable<T>(lower: () => T): T | null {
  try {
    return lower();
  } catch (error) {
    if (error instanceof BitloomError) return null;
    throw error;
  }
}
