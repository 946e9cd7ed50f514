/** Generated files by relative path. Nothing touches the disk until the CLI writes them. */
export type Artifact = ReadonlyMap<string, Uint8Array>;
