import assert from 'node:assert/strict';
import { Builder } from 'flatbuffers';
import { tensorAt } from '../../src/graph/graph.js';
import { FlatBuffer } from '../../src/import/tflite/flatbuffer.js';
import { importTflite } from '../../src/import/tflite/index.js';
import {
  BUFFER,
  FILE_IDENTIFIER,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  QUANTIZATION,
  SUBGRAPH,
  TENSOR,
} from '../../src/import/tflite/schema.js';

/** Adds one field to a table under construction. */
type Add = (b: Builder, slot: number) => void;

function table(b: Builder, fields: Record<number, Add>): number {
  b.startObject(12);
  for (const [slot, add] of Object.entries(fields)) add(b, Number(slot));
  return b.endObject();
}

const at =
  (to: number): Add =>
  (b, slot) =>
    b.addFieldOffset(slot, to, 0);
const int =
  (value: number): Add =>
  (b, slot) =>
    b.addFieldInt32(slot, value, 0);
const byte =
  (value: number): Add =>
  (b, slot) =>
    b.addFieldInt8(slot, value, 0);
const long =
  (value: bigint): Add =>
  (b, slot) =>
    b.addFieldInt64(slot, value, 0n);

function vector(b: Builder, values: readonly number[], bytes: 4 | 8, add: (value: number) => void): number {
  b.startVector(bytes, values.length, bytes);
  for (const value of values.toReversed()) add(value);
  return b.endVector();
}

/** A PRELU whose alpha of two elements is said to lie `size` bytes long at `offset` of the file, outside of the tables. */
function fileWithOutsideBuffer(
  offset: bigint,
  size: bigint,
  alpha: (b: Builder) => Record<number, Add> = () => ({}),
): Uint8Array {
  const b = new Builder(64);
  const ints = (values: readonly number[]) => at(vector(b, values, 4, (value) => b.addInt32(value)));
  const tables = (values: readonly number[]) => at(vector(b, values, 4, (value) => b.addOffset(value)));
  const quantization = table(b, {
    [QUANTIZATION.scale]: at(vector(b, [0.5], 4, (value) => b.addFloat32(value))),
    [QUANTIZATION.zeroPoint]: at(vector(b, [0], 8, (value) => b.addInt64(BigInt(value)))),
  });
  const tensor = (buffer: number, more: Record<number, Add> = {}) =>
    table(b, {
      ...more,
      [TENSOR.shape]: ints([2]),
      [TENSOR.type]: byte(9),
      [TENSOR.buffer]: int(buffer),
      [TENSOR.quantization]: at(quantization),
    });
  const operator = table(b, { [OPERATOR.inputs]: ints([0, 1]), [OPERATOR.outputs]: ints([2]) });
  const graph = table(b, {
    [SUBGRAPH.tensors]: tables([tensor(0), tensor(1, alpha(b)), tensor(0)]),
    [SUBGRAPH.inputs]: ints([0]),
    [SUBGRAPH.outputs]: ints([2]),
    [SUBGRAPH.operators]: tables([operator]),
  });
  const buffers = [table(b, {}), table(b, { [BUFFER.offset]: long(offset), [BUFFER.size]: long(size) })];
  const code = table(b, { [OPERATOR_CODE.deprecatedCode]: byte(54), [OPERATOR_CODE.code]: int(54) });
  const model = table(b, {
    [MODEL.version]: int(3),
    [MODEL.operatorCodes]: tables([code]),
    [MODEL.subgraphs]: tables([graph]),
    [MODEL.buffers]: tables(buffers),
  });
  b.finish(model, FILE_IDENTIFIER);
  const file = new Uint8Array(1026);
  file.set(b.asUint8Array());
  file.set([5, 0xfd], 1024);
  return file;
}

describe('constants outside of the tables, as in files beyond 2 GB', () => {
  it('are read by their offset from the start of the file', () => {
    const graph = importTflite(fileWithOutsideBuffer(1024n, 2n), 'large');
    assert.deepEqual(tensorAt(graph, graph.nodes[0]!.inputs[1]).data, Int8Array.of(5, -3));
  });

  it('must lie in the file', () => {
    for (const [offset, size] of [
      [1025n, 2n],
      [-8n, 2n],
      [1n << 62n, 2n],
      [1024n, 1n << 62n],
      [1024n, -2n],
    ] as const) {
      assert.throws(
        () => importTflite(fileWithOutsideBuffer(offset, size), 'large'),
        /BL102/,
        `${offset} ${size}`,
      );
    }
  });
});

describe('BL105 for storage that Bitloom does not read', () => {
  it('constants in other files', () => {
    const elsewhere = () => ({ [TENSOR.externalBuffer]: int(1) });
    assert.throws(
      () => importTflite(fileWithOutsideBuffer(1024n, 2n, elsewhere), 'm'),
      /BL105.*'' is stored in another file/,
    );
  });
});

describe('reads of a FlatBuffer stay inside the file', () => {
  const file = (...words: number[]) => new FlatBuffer(new Uint8Array(Int32Array.from(words).buffer), 'file');

  it('root, vtable and fields', () => {
    assert.throws(() => file(400).root(), /BL102.*'file' ends at byte 4 but refers to bytes 400 to 404/);
    assert.throws(() => file(4, 100).root(), /BL102.*bytes -96/);
    assert.throws(() => file(4, -1000).root(), /BL102.*bytes 1004/);
    // A vtable of 2 bytes; a table of 0 bytes; a field beyond its table.
    assert.throws(() => file(8, 0x00040002, 4).root(), /BL102.*damaged table/);
    assert.throws(() => file(8, 0x00000004, 4).root(), /BL102.*damaged table/);
    assert.throws(() => file(12, 0x00040006, 0x00000020, 8).root().i32(0), /BL102.*damaged table/);
  });

  it('vectors', () => {
    const vector = (length: number) => file(12, 0x00080006, 0x00000004, 8, 4, length).root();
    assert.deepEqual(vector(0).i32s(0), []);
    assert.throws(() => vector(1).i32s(0), /BL102.*ends at byte 24/);
    assert.throws(() => vector(-1).i64s(0), /BL102.*ends at byte 24/);
    assert.throws(() => vector(0x40000001).i32s(0), /BL102.*ends at byte 24/);
  });

  it('absent fields have their defaults', () => {
    const empty = file(8, 0x00040004, 4).root();
    assert.deepEqual([empty.i32(3, 7), empty.bool(0), empty.i32s(1), empty.table(2)], [7, false, [], null]);
  });

  it('a table that refers to itself ends with the depth of the reader', () => {
    const table = file(12, 0x00080006, 0x00000004, 8, 0xfffffffc).root();
    assert.throws(() => {
      for (let next: typeof table | null = table; next; ) next = next.table(0);
    }, /BL102/);
  });

  it('many references to one large vector exhaust a budget', () => {
    const words = new Array(4000).fill(0);
    words.splice(0, 6, 12, 0x00080006, 0x00000004, 8, 4, 3990);
    const table = file(...words).root();
    assert.throws(() => {
      for (let i = 0; i < 1000; i++) table.i32s(0);
    }, /BL102.*too often/);
  });

  it('names lose what could break messages and code', () => {
    const text = file(12, 0x00080006, 0x00000004, 8, 4, 4, 0x0a41ff42).root();
    assert.equal(text.string(0), 'B\ufffdA\ufffd');
  });
});
