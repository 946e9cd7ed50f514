import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BitloomError } from '../../src/graph/diagnostics.js';
import { PACKAGE_ROOT, readAsset } from '../../src/package/root.js';

const ENTRY = 'model.ts';
const OUTPUT = 'model.wasm';

/**
 * Compiles an entry file that imports kernels from `./assembly` with asc, in this process and without touching the disk.
 * Options are those of `asconfig.json`.
 *
 * @param memoryBase address of the static data that kernels may hold
 * @param relaxed whether kernels may use relaxed SIMD
 * @throws BitloomError BL402 with asc's first error
 */
export async function compileAssemblyScript(
  entry: string,
  memoryBase: number,
  relaxed = false,
): Promise<Uint8Array> {
  const { default: asc } = await import('assemblyscript/asc');
  let binary: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    [
      ENTRY,
      '--outFile',
      OUTPUT,
      '--memoryBase',
      String(memoryBase),
      '--config',
      'asconfig.json',
      '--noColors',
      ...(relaxed ? ['--enable', 'relaxed-simd'] : []),
    ],
    {
      readFile: (name) => (name === ENTRY ? entry : packageFile(name)),
      writeFile: (name, contents) => {
        if (name === OUTPUT && typeof contents !== 'string') binary = contents;
      },
      listFiles: () => null,
    },
  );
  if (error || !binary)
    throw new BitloomError('BL402', firstError(stderr.toString(), error), 'Please report it');
  return binary;
}

/** asc asks for names that need not exist while it resolves imports. */
function packageFile(name: string): string | null {
  return existsSync(join(PACKAGE_ROOT, name)) ? readAsset(name) : null;
}

/** `TS2304: Cannot find name 'x'. in assembly/y.ts(3,5)` */
function firstError(stderr: string, error: Error | null): string {
  const message = /^ERROR (.*)$/m.exec(stderr)?.[1];
  const place = /\bin [^\s]+\.ts\(\d+,\d+\)/.exec(stderr)?.[0];
  if (!message) return error?.message ?? 'asc wrote no module';
  return place ? `${message.replace(/\.$/, '')} ${place}` : message;
}
