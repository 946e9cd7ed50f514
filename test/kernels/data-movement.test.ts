import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Graph } from '../../src/graph/graph.js';
import { tensorAt } from '../../src/graph/graph.js';
import type { Node, NodeOf, OpAttributes, OpKind } from '../../src/graph/ops.js';
import {
  allocate,
  type ElementType,
  elementCount,
  perTensor,
  plain,
  type Tensor,
  type TypedArray,
  toBytes,
} from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { Folders, planFor } from '../support/artifacts.js';
import { buildHostProgram, runHostProgram } from '../support/host-c.js';
import { importWasm, runWasm } from '../support/node-wasm.js';

/** One node with its input and output shapes; indices of GATHER are given. */
interface Case {
  readonly kind: OpKind;
  readonly attributes: object;
  readonly type: ElementType;
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly indices?: { readonly values: readonly number[]; readonly shape: readonly number[] };
}

const types = fc.constantFrom<ElementType>('int8', 'int16', 'int32');
const size = fc.integer({ min: 1, max: 4 });
const shapes = fc.array(size, { minLength: 1, maxLength: 5 });
const int = (min: number, max: number) => fc.integer({ min, max });
const each = <T, U>(list: readonly T[], arbitrary: (item: T, i: number) => fc.Arbitrary<U>) =>
  fc.tuple(...list.map(arbitrary));

function attributes<K extends OpKind>(_: K, value: OpAttributes[K]): OpAttributes[K] {
  return value;
}

const transpose = fc.tuple(types, shapes).chain(([type, shape]) =>
  fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }).map(
    (perm): Case => ({
      kind: 'TRANSPOSE',
      attributes: attributes('TRANSPOSE', { perm }),
      type,
      inputs: [shape],
      output: perm.map((d) => shape[d]!),
    }),
  ),
);

const stridedSlice = fc
  .tuple(types, fc.array(int(1, 6), { minLength: 1, maxLength: 5 }))
  .chain(([type, shape]) =>
    each(shape, (n) =>
      fc.tuple(int(0, n - 1), fc.constantFrom(-3, -2, -1, 1, 1, 1, 2)).chain(([begin, stride]) => {
        const most = Math.floor((stride > 0 ? n - 1 - begin : begin) / Math.abs(stride)) + 1;
        return int(1, most).map((count) => ({ begin, stride, count }));
      }),
    ).map(
      (dims): Case => ({
        kind: 'STRIDED_SLICE',
        attributes: attributes('STRIDED_SLICE', {
          begin: dims.map((d) => d.begin),
          stride: dims.map((d) => d.stride),
        }),
        type,
        inputs: [shape],
        output: dims.map((d) => d.count),
      }),
    ),
  );

const pad = fc.tuple(types, shapes, int(-128, 127)).chain(([type, shape, value]) =>
  each(shape, () => fc.tuple(int(0, 2), int(0, 2))).map(
    (pads): Case => ({
      kind: 'PAD',
      attributes: attributes('PAD', { before: pads.map(([b]) => b), after: pads.map(([, a]) => a), value }),
      type,
      inputs: [shape],
      output: shape.map((n, d) => n + pads[d]![0] + pads[d]![1]),
    }),
  ),
);

const concatenation = fc
  .tuple(types, shapes, fc.array(size, { minLength: 1, maxLength: 4 }), fc.nat())
  .map(([type, shape, sizes, at]): Case => {
    const axis = at % shape.length;
    return {
      kind: 'CONCATENATION',
      attributes: attributes('CONCATENATION', { axis }),
      type,
      inputs: sizes.map((n) => shape.with(axis, n)),
      output: shape.with(
        axis,
        sizes.reduce((sum, n) => sum + n, 0),
      ),
    };
  });

const gather = fc
  .tuple(types, shapes, fc.nat(), fc.nat(), fc.array(size, { maxLength: 2 }))
  .chain(([type, shape, a, b, extra]) => {
    const axis = a % shape.length;
    const batchDims = b % (axis + 1);
    const indices = [...shape.slice(0, batchDims), ...extra];
    const count = elementCount(indices);
    return fc.array(int(0, shape[axis]! - 1), { minLength: count, maxLength: count }).map(
      (values): Case => ({
        kind: 'GATHER',
        attributes: attributes('GATHER', { axis, batchDims }),
        type,
        inputs: [shape],
        indices: { values, shape: indices },
        output: [...shape.slice(0, axis), ...extra, ...shape.slice(axis + 1)],
      }),
    );
  });

const resize = (kind: 'RESIZE_NEAREST_NEIGHBOR' | 'RESIZE_BILINEAR') =>
  fc
    .record({
      type: kind === 'RESIZE_BILINEAR' ? fc.constant<ElementType>('int8') : types,
      batches: int(1, 2),
      from: fc.tuple(int(1, 7), int(1, 7)),
      to: fc.tuple(int(1, 12), int(1, 12)),
      channels: fc.constantFrom(1, 2, 3, 8, 11, 16),
      mode: fc.constantFrom('asymmetric', 'alignCorners', 'halfPixelCenters'),
    })
    .map(
      ({ type, batches, from, to, channels, mode }): Case => ({
        kind,
        attributes: attributes(kind, {
          alignCorners: mode === 'alignCorners',
          halfPixelCenters: mode === 'halfPixelCenters',
        }),
        type,
        inputs: [[batches, ...from, channels]],
        output: [batches, ...to, channels],
      }),
    );

/** All cases as one graph of unconnected nodes, so that one compilation checks many. */
function graphOf(cases: readonly Case[], indicesAreInputs: boolean): Graph {
  const tensors: Tensor[] = [];
  const nodes: Node[] = [];
  const inputs: number[] = [];
  const outputs: number[] = [];
  const tensor = (shape: readonly number[], type: ElementType, data: TypedArray | null = null) =>
    tensors.push({
      name: `t${tensors.length}`,
      shape,
      format: type === 'int32' ? plain(type) : perTensor(type, 1, type === 'int8' ? 3 : 0),
      data,
      state: false,
    }) - 1;
  cases.forEach((c, index) => {
    const operands = c.inputs.map((shape) => tensor(shape, c.type));
    inputs.push(...operands);
    if (c.indices) {
      const data = indicesAreInputs ? null : Int32Array.from(c.indices.values);
      const id = tensor(c.indices.shape, 'int32', data);
      operands.push(id);
      if (indicesAreInputs) inputs.push(id);
    }
    const output = tensor(c.output, c.type);
    outputs.push(output);
    const node = { kind: c.kind, attributes: c.attributes, inputs: operands, outputs: [output] };
    nodes.push({ ...node, source: { operator: c.kind, index } } as NodeOf<'TRANSPOSE'>);
  });
  return { name: 'movement', tensors, nodes, inputs, outputs };
}

/** Distinct bytes for the inputs; indices as the cases say. */
function fillInputs(graph: Graph, cases: readonly Case[]): TypedArray[] {
  const indices = cases.flatMap((c) => (c.indices ? [c.indices.values] : []));
  return graph.inputs.map((id) => {
    const { format, shape } = tensorAt(graph, id);
    const isIndex = graph.nodes.some((node) => node.kind === 'GATHER' && node.inputs[1] === id);
    if (isIndex) return Int32Array.from(indices.shift()!);
    const data = allocate(format.type, elementCount(shape));
    toBytes(data).forEach((_, i, bytes) => {
      bytes[i] = (i * 101 + id * 37) & 0xff;
    });
    return data;
  });
}

const CASES = fc.tuple(
  fc.array(fc.oneof(transpose, stridedSlice, pad, concatenation), { minLength: 20, maxLength: 30 }),
  fc.array(fc.oneof(gather, resize('RESIZE_NEAREST_NEIGHBOR'), resize('RESIZE_BILINEAR')), {
    minLength: 10,
    maxLength: 20,
  }),
  fc.boolean(),
);

/** The bytes of all outputs of one run. */
type Run = (graph: Graph, inputs: readonly TypedArray[]) => Promise<Uint8Array>;

describe('data-movement kernels', () => {
  const folders = new Folders();
  after(() => folders.remove());

  const backends: readonly { readonly name: string; readonly run: Run }[] = [
    {
      name: 'C',
      run: async (graph, inputs) => {
        const plan = planFor(graph, 'host', 'movement');
        const program = buildHostProgram(plan, folders, ['-fsanitize=address,undefined']);
        return runHostProgram(program, plan, [Buffer.concat(inputs.map(toBytes))])[0]!;
      },
    },
    {
      name: 'WASM',
      run: async (graph, inputs) => {
        const { load } = await importWasm(planFor(graph, 'web', 'movement'), folders);
        return runWasm(await load(), inputs.map(toBytes));
      },
    },
  ];

  for (const { name, run } of backends) {
    it(`move what the oracle moves, in ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(CASES, async ([first, second, indicesAreInputs]) => {
          const cases = [...first, ...second];
          const graph = graphOf(cases, indicesAreInputs);
          const inputs = fillInputs(graph, cases);
          const expected = evaluate(graph, inputs);
          const actual = await run(graph, inputs);
          let at = 0;
          graph.outputs.forEach((id, i) => {
            const bytes = toBytes(expected[id]!);
            const message = JSON.stringify(cases[i]);
            assert.deepEqual([...actual.subarray(at, at + bytes.length)], [...bytes], message);
            at += bytes.length;
          });
        }),
        { numRuns: 3, endOnFailure: true },
      );
    });

    it(`read the nearest end of the axis where an index of GATHER lies outside, in ${name}`, async () => {
      const graph = graphOf([gatherOf([-1, 3, -2147483648, 2147483647])], true);
      const [input, indices] = fillInputs(graph, [gatherOf([-1, 3, -2147483648, 2147483647])]);
      const [clamped, expected] = [Int32Array.of(0, 2, 0, 2), indices!].map((given) =>
        toBytes(evaluate(graph, [input!, given])[graph.outputs[0]!]!),
      );
      assert.deepEqual(clamped, expected);
      assert.deepEqual([...(await run(graph, [input!, indices!]))], [...expected!]);
    });
  }
});

/** Four rows of a 3 x 2 tensor. */
function gatherOf(values: readonly number[]): Case {
  return {
    kind: 'GATHER',
    attributes: attributes('GATHER', { axis: 0, batchDims: 0 }),
    type: 'int8',
    inputs: [[3, 2]],
    indices: { values, shape: [values.length] },
    output: [values.length, 2],
  };
}
