import assert from 'node:assert/strict';
import { fromMemory, toMemory } from '../../src/graph/packed.js';
import { byteLength, type PackedType, perTensor, type TypedArray } from '../../src/graph/tensor.js';
import { Random } from '../support/random/random.js';

const CODES: Readonly<Record<PackedType, readonly number[]>> = {
  uint4: Array.from({ length: 16 }, (_, code) => code),
  uint2: [0, 1, 2, 3],
  binary: [-1, 1],
};

const layout = (type: PackedType, ...shape: readonly number[]) => ({ shape, format: perTensor(type, 1, 0) });

describe('contents of packed tensors in memory', () => {
  it('begin with the lowest bits of the first byte', () => {
    assert.deepEqual([...toMemory(layout('uint4', 3), Uint8Array.of(1, 2, 15))], [0x21, 0x0f, 0, 0]);
    assert.deepEqual([...toMemory(layout('uint2', 5), Uint8Array.of(1, 2, 3, 0, 3))], [0b00111001, 3, 0, 0]);
  });

  it('have a set bit where a binary element is -1', () => {
    assert.deepEqual([...toMemory(layout('binary', 4), Int8Array.of(-1, 1, 1, -1))], [0b1001, 0, 0, 0]);
  });

  it('begin each row at a whole word', () => {
    const data = new Int8Array(2 * 33).fill(-1);
    const bytes = toMemory(layout('binary', 2, 33), data);
    assert.deepEqual([...new Uint32Array(bytes.buffer)], [0xffffffff, 1, 0xffffffff, 1]);
    assert.equal(byteLength(layout('binary', 2, 33)), 16);
    assert.equal(byteLength(layout('uint2', 1, 4, 4, 3)), 64);
  });

  it('come back as they were, whatever the shape', () => {
    const random = new Random(1);
    for (let i = 0; i < 300; i++) {
      const type = random.pick(Object.keys(CODES) as PackedType[]);
      const tensor = layout(type, random.integer(1, 3), random.integer(1, 40));
      const codes = Array.from({ length: tensor.shape[0]! * tensor.shape[1]! }, () =>
        random.pick(CODES[type]),
      );
      const data: TypedArray = type === 'binary' ? Int8Array.from(codes) : Uint8Array.from(codes);
      const bytes = toMemory(tensor, data);
      assert.equal(bytes.length, byteLength(tensor));
      assert.deepEqual(fromMemory(tensor, bytes), data);
    }
  });
});
