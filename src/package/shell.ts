/** A path as a word of a shell command. */
export function shellWord(path: string): string {
  return /^[\w./,:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** A program and its arguments as one shell command. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
