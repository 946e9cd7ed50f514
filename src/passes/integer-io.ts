import { BitloomError } from '../graph/diagnostics.js';
import { type Graph, shortName, tensorAt } from '../graph/graph.js';
import type { Node } from '../graph/ops.js';
import type { TensorId } from '../graph/tensor.js';
import { linksOf } from './rewrite.js';

/** Types that inputs and outputs of a model may be asked to have. */
export const IO_TYPES = ['int8', 'uint8', 'int16'] as const;

export type IoType = (typeof IO_TYPES)[number];

/**
 * The graph whose inputs have the type, as `inference_input_type` of TensorFlow Lite's converter gives it: those that are at once
 * quantized to it are replaced by their codes.
 * @throws BitloomError BL108 where an input is neither of the type nor quantized to it by all that read it
 */
export function withInputType(graph: Graph, type: IoType): Graph {
  const { readers } = linksOf(graph);
  const codes = graph.inputs.map((id): TensorId => {
    if (typeOf(graph, id) === type) return id;
    const nodes = readers.get(id) ?? [];
    const [quantize] = nodes;
    const isOnly = nodes.length === 1 && !graph.outputs.includes(id);
    const code = quantize?.outputs[0];
    if (!quantize || !isOnly || !isChange(quantize) || typeOf(graph, code!) !== type)
      throw noSuchType(graph, 'input', id, type, isOnly && isChange(quantize!) ? code! : null);
    return code!;
  });
  const gone = new Set(graph.inputs.flatMap((id, i) => (codes[i] === id ? [] : readers.get(id)!)));
  return without(renamed(graph, graph.inputs, codes), gone, { inputs: codes });
}

/**
 * The graph whose outputs have the type: those that are made of codes of it by a last QUANTIZE or DEQUANTIZE are replaced by these.
 * @throws BitloomError BL108 where an output is neither of the type nor made of it
 */
export function withOutputType(graph: Graph, type: IoType): Graph {
  const { producers, readers } = linksOf(graph);
  const codes = graph.outputs.map((id): TensorId => {
    if (typeOf(graph, id) === type) return id;
    const last = producers.get(id);
    const code = last && isChange(last) ? last.inputs[0]! : null;
    if (code === null || readers.has(id) || typeOf(graph, code) !== type)
      throw noSuchType(graph, 'output', id, type, code);
    return code;
  });
  const gone = new Set(graph.outputs.flatMap((id, i) => (codes[i] === id ? [] : [producers.get(id)!])));
  return without(renamed(graph, graph.outputs, codes), gone, { outputs: codes });
}

function isChange({ kind }: Node): boolean {
  return kind === 'QUANTIZE' || kind === 'DEQUANTIZE';
}

function typeOf(graph: Graph, id: TensorId): string {
  return tensorAt(graph, id).format.type;
}

/** Codes by the names of the values that they stand for. */
function renamed(graph: Graph, values: readonly TensorId[], codes: readonly TensorId[]): Graph {
  const tensors = [...graph.tensors];
  for (const [i, id] of codes.entries())
    tensors[id] = { ...tensorAt(graph, id), name: tensorAt(graph, values[i]).name };
  return { ...graph, tensors };
}

function without(graph: Graph, gone: ReadonlySet<Node>, ends: Partial<Graph>): Graph {
  return { ...graph, ...ends, nodes: graph.nodes.filter((node) => !gone.has(node)) };
}

function noSuchType(
  graph: Graph,
  role: 'input' | 'output',
  id: TensorId,
  type: IoType,
  code: TensorId | null,
): BitloomError {
  const { name, format } = tensorAt(graph, id);
  const problem = `the ${role} '${shortName(name)}' is ${format.type} and has no codes of ${type} at the model's edge`;
  const wayOut =
    code === null ? `Take it as it is, without --${role}-type` : `Its codes are ${typeOf(graph, code)}`;
  return new BitloomError('BL108', problem, wayOut);
}
