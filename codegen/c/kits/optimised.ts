import type { Files } from './kit.js';

const OPTIMISE = `#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O2") /* whatever the flags of the project are */
#endif
`;

/**
 * The model where a framework's own flags hold, which are -Os, or -O0 for debugging: GCC is asked for -O2 in the sources. On a Cortex-M0+
 * layers take up to three quarters longer at -Os, as GCC keeps registers from assembly.
 */
export function optimised(model: Files): Files {
  const decoder = new TextDecoder();
  return new Map(
    [...model].map(([path, content]) => [
      path,
      path.endsWith('.c')
        ? `${OPTIMISE}\n${typeof content === 'string' ? content : decoder.decode(content)}`
        : content,
    ]),
  );
}
