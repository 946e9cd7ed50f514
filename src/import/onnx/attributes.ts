import { BitloomError, type DiagnosticCode } from '../../graph/diagnostics.js';
import { shortName } from '../../graph/graph.js';
import type { OnnxNode, OnnxTensor } from './model.js';

/** How messages name a node: "Conv #3 ('its output')". */
export function describe(node: OnnxNode): string {
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  return `${shortName(op)} #${node.index} ('${shortName(node.outputs[0] ?? '')}')`;
}

/** Throws, naming the node. */
export function fail(
  node: OnnxNode,
  code: DiagnosticCode,
  problem: string,
  wayOut = 'Export the model again',
): never {
  throw new BitloomError(code, `${describe(node)} ${problem}`, wayOut);
}

/** A number (int or float). Without a fallback the attribute must be there. Errors: BL102. */
export function numberOf(node: OnnxNode, name: string, fallback?: number): number {
  const value = node.attributes.get(name) ?? fallback;
  return typeof value === 'number' ? value : fail(node, 'BL102', `has no number '${name}'`);
}

/** A text. Errors: BL102. */
export function textOf(node: OnnxNode, name: string, fallback?: string): string {
  const value = node.attributes.get(name) ?? fallback;
  return typeof value === 'string' ? value : fail(node, 'BL102', `has no text '${name}'`);
}

/** Numbers; null where the attribute is absent. Errors: BL102. */
export function numbersOf(node: OnnxNode, name: string): readonly number[] | null {
  const value = node.attributes.get(name);
  if (value === undefined) return null;
  const numbers = Array.isArray(value) && value.every((item) => typeof item === 'number');
  return numbers ? (value as readonly number[]) : fail(node, 'BL102', `has no list of numbers '${name}'`);
}

/** A constant in an attribute; null where it is absent. Errors: BL102. */
export function tensorOf(node: OnnxNode, name: string): OnnxTensor | null {
  const value = node.attributes.get(name);
  if (value === undefined) return null;
  return typeof value === 'object' && 'data' in value
    ? value
    : fail(node, 'BL102', `has no tensor '${name}'`);
}
