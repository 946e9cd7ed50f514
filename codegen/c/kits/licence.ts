const LICENCE = 'SPDX-License-Identifier: Apache-2.0';

/** Openings and ends of a comment by what ends a file's name. */
const COMMENTS: readonly (readonly [RegExp, string, string])[] = [
  [/\.(c|h|cpp|mm|ino|S|ld|java|kt|kts|gradle|js|ts|tsx)$/, '/* ', ' */'],
  [
    /(^|\/)(Makefile|CMakeLists\.txt|Kconfig[^/]*)$|\.(mk|cmake|yml|yaml|conf|defaults|pro|podspec)$/,
    '# ',
    '',
  ],
  [/\.ini$/, '; ', ''],
];

/** The text of a file that has its licence in it, in a comment at the top, where its kind has comments. */
export function licensed(path: string, text: string): string {
  const comment = COMMENTS.find(([names]) => names.test(path));
  if (!comment || text.includes(LICENCE)) return text;
  const [, open, close] = comment;
  return `${open}${LICENCE}${close}\n${text}`;
}
