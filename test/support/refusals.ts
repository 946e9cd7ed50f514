import assert from 'node:assert/strict';
import { BitloomError, type DiagnosticCode } from '../../src/graph/diagnostics.js';

/** Whether something ends with this diagnostic and words. */
export async function refuses(code: DiagnosticCode, words: RegExp, work: () => unknown): Promise<void> {
  await assert.rejects(
    async () => await work(),
    (error) => {
      assert.ok(error instanceof BitloomError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      return true;
    },
  );
}
