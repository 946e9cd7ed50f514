import { findProblem } from '../../graph/check.js';
import { BitloomError, type DiagnosticCode } from '../../graph/diagnostics.js';
import { type Graph, shortName } from '../../graph/graph.js';
import type { Aspect } from '../../graph/violation.js';
import { GraphBuilder } from './builder.js';
import { type FileOperator, type ModelFile, readModelFile } from './file.js';
import { IMPORTERS } from './operators/index.js';
import { Site } from './site.js';

export { isTflite } from './file.js';

/**
 * The graph of a quantized TFLite model: its first subgraph, which needs no other. Legacy uint8 models become int8
 * between QUANTIZE nodes; the model's own inputs and outputs keep their types.
 *
 * Errors: BL101 no TFLite file; BL102 damaged; BL103 operators that Bitloom does not have, all in one message; BL104
 * forms of operators, BL105 tensors, BL107 quantization that it does not support; BL106 too large.
 * @param name of the model, for messages and generated code
 */
export function importTflite(bytes: Uint8Array, name: string): Graph {
  const file = readModelFile(bytes, name);
  rejectUnknownOperators(file, name);
  const builder = new GraphBuilder(file, bytes.length);
  const inputs = builder.begin();
  for (const operator of file.operators) importOperator(builder, operator);
  const graph = builder.finish(name, inputs);
  const problem = findProblem(graph);
  if (!problem) return graph;
  const { code, wayOut } = REMEDIES[problem.aspect];
  throw new BitloomError(code, `'${name}': ${problem.text}`, wayOut);
}

/** A file can ask for graphs that break the contract; what that means to the user, by what it breaks. */
const REMEDIES: Readonly<Record<Aspect, { readonly code: DiagnosticCode; readonly wayOut: string }>> = {
  structure: { code: 'BL102', wayOut: 'Convert the model again; the file contradicts itself' },
  shape: { code: 'BL102', wayOut: 'Convert the model again; the file contradicts itself' },
  form: { code: 'BL104', wayOut: 'Freeze the model before converting it, so that weights are constants' },
  type: { code: 'BL105', wayOut: 'Quantize the model to int8 or int16x8 (full integer), weights included' },
  quantization: {
    code: 'BL107',
    wayOut: 'Quantize the model with a converter that follows the TFLite quantization specification',
  },
};

function importOperator(builder: GraphBuilder, operator: FileOperator): void {
  const importer = IMPORTERS[operator.operator];
  if (!importer) throw new Error(`no importer for ${operator.operator}`);
  const site = new Site(builder, operator);
  const within = (count: number, [least, most]: readonly [number, number]) => count >= least && count <= most;
  if (!within(site.inputCount, importer.inputs) || !within(site.outputCount, importer.outputs)) {
    site.fail('BL102', `has ${site.inputCount} inputs and ${site.outputCount} outputs`);
  }
  importer.emit(site);
}

/** How many kinds of unknown operators a message names. */
const NAMED = 20;

/** Names every kind of operator of the model that has no importer, with its count and first place. */
function rejectUnknownOperators(file: ModelFile, name: string): void {
  const uses = new Map<string, FileOperator[]>();
  for (const operator of file.operators) {
    if (Object.hasOwn(IMPORTERS, operator.operator)) continue;
    const known = uses.get(operator.operator);
    if (known) known.push(operator);
    else uses.set(operator.operator, [operator]);
  }
  if (uses.size === 0) return;
  const list = [...uses].slice(0, NAMED).map(([operator, found]) => {
    const [first] = found;
    const output = shortName(file.tensors[first?.outputs[0] ?? -1]?.name ?? '');
    const times = found.length === 1 ? 'once' : `${found.length} times`;
    return `${shortName(operator)} (${times}, first as #${first?.index} '${output}')`;
  });
  if (uses.size > NAMED) list.push(`${uses.size - NAMED} others`);
  throw new BitloomError(
    'BL103',
    `'${name}' uses ${list.join(', ')}`,
    'Rewrite these layers with supported operators (docs/operators.md) or run them outside of the model',
  );
}
