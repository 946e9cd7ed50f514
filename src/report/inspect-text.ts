import { type Graph, inputOf, tensorAt } from '../graph/graph.js';
import { byteLength, type Format, type Tensor } from '../graph/tensor.js';
import { grouped, printable, table, visible } from './text.js';

export interface Inspection {
  readonly name: string;
  readonly hash: string;
  readonly inputs: readonly TensorSummary[];
  readonly outputs: readonly TensorSummary[];
  /** Operators in the file's terms and how many of each. */
  readonly operators: Readonly<Record<string, number>>;
  readonly constantBytes: number;
  /** What the importer found worth saying. */
  readonly notes: readonly string[];
  readonly layers: readonly LayerSummary[];
}

export interface TensorSummary {
  readonly name: string;
  readonly shape: readonly number[];
  readonly format: string;
}

export interface LayerSummary {
  /** In the file's terms. */
  readonly operator: string;
  /** In the graph's terms: one operator of the file can be several nodes, and passes make nodes of other kinds. */
  readonly kind: string;
  readonly index: number;
  readonly inputs: readonly string[];
  readonly output: TensorSummary;
  readonly constantBytes: number;
}

/** What a model consists of, as plain data. */
export function inspect(graph: Graph, hash: string): Inspection {
  const operators: Record<string, number> = {};
  const seen = new Set<number>();
  for (const node of graph.nodes) {
    if (seen.has(node.source.index)) continue;
    seen.add(node.source.index);
    operators[node.source.operator] = (operators[node.source.operator] ?? 0) + 1;
  }
  const constants = graph.tensors.filter((tensor) => tensor.data !== null);
  return {
    name: graph.name,
    hash,
    inputs: graph.inputs.map((id) => summary(tensorAt(graph, id))),
    outputs: graph.outputs.map((id) => summary(tensorAt(graph, id))),
    operators,
    constantBytes: constants.reduce((sum, tensor) => sum + byteLength(tensor), 0),
    notes: graph.notes ?? [],
    layers: graph.nodes.map((node) => {
      const inputs = node.inputs.map((_, i) => inputOf(graph, node, i)).filter((t) => t !== null);
      return {
        operator: node.source.operator,
        kind: node.kind,
        index: node.source.index,
        inputs: inputs.filter((t) => t.data === null).map((t) => t.shape.join('x')),
        output: summary(tensorAt(graph, node.outputs[0])),
        constantBytes: inputs.filter((t) => t.data !== null).reduce((sum, t) => sum + byteLength(t), 0),
      };
    }),
  };
}

function summary(tensor: Tensor): TensorSummary {
  return { name: tensor.name, shape: tensor.shape, format: describeFormat(tensor.format) };
}

/** `int8 scale 0.00390625 zero -128`, `int8 64 scales on axis 0`, `float32`. */
export function describeFormat(format: Format): string {
  const [scale, ...more] = format.scales;
  if (scale === undefined) return format.type;
  if (more.length > 0) return `${format.type} ${format.scales.length} scales on axis ${format.axis}`;
  return `${format.type} scale ${Number(scale.toPrecision(9))} zero ${format.zeroPoints[0]}`;
}

export function inspectionText(inspection: Inspection): string {
  const tensorLine = (label: string, t: TensorSummary) =>
    `${label}  ${t.shape.join('x')}  ${t.format}  '${printable(t.name)}'`;
  const rows = inspection.layers.map((layer) => [
    String(layer.index),
    layer.kind === layer.operator ? layer.operator : `${layer.operator} as ${layer.kind}`,
    layer.inputs.join(' '),
    layer.output.shape.join('x'),
    layer.output.format,
    grouped(layer.constantBytes),
  ]);
  return [
    `model   ${printable(inspection.name)}  sha256 ${inspection.hash}`,
    ...inspection.inputs.map((t) => tensorLine('input ', t)),
    ...inspection.outputs.map((t) => tensorLine('output', t)),
    `operators  ${Object.entries(inspection.operators)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    `constants  ${grouped(inspection.constantBytes)} bytes`,
    ...inspection.notes.map((note) => `note  ${visible(note)}`),
    '',
    table(
      [
        { title: '#', align: 'right' },
        { title: 'operator', align: 'left' },
        { title: 'input', align: 'left' },
        { title: 'output', align: 'left' },
        { title: 'format', align: 'left' },
        { title: 'constants', align: 'right' },
      ],
      rows,
    ),
  ].join('\n');
}
