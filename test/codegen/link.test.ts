import assert from 'node:assert/strict';
import fc from 'fast-check';
import wabt from 'wabt';
import { pagesFor } from '../../codegen/wasm/layout.js';
import { link, type Segment } from '../../codegen/wasm/link.js';

const NONE: readonly Segment[] = [];

async function assemble(text: string): Promise<Uint8Array> {
  const module = (await wabt()).parseWat('test.wat', text, { bulk_memory: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

async function instantiate(bytes: Uint8Array): Promise<{ exports: WebAssembly.Exports; memory: Uint8Array }> {
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(bytes));
  return {
    exports: instance.exports,
    memory: new Uint8Array((instance.exports.memory as WebAssembly.Memory).buffer),
  };
}

const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

const MODULE = `(module
  (memory (export "memory") 1)
  (data (i32.const 100000) "asc")
  (func (export "run") (result i32) (i32.load8_u (i32.const 1024)))
  (func (export "internal")))`;

describe('the WASM linker', () => {
  it('adds constants, keeps the named exports and the data of the compiler', async () => {
    const constants = [{ address: 1024, bytes: Uint8Array.of(42, 43) }];
    const linked = link(await assemble(MODULE), {
      constants,
      exports: new Set(['memory', 'run']),
      end: 2000,
    });
    const { exports, memory } = await instantiate(linked);
    assert.deepEqual(Object.keys(exports).sort(), ['memory', 'run']);
    assert.equal((exports.run as () => number)(), 42);
    assert.equal(Buffer.from(memory.subarray(100000, 100003)).toString(), 'asc');
  });

  it('places constants of any size at any address, in just enough pages that cannot grow', async () => {
    const module = await assemble('(module (memory (export "memory") 1))');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(2 ** 22), async (bytes, address) => {
        const end = address + bytes.length;
        const linked = link(module, { constants: [{ address, bytes }], exports: new Set(['memory']), end });
        const { exports, memory } = await instantiate(linked);
        assert.equal(memory.length, pagesFor(end) * 65536);
        assert.deepEqual(memory.slice(address, end), bytes);
        assert.throws(() => (exports.memory as WebAssembly.Memory).grow(1));
      }),
    );
  });

  it('keeps the memory that the compiler asks for, in which data of zeros have no segment', async () => {
    const module = await assemble('(module (memory (export "memory") 3))');
    const linked = link(module, { constants: NONE, exports: new Set(['memory']), end: 100 });
    assert.equal((await instantiate(linked)).memory.length, 3 * 65536);
    assert.throws(() => link(HEADER, { constants: NONE, exports: new Set(), end: 0 }), /no memory/);
  });

  it('counts the segments where the module has a data count', async () => {
    const module = await assemble(`(module
      (memory (export "memory") 1)
      (data (i32.const 9) "x")
      (func (data.drop 0)))`);
    const constants = [{ address: 1024, bytes: Uint8Array.of(1) }];
    await instantiate(link(module, { constants, exports: new Set(['memory']), end: 1025 }));
  });

  it('refuses what cannot run alone or is no module', async () => {
    const imports = await assemble('(module (import "env" "abort" (func)) (memory (export "memory") 1))');
    const input = { constants: NONE, exports: new Set(['memory']), end: 0 };
    assert.throws(() => link(imports, input), /imports/);
    assert.throws(() => link(imports.subarray(0, -3), input), /ends early/);
    assert.throws(() => link(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), input), /not a WebAssembly module/);
    const other = await assemble('(module (memory (export "memory") 1) (data "passive"))');
    assert.throws(() => link(other, input), /form of a data segment/);
    assert.throws(
      () => link(other, { ...input, exports: new Set(['run']) }),
      /data segment|does not export run/,
    );
  });
});
