/**
 * DynamicQuantizeLinear written out as the float operators of its definition (https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html),
 * as tools write it that inline functions: found again and put back.
 */
import { numberOf } from './attributes.js';
import type { OnnxModel, OnnxNode } from './model.js';

/** A number, the input x, or an operator of such. */
type Term = number | 'x' | Application;

interface Application {
  readonly op: string;
  readonly inputs: readonly Term[];
}

const of = (op: string, ...inputs: Term[]): Application => ({ op, inputs });

const LOW = of('Min', of('ReduceMin', 'x'), 0);
const SCALE = of('Div', of('Sub', of('Max', of('ReduceMax', 'x'), 0), LOW), 255);
const ZERO = of('Cast', of('Round', of('Clip', of('Sub', 0, of('Div', LOW, SCALE)), 0, 255)));

/** What else an operator of these must say. */
const ATTRIBUTES: Readonly<Record<string, (node: OnnxNode) => boolean>> = {
  Cast: (node) => numberOf(node, 'to') === 2,
  ReduceMin: ofAll,
  ReduceMax: ofAll,
};

function ofAll(node: OnnxNode): boolean {
  return numberOf(node, 'keepdims', 1) === 0 && !node.attributes.has('axes');
}

/** The model with each such group of operators as one, in the place of that which computes the scale. */
export function contracted(model: OnnxModel): OnnxModel {
  const makers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const groups = model.nodes.flatMap((node) => {
    const [x = '', scale = '', zero = ''] = node.inputs;
    if (node.op !== 'QuantizeLinear') return [];
    const members = new Set([node]);
    const isTerm = (name: string, term: Term): boolean => {
      if (term === 'x') return name === x;
      if (typeof term === 'number') return model.constants.get(name)?.data.join() === `${term}`;
      const maker = makers.get(name);
      if (maker?.op !== term.op || maker.domain !== '' || !(ATTRIBUTES[term.op]?.(maker) ?? true))
        return false;
      members.add(maker);
      const { inputs } = maker;
      return inputs.length === term.inputs.length && term.inputs.every((part, i) => isTerm(inputs[i]!, part));
    };
    return isTerm(scale, SCALE) && isTerm(zero, ZERO) ? [{ node, x, scale, zero, members }] : [];
  });
  if (groups.length === 0) return model;
  const replaced = new Map(
    groups.map(({ node, x, scale, zero }) => {
      const outputs = [node.outputs[0]!, scale, zero];
      const whole = { ...node, op: 'DynamicQuantizeLinear', inputs: [x], outputs, attributes: new Map() };
      return [makers.get(scale)!, whole] as const;
    }),
  );
  const made = new Set([...replaced.values()].flatMap(({ outputs }) => outputs));
  const members = new Set(groups.flatMap((group) => [...group.members]));
  const read = new Set(model.outputs.map(({ name }) => name));
  // From the last: an operator stays if it is no member, or if something that stays reads it.
  const nodes = model.nodes.toReversed().flatMap((node) => {
    const whole = replaced.get(node);
    const stays = !members.has(node) || node.outputs.some((name) => read.has(name) && !made.has(name));
    if (!whole && !stays) return [];
    const kept = whole ?? node;
    for (const name of kept.inputs) read.add(name);
    return [kept];
  });
  return { ...model, nodes: nodes.toReversed() };
}
